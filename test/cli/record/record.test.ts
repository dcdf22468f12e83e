import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Report } from '../../../src/report/report.js';
import { type PerfData, readPerfData } from '../../perfData/readPerfData.js';
import { isPerfInstalled, perf } from '../../support/perf.js';
import { cli, programFile, withFolder } from '../support/cli.js';

const MISHAPS = programFile('mishaps');
const DOCUMENTED = ['err', 'map_err'].map((name) => `-e xdp:xdp_redirect_${name}`).join(' ');
/** Documentation/bpf/redirect.rst. */
const KERNEL_DOCUMENT = `-a ${DOCUMENTED} -e xdp:xdp_exception -e xdp:xdp_devmap_xmit`.split(' ');

/** Events of the run, as its own report and as the file count them. */
function countsOf({ attrs, samples, features }: PerfData): Record<string, number> {
  const formats = features.get(1)!.toString();
  return Object.fromEntries(
    attrs.map(({ config, ids }) => {
      const name = new RegExp(`name: (\\w+)\\nID: ${config}\\n`).exec(formats)![1]!;
      return [name, samples.filter(({ id }) => ids.includes(id)).length];
    }),
  );
}

function scriptCounts(path: string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const [, name] of perf(['script', '-i', path, '-F', 'event']).matchAll(/xdp:(\w+):/g)) {
    counts[name!] = (counts[name!] ?? 0) + 1;
  }
  return counts;
}

test('a file has as many samples of each event as the run counted', async () => {
  await withFolder(async (cwd) => {
    const { code, stdout, stderr } = await cli(['record', '--', 'run', MISHAPS, '--json'], { cwd });
    assert.is(code, 0, stderr);
    assert.is(stdout, '');
    const [woken, captured, json] = stderr.trimEnd().split('\n');
    const { events } = JSON.parse(json!) as Report;
    for (const name of [
      'redirect',
      'redirect_err',
      'exception',
      'devmap_xmit',
      'bulk_tx',
      'cpumap_kthread',
    ]) {
      assert.ok(events[`xdp_${name}`]! > 0, name);
    }
    const path = join(cwd, 'perf.data');
    const data = readPerfData(readFileSync(path));
    assert.equal(countsOf(data), { ...events, bpf_xdp_link_attach_failed: 0 });
    assert.ok(data.comms.some(({ comm }) => /^cpumap\/1\/map:\d+$/.test(comm)));
    assert.match(woken!, /^\[ perf record: Woken up \d+ times to write data \]$/);
    const megabytes = (statSync(path).size / 1024 / 1024).toFixed(3);
    const { length } = data.samples;
    assert.is(
      captured,
      `[ perf record: Captured and wrote ${megabytes} MB perf.data (${length} samples) ]`,
    );
    if (!isPerfInstalled) return;
    const fired = Object.entries(events).filter(([, count]) => count > 0);
    assert.equal(scriptCounts(path), Object.fromEntries(fired));
    const report = perf(['report', '--stdio', '-i', path]);
    for (const [name, count] of fired) {
      assert.match(
        report,
        new RegExp(`of event 'xdp:${name}'\\n# Event count \\(approx\\.\\): ${count}\\n`),
      );
    }
  });
});

test("the kernel document's command works as it stands on 6.1", async () => {
  await withFolder(async (cwd) => {
    const args = [...KERNEL_DOCUMENT, '--', 'run', MISHAPS, '--kernel', '6.1', '--json'];
    const { code, stderr } = await cli(['record', ...args], { cwd });
    assert.is(code, 0, stderr);
    const { events } = JSON.parse(stderr.trimEnd().split('\n').at(-1)!) as Report;
    const data = readPerfData(readFileSync(join(cwd, 'perf.data')));
    const wanted = ['xdp_redirect_err', 'xdp_redirect_map_err', 'xdp_exception', 'xdp_devmap_xmit'];
    assert.equal(countsOf(data), Object.fromEntries(wanted.map((name) => [name, events[name]])));
  });
});

test('an event that 6.18 lacks is refused before anything is written', async () => {
  await withFolder(async (cwd) => {
    const { code, stderr } = await cli(['record', ...KERNEL_DOCUMENT, '--', 'run', MISHAPS], {
      cwd,
    });
    assert.is(code, 2);
    assert.match(stderr, /^xdpemu: -e xdp:xdp_redirect_map_err: Linux 6\.18 has no such event/);
    assert.not(existsSync(join(cwd, 'perf.data')));
  });
});

test('a file of before becomes perf.data.old; -q says nothing of what was recorded', async () => {
  await withFolder(async (cwd) => {
    writeFileSync(join(cwd, 'x.data'), 'before');
    const args = ['-q', '-o', 'x.data', '-e', 'xdp:xdp_exception', '--', 'run', MISHAPS];
    const { code, stderr } = await cli(['record', ...args], { cwd });
    assert.is(code, 0, stderr);
    assert.not.match(stderr, /perf record/);
    assert.is(readFileSync(join(cwd, 'x.data.old'), 'utf8'), 'before');
    assert.is(statSync(join(cwd, 'x.data')).mode & 0o777, 0o600);
  });
});

for (const [args, message] of [
  [['-o', '-'], '-o -: expected a file, found standard output'],
  [['-o', '.'], '-o .: expected a file, found a directory'],
  [['-o', '/dev/full'], '-o /dev/full: cannot be written: ENOSPC: no space left on device, write'],
  [['xdp:*'], 'expected -- before run, found xdp:*'],
] as const) {
  test(`record ${args.join(' ')} is refused`, async () => {
    await withFolder(async (cwd) => {
      const { code, stderr } = await cli(['record', ...args, '--', 'run', MISHAPS], { cwd });
      assert.is(code, 2);
      assert.is(stderr, `xdpemu: ${message}\n`);
    });
  });
}

test.run();
