export const MAC_BYTES = 6;

const MAC = /^[0-9a-f]{1,2}(?::[0-9a-f]{1,2}){5}$|^[0-9a-f]{1,2}(?:-[0-9a-f]{1,2}){5}$/i;

/**
 * `02:00:00:00:00:01` (or with `-`, or without leading zeros) as 6 bytes.
 *
 * @throws TypeError if it is not a string, RangeError if it is no MAC address
 */
export function parseMac(text: string): Uint8Array {
  if (typeof text !== 'string') {
    throw new TypeError(`MAC address: expected a string, found ${typeof text}`);
  }
  if (!MAC.test(text)) {
    throw new RangeError(
      `MAC address: expected six hexadecimal bytes such as 02:00:00:00:00:01, found ${JSON.stringify(text)}`,
    );
  }
  return Uint8Array.from(text.split(/[:-]/), (byte) => Number.parseInt(byte, 16));
}

/** 6 bytes as `02:00:00:00:00:01`. */
export function formatMac(mac: Uint8Array): string {
  return Array.from(toMac(mac), (byte) => byte.toString(16).padStart(2, '0')).join(':');
}

/**
 * A MAC address given as text or as bytes, as bytes.
 *
 * @throws TypeError or RangeError as `parseMac`, RangeError if the bytes are not 6
 */
export function toMac(mac: string | Uint8Array): Uint8Array {
  if (!(mac instanceof Uint8Array)) return parseMac(mac);
  if (mac.length !== MAC_BYTES) {
    throw new RangeError(`MAC address: expected ${MAC_BYTES} bytes, found ${mac.length}`);
  }
  return mac;
}
