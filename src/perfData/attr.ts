/** `enum perf_event_sample_format` (include/uapi/linux/perf_event.h). */
const SAMPLE = {
  IP: 1,
  TID: 2,
  TIME: 4,
  CPU: 0x80,
  PERIOD: 0x100,
  RAW: 0x400,
  IDENTIFIER: 0x10000,
};

const SAMPLE_TYPE = Object.values(SAMPLE).reduce((bits, bit) => bits | bit);

const TYPE_TRACEPOINT = 2;
const FORMAT_ID = 4;
/**
 * Bits of the attribute's flags: disabled, inherit, sample_id_all, as `perf record` sets them, and exclude_kernel: perf
 * would look for the symbols of a kernel, and warn that there are none.
 */
const FLAGS = 1 | (1 << 1) | (1 << 5) | (1 << 18);

/** PERF_ATTR_SIZE_VER0: all that is needed here, and what every perf reads. */
export const ATTR_BYTES = 64;

/** Writes the `struct perf_event_attr` of a tracepoint, sampled every time it fires. */
export function writeAttr(view: DataView, at: number, eventId: number): void {
  view.setUint32(at, TYPE_TRACEPOINT, true);
  view.setUint32(at + 4, ATTR_BYTES, true);
  view.setBigUint64(at + 8, BigInt(eventId), true);
  view.setBigUint64(at + 16, 1n, true);
  view.setBigUint64(at + 24, BigInt(SAMPLE_TYPE), true);
  view.setBigUint64(at + 32, BigInt(FORMAT_ID), true);
  view.setBigUint64(at + 40, BigInt(FLAGS), true);
}
