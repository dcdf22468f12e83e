/**
 * `npm run test:kernel [-- SEQUENCES [SEED]]`: random map system calls, made on this machine's own kernel and by the
 * emulator. Needs Linux with BPF, root and a C compiler; says so and passes where it has them not.
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { release, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describeDifference } from '../../src/replay/difference.js';
import { replayText } from '../../src/replay/replay.js';
import { mapTraceInputs } from '../model/generate/mapTraces.js';
import { formatMapTrace, type MapTraceHeader } from '../model/mapTrace.js';
import { attribute, BPF, MAP_TYPES } from './recorder/bpf.js';
import { harmless } from './recorder/harmless.js';
import { Recorder, RecorderProgram } from './recorder/recorder.js';
import { recordMaps } from './recorder/recordMaps.js';

const MAX_OPS = 150;
const NR_CPUS_MAX = 2 ** 16;

function skip(reason: string): never {
  console.log(`skipped: no comparison with this machine's kernel: ${reason}`);
  process.exit(0);
}

/** What differs between machines and is not the emulator's to know. */
type Machine = Pick<MapTraceHeader, 'kernel' | 'possibleCpus' | 'nrCpus'>;

async function withRecorder<T>(
  program: RecorderProgram,
  use: (recorder: Recorder) => Promise<T>,
): Promise<T> {
  const recorder = new Recorder(program);
  try {
    return await use(recorder);
  } finally {
    await recorder.end();
  }
}

/** Skips where the kernel refuses what the recordings are made of. */
async function examine(program: RecorderProgram): Promise<Machine> {
  const possible = readFileSync('/sys/devices/system/cpu/possible', 'utf8');
  const possibleCpus = Number(possible.trim().split('-').at(-1)) + 1;
  return withRecorder(program, async (recorder) => {
    await recorder.run('ip link add probe type veth && ip link delete probe');
    const createsCpumap = async (entries: number) => {
      const bytes = attribute(80, { 0: MAP_TYPES.cpumap, 4: 4, 8: 8, 12: entries });
      const { result, errno } = await recorder.bpf(BPF.MAP_CREATE, bytes);
      if (result >= 0) await recorder.close(result);
      else if (entries === 1) throw new Error(`a cpumap cannot be created: errno ${errno}`);
      return result >= 0;
    };
    await createsCpumap(1);
    let [most, tooMany] = [1, NR_CPUS_MAX];
    while (tooMany - most > 1) {
      const middle = (most + tooMany) >>> 1;
      if (await createsCpumap(middle)) most = middle;
      else tooMany = middle;
    }
    return { kernel: release(), possibleCpus, nrCpus: most };
  });
}

/** Records one sequence and replays it; what to say of a difference. */
async function compare(
  program: RecorderProgram,
  machine: Machine,
  seed: number,
): Promise<string | undefined> {
  const [input] = fc.sample(mapTraceInputs({ maxOps: MAX_OPS }), { seed, numRuns: 1 });
  const ops = harmless(input!.ops, totalmem());
  const header = { ...input!.header, ...machine, seed, ops: ops.length };
  const results = await withRecorder(program, (recorder) => recordMaps(recorder, header, ops));
  const text = formatMapTrace({ header, ops, results });
  const { difference } = replayText(`seed ${seed}`, text);
  if (difference === undefined) return undefined;
  const file = join(tmpdir(), `xdpemu-maps-${seed}.jsonl`);
  writeFileSync(file, text);
  return `seed ${seed}: ${describeDifference(difference)}\n  xdpemu replay ${file}`;
}

async function main(sequences: number, seed: number): Promise<void> {
  if (process.platform !== 'linux') skip(`expected Linux, found ${process.platform}`);
  if (process.getuid?.() !== 0) skip('expected to be root');
  let program: RecorderProgram | undefined;
  let machine: Machine;
  try {
    program = new RecorderProgram();
    machine = await examine(program);
  } catch (error) {
    program?.[Symbol.dispose]();
    skip((error as Error).message);
  }
  using recorders = program;
  process.once('SIGINT', () => {
    recorders[Symbol.dispose]();
    process.exit(130);
  });
  console.log(`Linux ${machine.kernel}, seeds ${seed} to ${seed + sequences - 1}`);
  let differing = 0;
  for (let next = seed; next < seed + sequences; next++) {
    const difference = await compare(recorders, machine, next);
    if (difference === undefined) continue;
    differing++;
    console.log(difference);
  }
  console.log(`${sequences - differing} sequences as the kernel, ${differing} not`);
  process.exitCode = differing > 0 ? 1 : 0;
}

const [sequences = '100', seed = String(Date.now() % 2 ** 30)] = process.argv.slice(2);
await main(wholeNumber('SEQUENCES', sequences), wholeNumber('SEED', seed));

function wholeNumber(name: string, text: string): number {
  if (/^\d{1,10}$/.test(text)) return Number(text);
  console.error(`${name}: expected a whole number, found ${text}`);
  process.exit(2);
}
