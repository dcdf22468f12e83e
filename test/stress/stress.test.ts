import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { InvariantError } from '../../src/machine/failure.js';
import { stressCommand } from '../../src/stress/command.js';
import { DisturbanceError } from '../../src/stress/disturbances.js';
import { Random } from '../../src/stress/random.js';
import { type StressReport, stressText } from '../../src/stress/report.js';
import { runStress } from '../../src/stress/stress.js';
import { failureOf, program, withThreads } from '../machine/threads.js';

const ended = ({ fates }: StressReport['frames']) =>
  Object.values(fates).reduce((sum, n) => sum + n, 0);

test('a stress run passes, for a time', async () => {
  const report = await runStress({ durationMs: 2000, seed: 1, rx: 2, cpus: 4 });
  assert.equal(report.failures, [], stressText(report));
  assert.is(report.frames.received, ended(report.frames));
  assert.ok(report.framesPerSecond > 1000);
  assert.ok(
    Object.values(report.disturbances).every((n) => n > 0),
    'every kind of disturbance',
  );
});

test('and for a number of frames', async () => {
  const report = await runStress({ frames: 100_000, seed: 2, rx: 1, cpus: 2 });
  assert.equal(report.failures, [], stressText(report));
  assert.ok(report.frames.received >= 100_000, 'copies and what sockets send come on top');
});

test('it ends early on a signal, with its report', async () => {
  const report = await runStress({
    durationMs: 60_000,
    seed: 3,
    rx: 1,
    cpus: 1,
    signal: AbortSignal.timeout(300),
  });
  assert.equal(report.failures, []);
  assert.ok(report.elapsedNs < 20e9);
});

test('a disturbance that throws ends the run, which says so', async () => {
  let calls = 0;
  const report = await runStress({
    durationMs: 60_000,
    seed: 4,
    rx: 1,
    cpus: 1,
    disturb: () => {
      if (++calls === 5) throw new DisturbanceError('socketOpen', new Error('EBADF: some map'));
      return { kind: 'link', what: 'nothing' };
    },
  });

  assert.equal(report.failures, ['disturbance socketOpen: EBADF: some map']);
  assert.is(calls, 5);
  assert.match(stressText(report), /again: xdpemu stress --seed 4 --rx 1 --cpus 1 --duration 60\n/);
});

test('a flow that takes two ways to one target is found out', async () => {
  const error = await failureOf(
    withThreads(
      {
        cpus: 2,
        devices: [
          { name: 'eth0', program: 'main' },
          { name: 'out0', txQueues: 1, drain: 'always' },
        ],
        programs: {
          main: program('twoWays'),
          onward: program('onward', 'xdp/cpumap'),
        },
        maps: {
          cpus: { type: 'cpumap', entries: [{ key: 1, qsize: 64, program: 'onward' }] },
          ports: { type: 'devmap', entries: [{ key: 0, device: 'out0' }] },
          onward: { type: 'devmap', entries: [{ key: 0, device: 'out0' }] },
        },
        traffic: [{ device: 'eth0', flows: 1, stamps: true }],
      },
      {},
      (machine) => machine.run({ frames: 100_000 }),
    ),
  );
  assert.instance(error, InvariantError);
  assert.match((error as Error).message, /a flow reached a target out of order, or twice/);
});

test('stamps of one run do not stand in the way of the next', async () => {
  const scenario = {
    devices: [{ name: 'eth0', program: 'main' }],
    programs: { main: program('toPort') },
    maps: { ports: { type: 'devmap' as const, entries: [{ key: 0, device: 'eth0' }] } },
    traffic: [
      { device: 'eth0', flows: 4, length: [60, 100, 200], stamps: true },
      { device: 'eth0', flows: 3, stamps: true },
    ],
  };
  await withThreads(scenario, {}, async (machine) => {
    await machine.run({ frames: 1000 });
    const { frames } = await machine.run({ frames: 1000 });
    assert.is(frames.fates['transmitted'], 2000);
  });
});

test('the same seed makes the same choices', () => {
  const choices = (seed: number) => {
    const random = new Random(seed);
    return Array.from({ length: 100 }, () => random.below(1000));
  };
  assert.equal(choices(7), choices(7));
  assert.not.equal(choices(7), choices(8));
  assert.ok(choices(7).every((n) => n >= 0 && n < 1000));
});

// -- the command

async function command(values: Record<string, string | true>, operands: readonly string[] = []) {
  let stdout = '';
  const io = {
    stdout: { write: (text: string) => (stdout += text) },
    stderr: { write: () => {}, isTTY: false },
  };
  const code = await stressCommand.run({ values, operands }, io);
  return { code, stdout };
}

test('the command prints a report and says by its exit code whether it passed', async () => {
  const text = await command({ duration: '0.2', seed: '5', rx: '1', cpus: '1' });
  assert.is(text.code, 0, text.stdout);
  assert.match(text.stdout, /^passed: \d+ frames in .*, seed 5\n/);
  const json = await command({ frames: '1000', rx: '1', cpus: '1', json: true });
  const report = JSON.parse(json.stdout) as StressReport;
  assert.equal(report.failures, []);
  assert.is(report.seed, 1);
});

test('a failed run tells what broke and what was done before', () => {
  const text = stressText({
    failures: ['2 kthreads did not end'],
    seed: 9,
    command: 'xdpemu stress --seed 9',
    elapsedNs: 1e9,
    framesPerSecond: 10,
    frames: { received: 10, fates: { pass: 10 } },
    events: {},
    disturbances: { cpuReplace: 1 } as never,
    log: ['3 ms cpuReplace 2 64 -'],
  });
  assert.match(text, /^FAILED: .*seed 9\n/);
  assert.match(
    text,
    /last disturbances:\n {2}3 ms cpuReplace 2 64 -\nbroken: 2 kthreads did not end\nagain: xdpemu stress --seed 9\n/,
  );
});

test('wrong arguments are refused, with what was expected', async () => {
  const refused: readonly [Record<string, string>, RegExp][] = [
    [{ rx: '0' }, /--rx: expected a whole number from 1 to 128, found 0/],
    [{ cpus: 'x' }, /--cpus: expected a whole number from 1 to 128, found x/],
    [{ duration: '-1' }, /--duration: expected a number from 0/],
    [{ duration: '1', frames: '1' }, /expected --duration or --frames, found both/],
    [{ seed: '1.5' }, /--seed: expected a whole number/],
  ];
  for (const [values, message] of refused) {
    const error = await failureOf(command(values));
    assert.instance(error, RangeError);
    assert.match((error as Error).message, message);
  }
  assert.match(((await failureOf(command({}, ['x']))) as Error).message, /no operands/);
});

test.run();
