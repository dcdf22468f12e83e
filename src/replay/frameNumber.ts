/** Where a frame carries its number: behind the Ethernet header. */
export const NUMBER_OFFSET = 14;
/** Shortest frame that has room for it. */
export const NUMBERED_MIN_BYTES = NUMBER_OFFSET + 4;

export function writeFrameNumber(bytes: Uint8Array, number: number): void {
  new DataView(bytes.buffer, bytes.byteOffset).setUint32(NUMBER_OFFSET, number, true);
}

export function readFrameNumber(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(NUMBER_OFFSET, true);
}
