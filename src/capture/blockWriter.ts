import { aligned, BLOCK, BLOCK_TRAILER_BYTES, OPTION } from './pcapngFormat.js';

/** An option's code and value. */
export type OptionToWrite = readonly [code: number, value: Uint8Array];

const OPTION_BYTES_MAX = 0xffff;

/**
 * A pcapng block, little-endian, whose fixed fields `writeFields` fills in at the offsets that the format names.
 *
 * @param fixedEnd end of the fixed fields, from the start of the block, a multiple of 4
 * @param data packet data that follows them, padded
 */
export function encodeBlock(
  type: number,
  fixedEnd: number,
  writeFields: (view: DataView) => void,
  data: Uint8Array,
  options: readonly OptionToWrite[],
): Uint8Array {
  const optionsStart = fixedEnd + aligned(data.length);
  const trailer = optionsStart + optionsLength(options);
  const block = new Uint8Array(trailer + BLOCK_TRAILER_BYTES);
  const view = new DataView(block.buffer);
  view.setUint32(BLOCK.type, type, true);
  view.setUint32(BLOCK.totalLength, block.length, true);
  view.setUint32(trailer, block.length, true);
  writeFields(view);
  block.set(data, fixedEnd);
  let at = optionsStart;
  for (const [code, value] of options) {
    view.setUint16(at + OPTION.code, code, true);
    view.setUint16(at + OPTION.length, value.length, true);
    block.set(value, at + OPTION.value);
    at += OPTION.value + aligned(value.length);
  }
  // The end mark is code 0 and length 0, which is what the block holds there.
  return block;
}

/**
 * An option of text.
 *
 * @throws RangeError if it is too long for an option
 */
export function textOption(what: string, code: number, text: string): OptionToWrite {
  const value = new TextEncoder().encode(text);
  if (value.length > OPTION_BYTES_MAX) {
    throw new RangeError(
      `${what}: expected at most ${OPTION_BYTES_MAX} bytes of UTF-8, found ${value.length}`,
    );
  }
  return [code, value];
}

export function u32Option(code: number, value: number): OptionToWrite {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return [code, bytes];
}

export function u64Option(code: number, value: bigint): OptionToWrite {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, value, true);
  return [code, bytes];
}

function optionsLength(options: readonly OptionToWrite[]): number {
  if (options.length === 0) return 0;
  const end: number = OPTION.value;
  return options.reduce((sum, [, value]) => sum + OPTION.value + aligned(value.length), end);
}
