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
import { type RecorderProgram, withRecorder } from './recorder/recorder.js';
import { recordMaps } from './recorder/recordMaps.js';

const MAX_OPS = 150;
const NR_CPUS_MAX = 2 ** 16;

/** What differs between machines and is not the emulator's to know. */
export type MachineTraits = Pick<MapTraceHeader, 'kernel' | 'possibleCpus' | 'nrCpus'>;

/** Throws where the kernel refuses what the recordings are made of. */
export async function examine(program: RecorderProgram): Promise<MachineTraits> {
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
  machine: MachineTraits,
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

/** Random map system calls, made on this machine's own kernel and by the emulator; returns how many sequences differ. */
export async function compareMapCalls(
  program: RecorderProgram,
  machine: MachineTraits,
  { runs, seed }: { readonly runs: number; readonly seed: number },
): Promise<number> {
  let differing = 0;
  for (let next = seed; next < seed + runs; next++) {
    const difference = await compare(program, machine, next);
    if (difference === undefined) continue;
    differing++;
    console.log(difference);
  }
  console.log(`map calls: ${runs - differing} sequences as the kernel, ${differing} not`);
  return differing;
}
