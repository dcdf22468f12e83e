/** Bytes as a resolved scenario writes them: lower-case hex in the order of memory, nothing between the pairs. */
export type Hex = string;

/** A hex string without the spaces and colons that a document may have in it. */
export function normalizeHex(text: string): Hex {
  return text.replaceAll(/[ :]/g, '').toLowerCase();
}

/** `value` as a little-endian integer of `size` bytes; undefined where it does not fit. */
export function hexOfNumber(value: number, size: number): Hex | undefined {
  let hex = '';
  for (let rest = value; rest > 0; rest = Math.floor(rest / 256)) {
    hex += (rest % 256).toString(16).padStart(2, '0');
  }
  return hex.length > 2 * size ? undefined : hex.padEnd(2 * size, '0');
}

export function bytesOfHex(hex: Hex): Uint8Array {
  const bytes = new Uint8Array(hex.length / 2);
  for (let i = 0; i < bytes.length; i++) {
    bytes[i] = Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16);
  }
  return bytes;
}
