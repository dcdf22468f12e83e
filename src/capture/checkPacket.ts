import { integerIn } from '../packet/integers.js';
import { SNAP_LENGTH_MAX } from './pcapFormat.js';

/** A packet to write. */
export interface PacketToWrite {
  /** `SNAP_LENGTH_MAX` bytes or fewer. */
  readonly data: Uint8Array;
  /** Nanoseconds since 1970. */
  readonly timestampNs: bigint;
  /** Bytes on the wire, `data.length` unless given. */
  readonly originalLength?: number;
}

/**
 * Checks a packet to be written and fills in its original length.
 *
 * @param timestampNsEnd first timestamp that the format cannot hold
 * @throws TypeError or RangeError that names the field
 */
export function checkPacket(
  packet: PacketToWrite,
  timestampNsEnd: bigint,
): { originalLength: number } {
  const { data, timestampNs, originalLength = data.length } = packet;
  bigintBelow('timestampNs', timestampNs, timestampNsEnd);
  integerIn('packet length', data.length, 0, SNAP_LENGTH_MAX);
  return {
    originalLength: integerIn('originalLength', originalLength, data.length, 0xffff_ffff),
  };
}

/**
 * Checks that `value` is a bigint of `0..end - 1` and returns it.
 *
 * @throws TypeError or RangeError that names it by `what`
 */
export function bigintBelow(what: string, value: bigint, end: bigint): bigint {
  if (typeof value !== 'bigint') {
    throw new TypeError(`${what}: expected a bigint, found ${typeof value}`);
  }
  if (value < 0n || value >= end) {
    throw new RangeError(`${what}: expected 0..${end - 1n}, found ${value}`);
  }
  return value;
}
