import { UsageError } from '../usageError.js';

/**
 * The bytes of a key as bpftool takes them: `key 1 0 0 0`, `key 0x1 0 0 0`, `key hex 01 00 00 00`.
 *
 * @throws UsageError
 */
export function keyBytes([word, ...rest]: readonly string[]): Uint8Array {
  if (word !== 'key') throw new UsageError(`map lookup: expected key, found ${word ?? 'nothing'}`);
  const isHex = rest[0] === 'hex';
  const digits = isHex ? rest.slice(1) : rest;
  return Uint8Array.from(digits, (text) => {
    const isNumber = isHex ? /^(0x)?[0-9a-f]{1,2}$/i : /^(0x[0-9a-f]{1,2}|[0-9]{1,3})$/i;
    const value = Number.parseInt(text, isHex ? 16 : text.startsWith('0x') ? 16 : 10);
    if (isNumber.test(text) && value < 256) return value;
    throw new UsageError(`map lookup: key: expected bytes, each a number up to 255, found ${text}`);
  });
}
