import { Recording, TEXT_MAX_BYTES, TraceRecord } from '../arena/layout.generated.js';
import type { Scenario } from '../scenario/scenario.js';

/** How much room the records of a frame may take: contexts wait for it, so that none is lost. */

/** Bytes of a record's head and of what surrounds it in the trace ring, and records that one frame can cause. */
const RECORD_BYTES = TraceRecord.SIZE + 8;
const RECORDS_PER_FRAME = 16;
const RECORDS_PER_DEVICE = 6;
/** Those of the ledger: reception, entry and exit of a program, a ring and a refusal for the frame and each target. */
const STEPS_PER_TARGET = 4;
/** The head of a frame that comes in, and the tags of a device's bulk (`src/dataplane/trace/ledger.ts`). */
const HEAD_BYTES = 128;
const BULK_TAGS_BYTES = 64;
const ETH_VLAN_FCS_BYTES = 22;
/** Frames that a step handles at most, and one that may wrap. */
const FRAMES_PER_STEP = 65;

/** Bytes of the longest frame that a device receives. */
export function longestFrame({ devices }: Scenario): number {
  return Math.max(...devices.map(({ mtu }) => mtu)) + ETH_VLAN_FCS_BYTES;
}

/** Most bytes of records that one frame can cause in one context, where `bits` are recorded. */
export function recordBytesPerFrame(scenario: Scenario, bits: number): number {
  const nrDevices = scenario.devices.length;
  const longest = longestFrame(scenario);
  let bytes = longest + RECORD_BYTES * (RECORDS_PER_FRAME + RECORDS_PER_DEVICE * nrDevices);
  // The frame's own program and target, and where it is broadcast those of each device.
  const targets = 1 + nrDevices;
  if (bits & Recording.LEDGER) {
    bytes += HEAD_BYTES + targets * (STEPS_PER_TARGET * RECORD_BYTES + BULK_TAGS_BYTES);
  }
  if (bits & Recording.STAGES) bytes += 2 * targets * longest;
  return bytes;
}

/** Lines of `bpf_trace_printk` that each frame has room for. */
const PRINTS_PER_FRAME = 4;
/** Bytes for what programs print of one frame, where any does. */
export const PRINT_BYTES_PER_FRAME = PRINTS_PER_FRAME * (TraceRecord.SIZE + TEXT_MAX_BYTES);

/** Bytes of a context's trace ring, a power of two: the records of a whole step, and of the one before it, fit. */
export function traceRingBytes(
  scenario: Scenario,
  withStages: boolean,
  printBytesPerFrame: number,
): number {
  const bits = Recording.LEDGER | (withStages ? Recording.STAGES : 0);
  const bytes = (recordBytesPerFrame(scenario, bits) + printBytesPerFrame) * FRAMES_PER_STEP * 2;
  return 2 ** Math.ceil(Math.log2(bytes));
}
