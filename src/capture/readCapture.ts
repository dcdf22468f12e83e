import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { Capture } from './capture.js';
import { CaptureBytes } from './captureBytes.js';
import { CaptureError } from './captureError.js';
import { MAGIC } from './pcapFormat.js';
import { BLOCK_TYPE } from './pcapngFormat.js';
import { readPcap } from './readPcap.js';
import { readPcapng } from './readPcapng.js';

const MAGIC_BYTES = 4;
const GZIP_MAGIC = [0x1f, 0x8b] as const;
/** A compressed file can claim any size: this is as far as it is believed. */
export const UNPACKED_BYTES_MAX = 2 ** 30;

/**
 * Reads a capture, pcap or pcapng as its first bytes say, compressed with gzip or not.
 *
 * @param bytes the whole file; packets refer to it, so it must not change
 * @param file its name, for messages
 * @param unpackedBytesMax bytes that a compressed file may unpack to
 * @throws CaptureError if it is malformed, cut short, of an unknown format or unpacks to more than that
 * @throws TypeError if `bytes` is no Uint8Array
 */
export function readCapture(
  bytes: Uint8Array,
  file: string,
  unpackedBytesMax = UNPACKED_BYTES_MAX,
): Capture {
  if (!(bytes instanceof Uint8Array)) {
    throw new TypeError(`${file}: expected a Uint8Array, found ${typeof bytes}`);
  }
  const isGzip = GZIP_MAGIC.every((byte, i) => bytes[i] === byte);
  const input = new CaptureBytes(file, isGzip ? unpack(bytes, file, unpackedBytesMax) : bytes);
  input.need('capture file magic', 0, MAGIC_BYTES);
  if (input.u32(0) === BLOCK_TYPE.section) return readPcapng(input);
  for (const littleEndian of [true, false]) {
    input.littleEndian = littleEndian;
    switch (input.u32(0)) {
      case MAGIC.microseconds:
        return readPcap(input, 1000n);
      case MAGIC.nanoseconds:
        return readPcap(input, 1n);
      case MAGIC.modified:
        return input.fail(
          0,
          'a pcap with unmodified packet headers',
          'the modified magic 0xa1b2cd34 (convert it: editcap -F pcap)',
        );
    }
  }
  const found = [...input.bytes.subarray(0, MAGIC_BYTES)].map((byte) => hex(byte)).join(' ');
  return input.fail(0, 'the magic of a pcap or pcapng file', found);
}

/**
 * Reads the capture at `path`.
 *
 * @throws CaptureError as `readCapture`, and if the file cannot be read
 */
export function readCaptureFile(path: string): Capture {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (cause) {
    throw unreadable(path, 'a readable file', cause);
  }
  return readCapture(bytes, path);
}

function unpack(bytes: Uint8Array, file: string, maxOutputLength: number): Uint8Array {
  try {
    return gunzipSync(bytes, { maxOutputLength });
  } catch (cause) {
    throw unreadable(file, `gzip data that unpacks to at most ${maxOutputLength} bytes`, cause);
  }
}

function unreadable(file: string, expected: string, cause: unknown): CaptureError {
  const found = cause instanceof Error ? cause.message : String(cause);
  return new CaptureError({ file, offset: null, packet: null, expected, found }, { cause });
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}
