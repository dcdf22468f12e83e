import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PcapWriter } from '../../../src/capture/pcapWriter.js';

/** Folder of outcomes.bpf.c and what belongs to it. */
export const OUTCOMES_FOLDER = fileURLToPath(
  new URL('../../../../test/fixtures/monitor/', import.meta.url),
);
export const OUTCOMES = join(OUTCOMES_FOLDER, 'outcomes.json');

/** What the program does with a frame, and its cpumap program with one that it is given. */
const OUTCOME_COUNT = 7;
const ON_CPU_COUNT = 3;
/** Of each kind, as kernelWorld.c sends them. */
const REPEAT = 8;
export const OUTCOME_FRAMES = OUTCOME_COUNT * ON_CPU_COUNT * REPEAT;

/** Writes a capture of frames of every outcome to `folder`; returns its path. */
export function writeOutcomeFrames(folder: string): string {
  const chunks: Uint8Array[] = [];
  const writer = new PcapWriter((chunk) => chunks.push(chunk));
  for (let onCpu = 0; onCpu < ON_CPU_COUNT; onCpu++) {
    for (let outcome = 0; outcome < OUTCOME_COUNT; outcome++) {
      const data = new Uint8Array(64);
      data.set([2, 0, 0, 0, 0, 1, 2, 0, 0, 0, onCpu, outcome, 8, 0]);
      for (let n = 0; n < REPEAT; n++) writer.writePacket({ data, timestampNs: 0n });
    }
  }
  const path = join(folder, 'outcomes.pcap');
  writeFileSync(path, Buffer.concat(chunks));
  return path;
}
