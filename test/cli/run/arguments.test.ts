import { resolve } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseOptions } from '../../../src/cli/options.js';
import { runArguments, runOptions } from '../../../src/cli/run/arguments.js';

function parse(...args: string[]) {
  const { values, operands } = parseOptions(args, runOptions);
  return runArguments(values as Parameters<typeof runArguments>[0], operands);
}

test('a program alone: everything else is as the scenario says', () => {
  assert.equal(parse('lb.ts'), {
    target: 'lb.ts',
    overrides: {},
    objects: { prog: undefined, checked: undefined },
    btf: undefined,
    frames: undefined,
    durationMs: undefined,
    out: undefined,
    timeline: undefined,
    ledger: false,
    prometheus: undefined,
    json: false,
  });
});

test('every option arrives', () => {
  const args =
    '--rx 2 --cpus 4 --kernel 6.1 --seed 7 --frames 100 --out dir --timeline t.json --prometheus localhost:9100 --json --prog main --checked --btf vmlinux'.split(
      ' ',
    );
  assert.equal(parse('lb.ts', ...args), {
    target: 'lb.ts',
    overrides: { rx: 2, cpus: 4, kernel: '6.1', seed: 7 },
    objects: { prog: 'main', checked: true },
    btf: 'vmlinux',
    frames: 100,
    durationMs: undefined,
    out: 'dir',
    timeline: 't.json',
    ledger: false,
    prometheus: { host: 'localhost', port: 9100 },
    json: true,
  });
});

test('a capture is replayed once, as often as --loop says, or as long as --duration lasts', () => {
  const loopOf = (...args: string[]) => parse('lb.ts', '--pcap', 'a.pcap', ...args).overrides;
  const capture = resolve('a.pcap');
  assert.equal(loopOf(), { traffic: [{ capture, loop: 1 }] });
  assert.equal(loopOf('--loop', '3'), { traffic: [{ capture, loop: 3 }] });
  assert.equal(loopOf('--duration', '3'), { traffic: [{ capture, loop: 2 ** 32 - 1 }] });
});

test('traffic is parsed, its capture relative to the working directory', () => {
  assert.equal(parse('lb.ts', '--traffic', 'flows=8,frames=100').overrides, {
    traffic: [{ flows: 8, frames: 100 }],
  });
  assert.equal(parse('lb.ts', '--traffic', 'capture=a.pcap,device=eth1').overrides, {
    traffic: [{ capture: resolve('a.pcap'), device: 'eth1' }],
  });
});

test('a duration is in seconds, also parts of them', () => {
  assert.is(parse('lb.ts', '--duration', '0.25').durationMs, 250);
  assert.is(parse('lb.ts', '--duration', '.5').durationMs, 500);
});

for (const [args, message] of [
  ['', 'expected a program or a scenario: xdpemu run PROGRAM|SCENARIO.json'],
  ['a.ts b.ts c.ts', 'expected one program or scenario, found also b.ts, c.ts'],
  ['a.ts --frames 0', '--frames: expected a whole number from 1, found 0'],
  ['a.ts --frames 1e6', '--frames: expected a whole number from 1, found 1e6'],
  ['a.ts --frames -1', '--frames: expected a whole number from 1, found -1'],
  [
    'a.ts --duration 0',
    '--duration: expected seconds as a decimal number above 0 (10, 0.5), found 0',
  ],
  [
    'a.ts --duration 5s',
    '--duration: expected seconds as a decimal number above 0 (10, 0.5), found 5s',
  ],
  ['a.ts --frames 5 --duration 5', '--frames and --duration: expected one of the two, found both'],
  ['a.ts --pcap a --traffic b', '--pcap and --traffic: expected one of the two, found both'],
  ['a.ts --loop 2', '--loop: expected --pcap FILE with it, found none'],
  ['a.ts --pcap a --loop no', '--loop: expected a whole number from 1 to 4294967295, found no'],
  ['a.ts --rx 257', '--rx: expected a whole number from 1 to 256, found 257'],
  ['a.ts --cpus 0', '--cpus: expected a whole number from 1 to 256, found 0'],
  ['a.ts --seed -1', '--seed: expected a whole number from 0 to 4294967295, found -1'],
  ['a.ts --kernel 5.15', '--kernel: expected 6.18 or 6.1, found 5.15'],
  ['a.ts --traffic flow=3', '--traffic: flow: expected'],
] as const) {
  test(`"run ${args}" is refused`, () => {
    assert.throws(
      () => parse(...args.split(' ').filter((arg) => arg !== '')),
      (error: Error) => error.message.startsWith(message),
    );
  });
}

test.run();
