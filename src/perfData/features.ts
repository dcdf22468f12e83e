import { SYSTEM, type TracepointInfo } from '../trace/tracepoints.js';
import { ATTR_BYTES, writeAttr } from './attr.js';
import { eventId } from './event.js';
import { tracingData } from './tracingData.js';
import { u32s, u64s } from './words.js';

/** Where and how a file was recorded, as the header of `perf report` shows it. */
export interface Recording {
  readonly hostname: string;
  readonly osRelease: string;
  /** Of what recorded it, where perf's own version stands otherwise. */
  readonly version: string;
  readonly arch: string;
  readonly nrCpus: number;
  readonly cmdline: readonly string[];
}

/** A feature section: its bit of the header (tools/perf/util/header.h) and its bytes. */
export interface Feature {
  readonly bit: number;
  readonly bytes: Uint8Array;
}

/** The attribute of one event, and the ids of its samples. */
export interface EventAttr {
  readonly info: TracepointInfo;
  readonly sampleId: number;
}

/** The feature sections of a file, ascending. Times are those of the first and the last sample, in nanoseconds. */
export function features(
  attrs: readonly EventAttr[],
  { hostname, osRelease, version, arch, nrCpus, cmdline }: Recording,
  times: readonly [firstNs: number, lastNs: number],
): readonly Feature[] {
  // Two attributes may be of one event.
  const events = [...new Set(attrs.map(({ info }) => info))];
  return [
    { bit: 1, bytes: tracingData(events) },
    { bit: 3, bytes: text(hostname) },
    { bit: 4, bytes: text(osRelease) },
    { bit: 5, bytes: text(version) },
    { bit: 6, bytes: text(arch) },
    { bit: 7, bytes: u32s(nrCpus, nrCpus) },
    { bit: 11, bytes: Buffer.concat([u32s(cmdline.length), ...cmdline.map(text)]) },
    { bit: 12, bytes: eventDescriptions(attrs) },
    { bit: 21, bytes: u64s(...times) },
  ];
}

function eventDescriptions(attrs: readonly EventAttr[]): Uint8Array {
  const descriptions = attrs.flatMap(({ info, sampleId }) => {
    const attr = new DataView(new ArrayBuffer(ATTR_BYTES));
    writeAttr(attr, 0, eventId(info));
    const name = text(`${SYSTEM}:${info.name}`);
    return [new Uint8Array(attr.buffer), u32s(1), name, u64s(sampleId)];
  });
  return Buffer.concat([u32s(attrs.length, ATTR_BYTES), ...descriptions]);
}

/** Strings are padded to this (tools/perf/util/header.c:do_write_string). */
const NAME_ALIGN = 64;

function text(value: string): Uint8Array {
  const length = Math.ceil((Buffer.byteLength(value) + 1) / NAME_ALIGN) * NAME_ALIGN;
  const bytes = Buffer.alloc(4 + length);
  bytes.writeUInt32LE(length);
  bytes.write(value, 4);
  return bytes;
}
