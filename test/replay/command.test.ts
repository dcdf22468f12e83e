import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type ReplayCommandOptions, runReplay } from '../../src/replay/command.js';
import { formatMapTrace, parseMapTrace } from '../model/mapTrace.js';
import { bundledTraces } from '../model/traceFiles.js';

const [owner] = bundledTraces('maps').filter(({ name }) => name === 'directed-map-owner.jsonl');
const [redirect] = bundledTraces('redirect').filter(({ name }) => name === 'native-batches.json');

/** The recording with another errno on line 2. */
function spoiled(): string {
  const trace = parseMapTrace(owner!.text);
  return formatMapTrace({ ...trace, results: [{ errno: 7 }, ...trace.results.slice(1)] });
}

/** A map that is frozen twice, as on 6.18. */
function frozen(): string {
  const { header, ops } = parseMapTrace(owner!.text);
  const [create] = ops;
  const freeze = { op: 'freeze', map: 'cpumap_0' } as const;
  const results = [{ errno: 0 }, { errno: 0 }, { errno: 1 }];
  return formatMapTrace({ header, ops: [create!, freeze, freeze], results });
}

const FILES: Readonly<Record<string, string>> = {
  'good.jsonl': owner!.text,
  'redirect.json': redirect!.text,
  'spoiled.jsonl': spoiled(),
  'frozen.jsonl': frozen(),
  'package.json': '{"name": "something else"}',
  'broken.json': '{"format": "xdp-redirect-trace"',
  'lacking.json': '{"format": "xdp-redirect-trace", "version": 1, "title": "no more than this"}',
};

function read(path: string): string {
  const text = FILES[path];
  if (text === undefined) throw new Error(`ENOENT: no such file or directory, open '${path}'`);
  return text;
}

async function run(files: readonly string[], options: Partial<ReplayCommandOptions> = {}) {
  const written: string[] = [];
  const exitCode = await runReplay(files, {
    ...options,
    read,
    write: (text) => written.push(text),
  });
  return { exitCode, output: written.join('') };
}

test('recordings that pass are a line each, and a count', async () => {
  const { exitCode, output } = await run(['good.jsonl', 'redirect.json']);

  assert.is(output, 'ok good.jsonl\nok redirect.json\n2 passed, 0 failed\n');
  assert.is(exitCode, 0);
});

test('a recording that fails says where, what was expected and what was found', async () => {
  const { exitCode, output } = await run(['spoiled.jsonl', 'good.jsonl']);

  assert.is(
    output,
    'FAILED spoiled.jsonl: line 2, errno: expected 7, found 0\nok good.jsonl\n1 passed, 1 failed\n',
  );
  assert.is(exitCode, 1);
});

test('a file that cannot be used is named with the reason, and the others are replayed', async () => {
  const { exitCode, output } = await run([
    'absent',
    'package.json',
    'broken.json',
    'lacking.json',
    'good.jsonl',
  ]);

  assert.equal(output.split('\n'), [
    "error absent: cannot be read: ENOENT: no such file or directory, open 'absent'",
    'error package.json: expected a recording of format xdp-map-trace or xdp-redirect-trace, found none',
    'error broken.json: the file: not JSON',
    'error lacking.json: the file: cpus: expected "cpus", found undefined',
    'ok good.jsonl',
    '1 passed, 4 failed',
    '',
  ]);
  assert.is(exitCode, 2);
});

test('--json writes one document', async () => {
  const { exitCode, output } = await run(['spoiled.jsonl', 'absent'], { json: true });

  const { files, passed, failed } = JSON.parse(output);
  assert.equal([passed, failed], [0, 2]);
  assert.equal(files[0].difference, { line: 2, path: 'errno', expected: 7, found: 0 });
  assert.match(files[1].error, /^cannot be read/);
  assert.is(exitCode, 2);
});

test('--verbose shows both sequences side by side, and marks where they differ', async () => {
  const { output } = await run(['spoiled.jsonl'], { verbose: true });

  const [, second, third] = output.split('\n');
  assert.match(second ?? '', /^ {2}op=create errno=7 +\| op=create errno=0$/);
  assert.match(third ?? '', /^ {2}op=\w+ errno=0 +op=\w+ errno=0/);
});

test('--kernel 6.1 replays as 6.1 would have done', async () => {
  assert.is((await run(['frozen.jsonl'], { kernel: 618 })).exitCode, 0);
  const { exitCode, output } = await run(['frozen.jsonl'], { kernel: 601 });

  assert.match(output, 'FAILED frozen.jsonl: line 4, errno: expected 1, found 16');
  assert.is(exitCode, 1);
});

test('--threads runs what does not depend on timing on workers, and skips the rest with the reason', async () => {
  const { exitCode, output } = await run(['redirect.json', 'good.jsonl'], { threads: true });

  assert.equal(output.split('\n'), [
    'ok redirect.json',
    'skip good.jsonl: map system calls are made by one thread',
    '1 passed, 0 failed, 1 skipped',
    '',
  ]);
  assert.is(exitCode, 0);
});

test.run();
