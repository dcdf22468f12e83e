import { layoutOf } from './tracepointFormat.js';
import type { TracepointInfo } from './tracepoints.js';

/** `common_flags` of `struct trace_entry` (include/linux/trace_events.h). */
const TRACE_FLAG_SOFTIRQ = 0x10;
const TRACE_FLAG_BH_OFF = 0x80;

/** Writes the binary records of one tracepoint, as the kernel's ring buffers have them. */
export class RawRecordLayout {
  readonly bytes: number;
  readonly #id: number;
  readonly #members: readonly { readonly offset: number; readonly field: string }[];

  /** @param id the event's number, the `ID` of its format text */
  constructor(info: TracepointInfo, id: number) {
    const members = layoutOf(info);
    const printed = new Map(info.fields.map(({ name, member }) => [member, name]));
    this.bytes = Math.max(...members.map(({ offset, size }) => offset + size));
    this.#id = id;
    // What is never printed is an address inside of the kernel: 0 here, as is the upper half of those that are.
    this.#members = members.flatMap(({ name, offset }) => {
      const field = printed.get(name);
      return field === undefined ? [] : [{ offset, field }];
    });
  }

  /** Writes a record to the `bytes` zeroes at `at`. `pid` is 0 for a softirq. */
  write(view: DataView, at: number, pid: number, fields: Readonly<Record<string, number>>): void {
    view.setUint16(at, this.#id, true);
    view.setUint8(at + 2, pid === 0 ? TRACE_FLAG_SOFTIRQ : TRACE_FLAG_BH_OFF);
    view.setInt32(at + 4, pid, true);
    for (const { offset, field } of this.#members) view.setInt32(at + offset, fields[field]!, true);
  }
}
