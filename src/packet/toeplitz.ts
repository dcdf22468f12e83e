/**
 * The Toeplitz hash of receive-side scaling.
 *
 * Source: Microsoft, "RSS Hashing Functions". For each bit of the input that is set, from the left, the 32 bits of the
 * key that start at that bit's position are xored into the result.
 */

/** Input bytes of the longest tuple: two IPv6 addresses and two ports. */
export const TOEPLITZ_INPUT_BYTES_MAX = 36;

/** The key windows of the last input bit end this many bytes after its own byte. */
const WINDOW_BYTES = 4;
export const TOEPLITZ_KEY_BYTES_MIN = TOEPLITZ_INPUT_BYTES_MAX + WINDOW_BYTES;

/** The key of Microsoft's "Verifying the RSS Hash Calculation", which many drivers take as their default. */
export const MICROSOFT_RSS_KEY: Uint8Array = Uint8Array.from(
  '6d5a56da255b0ec24167253d43a38fb0d0ca2bcbae7b30b477cb2da38030f20c6a42b73bbeac01fa'.match(/../g)!,
  (byte) => Number.parseInt(byte, 16),
);

const BYTE_VALUES = 256;

/** A key, prepared: entry `256 * position + byte` is what that byte contributes at that position of the input. */
export type ToeplitzTable = Uint32Array;

/**
 * Prepares a key, 1 KiB for each input byte.
 *
 * @param key `TOEPLITZ_KEY_BYTES_MIN` bytes or more; what lies behind is for longer inputs
 * @throws TypeError or RangeError if it is not
 */
export function toeplitzTable(key: Uint8Array): ToeplitzTable {
  if (!(key instanceof Uint8Array)) {
    throw new TypeError(`RSS key: expected a Uint8Array, found ${typeof key}`);
  }
  if (key.length < TOEPLITZ_KEY_BYTES_MIN) {
    throw new RangeError(
      `RSS key: expected ${TOEPLITZ_KEY_BYTES_MIN} bytes or more, found ${key.length}`,
    );
  }
  const positions = key.length - WINDOW_BYTES;
  const table = new Uint32Array(positions * BYTE_VALUES);
  for (let position = 0; position < positions; position++) {
    const base = position * BYTE_VALUES;
    for (let byte = 1; byte < BYTE_VALUES; byte++) {
      const lowest = byte & -byte;
      // The hash is linear: a byte's share is that of its lowest bit, and that of the rest, already there.
      table[base + byte] =
        byte === lowest
          ? keyWindow(key, position, Math.clz32(byte) - 24)
          : table[base + lowest]! ^ table[base + (byte ^ lowest)]!;
    }
  }
  return table;
}

/**
 * Hashes `bytes[start..end)`; to hash a tuple in pieces, pass on the hash so far and its length as `position`.
 *
 * @param position bytes of the input hashed so far; `position + end - start` must be within the table's key
 */
export function toeplitzHash(
  table: ToeplitzTable,
  bytes: Uint8Array,
  start: number,
  end: number,
  hash = 0,
  position = 0,
): number {
  let base = position * BYTE_VALUES;
  for (let at = start; at < end; at++) {
    hash ^= table[base + bytes[at]!]!;
    base += BYTE_VALUES;
  }
  return hash >>> 0;
}

/** 32 bits of the key from bit `8 * position + bit` on, counted from the left. */
function keyWindow(key: Uint8Array, position: number, bit: number): number {
  let window = 0;
  for (let i = 0; i < WINDOW_BYTES; i++) window = (window << 8) | key[position + i]!;
  return (window << bit) | (key[position + WINDOW_BYTES]! >>> (8 - bit));
}
