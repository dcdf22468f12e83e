import { ATTR_BYTES, writeAttr } from './attr.js';
import { eventId } from './event.js';
import type { EventAttr } from './features.js';

const HEADER_BYTES = 104;
/** An attribute, then the section of its ids. */
const FILE_ATTR_BYTES = ATTR_BYTES + 16;

/** Where the records start: header, attributes and the ids of their samples stand before them. */
export function dataOffsetOf(attrs: readonly EventAttr[]): number {
  return HEADER_BYTES + attrs.length * (FILE_ATTR_BYTES + 8);
}

/**
 * What stands before the records (tools/perf/util/header.h:perf_file_header). Written last: it knows how many bytes of
 * records there are.
 */
export function headerBytes(
  attrs: readonly EventAttr[],
  dataBytes: number,
  featureBits: readonly number[],
): Uint8Array {
  const dataOffset = dataOffsetOf(attrs);
  const view = new DataView(new ArrayBuffer(dataOffset));
  const u64 = (at: number, value: number) => view.setBigUint64(at, BigInt(value), true);
  new TextEncoder().encodeInto('PERFILE2', new Uint8Array(view.buffer));
  u64(8, HEADER_BYTES);
  u64(16, FILE_ATTR_BYTES);
  u64(24, HEADER_BYTES);
  u64(32, attrs.length * FILE_ATTR_BYTES);
  u64(40, dataOffset);
  u64(48, dataBytes);
  // Event types, at 56 and 64, are of the format's first version. Then a bitmap of 256 features.
  for (const bit of featureBits) {
    const at = 72 + (bit >> 3);
    view.setUint8(at, view.getUint8(at) | (1 << (bit & 7)));
  }
  const idsStart = HEADER_BYTES + attrs.length * FILE_ATTR_BYTES;
  attrs.forEach(({ info, sampleId }, index) => {
    const at = HEADER_BYTES + index * FILE_ATTR_BYTES;
    writeAttr(view, at, eventId(info));
    u64(at + ATTR_BYTES, idsStart + 8 * index);
    u64(at + ATTR_BYTES + 8, 8);
    u64(idsStart + 8 * index, sampleId);
  });
  return new Uint8Array(view.buffer);
}
