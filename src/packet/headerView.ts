import { getU16, getU32 } from './bytes.js';

/**
 * A header over bytes, not a copy of them: reading a field reads the frame as it is now.
 *
 * Each subclass has a static `problem` (why the bytes are no such header, or null) and a static `at`, which throws a
 * `PacketError` with that reason; so a view that exists has its whole header within `start..end`.
 */
export abstract class HeaderView {
  readonly bytes: Uint8Array;
  /** First byte of the header. */
  readonly start: number;
  /** End of the layer: of its payload, without the padding of the layers below. */
  readonly end: number;

  protected constructor(bytes: Uint8Array, start: number, end: number) {
    this.bytes = bytes;
    this.start = start;
    this.end = end;
  }

  /** Length of the header in bytes, options included. */
  abstract get headerLength(): number;

  get payloadStart(): number {
    return this.start + this.headerLength;
  }

  /** What the header carries, not copied. */
  get payload(): Uint8Array {
    return this.bytes.subarray(this.payloadStart, this.end);
  }

  protected u8(field: number): number {
    return this.bytes[this.start + field]!;
  }

  protected u16(field: number): number {
    return getU16(this.bytes, this.start + field);
  }

  protected u32(field: number): number {
    return getU32(this.bytes, this.start + field);
  }

  protected slice(field: number, length: number): Uint8Array {
    return this.bytes.subarray(this.start + field, this.start + field + length);
  }
}

/** Why fewer than `needed` bytes are no header, or null if there are enough. */
export function shortHeader(start: number, end: number, needed: number): string | null {
  return end - start < needed
    ? `expected ${needed} bytes, found ${Math.max(0, end - start)}`
    : null;
}
