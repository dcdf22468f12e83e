import { getU16 } from './bytes.js';

/**
 * The Internet checksum: RFC 1071, its incremental update: RFC 1624.
 *
 * A *sum* is the one's complement sum so far, not yet folded to 16 bits, and may be carried into the next call; a
 * *checksum* is the 16-bit field. Pieces summed one after the other must have an even length, but for the last.
 */

/** Adds `bytes[start..end)` to `sum`. The total must stay below 2^32, enough for 128 KiB: twice the largest packet. */
export function addToSum(bytes: Uint8Array, start: number, end: number, sum = 0): number {
  const evenEnd = end - ((end - start) & 1);
  for (let at = start; at < evenEnd; at += 2) sum += getU16(bytes, at);
  return evenEnd < end ? sum + (bytes[evenEnd]! << 8) : sum;
}

/** The checksum field for a sum: folded and complemented. */
export function checksumOfSum(sum: number): number {
  return ~foldSum(sum) & 0xffff;
}

/** The checksum of `bytes[start..end)`; over a header that carries a right checksum it is 0. */
export function internetChecksum(bytes: Uint8Array, start: number, end: number, sum = 0): number {
  return checksumOfSum(addToSum(bytes, start, end, sum));
}

/** One's complement fold of a sum to 16 bits, as the kernel leaves it in the field of a CHECKSUM_PARTIAL packet. */
export function foldSum(sum: number): number {
  const once = (sum & 0xffff) + (sum >>> 16);
  return (once & 0xffff) + (once >>> 16);
}

/**
 * The checksum after one 16-bit word of the data changed: RFC 1624, equation 3, `HC' = ~(~HC + ~m + m')`.
 *
 * The older equation of RFC 1141, `HC' = HC + m + ~m'`, gives 0xffff where 0 is right.
 */
export function updateChecksum(checksum: number, oldWord: number, newWord: number): number {
  return checksumOfSum((~checksum & 0xffff) + (~oldWord & 0xffff) + newWord);
}

/**
 * The sum of the pseudo header that TCP, UDP and ICMPv6 include.
 *
 * RFC 9293, 3.1 for IPv4, RFC 8200, 8.1 for IPv6: the same words, since the 32-bit length and the zeros add up equally.
 *
 * @param addresses where source and destination address lie in `bytes`, one behind the other as in both IP headers
 * @param length bytes of the transport header and its payload
 */
export function pseudoHeaderSum(
  bytes: Uint8Array,
  addresses: { start: number; end: number },
  protocol: number,
  length: number,
): number {
  return addToSum(
    bytes,
    addresses.start,
    addresses.end,
    protocol + (length >>> 16) + (length & 0xffff),
  );
}
