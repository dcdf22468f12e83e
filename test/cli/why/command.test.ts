import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { LedgerEntry } from '../../../src/ledger/entry.js';
import { cli, LAN_FRAMES, LAN_PCAP, PACKAGE_FOLDER, runJson, withFolder } from '../support/cli.js';

const MIXED = join(PACKAGE_FOLDER, 'examples/mixed.ts');

test('the ledger has every frame of a run once, with the fate that the report counts', async () => {
  await withFolder(async (folder) => {
    const { code, report } = await runJson([
      MIXED,
      '--pcap',
      LAN_PCAP,
      '--out',
      folder,
      '--ledger',
    ]);
    assert.is(code, 0);
    const [head, ...lines] = readFileSync(join(folder, 'ledger.jsonl'), 'utf8')
      .trimEnd()
      .split('\n');
    assert.is(JSON.parse(head!).ledger, 1);
    const entries = lines.map((line) => JSON.parse(line) as LedgerEntry);
    const counts: Record<string, number> = {};
    for (const { fate } of entries) counts[fate!] = (counts[fate!] ?? 0) + 1;
    assert.equal(counts, report.frames.fates);
    const numbers = entries.filter(({ copy }) => copy === undefined).map(({ frame }) => frame);
    assert.equal(
      numbers.sort((a, b) => a - b),
      Array.from({ length: LAN_FRAMES }, (_, i) => i + 1),
    );
    await whyTells(folder, entries);
  });
});

async function whyTells(folder: string, entries: readonly LedgerEntry[]): Promise<void> {
  const why = async (...args: string[]) => {
    const { code, stdout, stderr } = await cli(['why', folder, ...args]);
    assert.is(code, 0, stderr);
    return stdout;
  };
  const copied = entries.find(({ copy }) => copy === 1)!;
  const text = await why('--frame', String(copied.frame));
  assert.match(text, `frame ${copied.frame}, `);
  assert.match(text, `copy 1 of frame ${copied.frame}, `);
  const found = JSON.parse(
    await why('--sink', 'cpu:2', '--fate', 'pass', '--json', '--limit', '3'),
  );
  const meant = entries.filter(({ fate, sink }) => fate === 'pass' && sink === 'cpu:2');
  assert.is(found.matches, meant.length);
  assert.is(found.frames.length, 3);
  assert.is(
    found.ways.reduce((sum: number, { frames }: { frames: number }) => sum + frames, 0),
    meant.length,
  );
  const { flow } = entries.find((entry) => entry.flow !== undefined)!;
  const ofFlow = JSON.parse(await why('--flow', flow!, '--json'));
  assert.is(ofFlow.matches, entries.filter((entry) => entry.flow === flow).length);
  assert.is(await why('--fate', 'cpumap_full'), 'no such frame\n');
}

test('what is wrong with a request is said', async () => {
  await withFolder(async (folder) => {
    const failure = async (...args: string[]) => {
      const { code, stderr } = await cli(['why', ...args]);
      assert.is(code, 2);
      return stderr;
    };
    assert.match(await failure(folder), 'expected ledger.jsonl in it, found none');
    writeFileSync(join(folder, 'ledger.jsonl'), '{"frame":1}\n');
    assert.match(await failure(folder), 'expected a ledger of version 1, found {"frame":1}');
    assert.match(
      await failure(folder, '--fate', 'cpumap_ful'),
      '--fate cpumap_ful: no such fate; did you mean "cpumap_full"?',
    );
    assert.match(await failure(folder, '--flow', 'here'), '--flow: expected a flow as 10.0.0.1');
    assert.match(await failure(folder, folder), 'expected one folder, found also');
    assert.match(await failure(folder, '--frame', '0'), '--frame: expected a whole number from 1');
    const run = await cli(['run', MIXED, '--pcap', LAN_PCAP, '--ledger']);
    assert.match(run.stderr, '--ledger: expected --out DIR with it');
  });
});

test('a folder without a report has ways but no hints; one with a report of another kind is refused', async () => {
  await withFolder(async (folder) => {
    const { code } = await cli(['run', MIXED, '--pcap', LAN_PCAP, '--out', folder, '--ledger']);
    assert.is(code, 0);
    const report = join(folder, 'report.json');
    writeFileSync(report, '{}');
    const refused = await cli(['why', folder, '--frame', '1']);
    assert.equal([refused.code, refused.stdout], [2, '']);
    assert.match(refused.stderr, 'report.json: expected what xdpemu run --out writes');
    rmSync(report);
    const { stdout } = await cli(['why', folder, '--frame', '1', '--json']);
    const [frame] = JSON.parse(stdout).frames;
    assert.equal(frame.hints, []);
    assert.ok(frame.steps.length > 0);
  });
});

test.run();
