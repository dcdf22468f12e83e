import type { PacketNotes } from './capture.js';
import type { CaptureBytes } from './captureBytes.js';
import { type Clock, ticksPerSecond } from './clock.js';
import {
  aligned,
  OPTION,
  OPTION_CODE,
  TSRESOL,
  VERDICT_XDP,
  VERDICT_XDP_BYTES,
} from './pcapngFormat.js';

/** What the options of an interface block say. */
export interface InterfaceOptions {
  readonly name: string | null;
  readonly description: string | null;
  readonly clock: Clock;
}

/** An XDP action is a `u32` (`bpf_prog_run_xdp`), though the option has room for 64 bits. */
const ACTION_MAX = 0xffff_ffffn;

/** @throws CaptureError */
export function readInterfaceOptions(
  input: CaptureBytes,
  start: number,
  end: number,
): InterfaceOptions {
  let name: string | null = null;
  let description: string | null = null;
  let tsresol: number = TSRESOL.microseconds;
  let offsetSeconds = 0n;
  eachOption(input, start, end, (code, at, length) => {
    switch (code) {
      case OPTION_CODE.interfaceName:
        name = input.text(at, length);
        break;
      case OPTION_CODE.interfaceDescription:
        description = input.text(at, length);
        break;
      case OPTION_CODE.interfaceTsresol:
        expectLength(input, 'if_tsresol', at, length, 1);
        tsresol = input.u8(at);
        break;
      case OPTION_CODE.interfaceTsoffset:
        expectLength(input, 'if_tsoffset', at, length, 8);
        offsetSeconds = input.i64(at);
        break;
    }
  });
  return { name, description, clock: { ticksPerSecond: ticksPerSecond(tsresol), offsetSeconds } };
}

/** @throws CaptureError */
export function readPacketNotes(input: CaptureBytes, start: number, end: number): PacketNotes {
  const notes: { -readonly [Key in keyof PacketNotes]: PacketNotes[Key] } = {};
  eachOption(input, start, end, (code, at, length) => {
    switch (code) {
      case OPTION_CODE.comment: {
        const text = input.text(at, length);
        notes.comment = notes.comment === undefined ? text : `${notes.comment}\n${text}`;
        break;
      }
      case OPTION_CODE.packetFlags:
        expectLength(input, 'epb_flags', at, length, 4);
        notes.flags = input.u32(at);
        break;
      case OPTION_CODE.packetDropCount:
        expectLength(input, 'epb_dropcount', at, length, 8);
        notes.dropCount = input.u64(at);
        break;
      case OPTION_CODE.packetId:
        expectLength(input, 'epb_packetid', at, length, 8);
        notes.packetId = input.u64(at);
        break;
      case OPTION_CODE.packetQueue:
        expectLength(input, 'epb_queue', at, length, 4);
        notes.queue = input.u32(at);
        break;
      case OPTION_CODE.packetVerdict:
        if (length > 0 && input.u8(at) === VERDICT_XDP) {
          notes.xdpVerdict = readXdpVerdict(input, at, length);
        }
        break;
    }
  });
  return notes;
}

function readXdpVerdict(input: CaptureBytes, at: number, length: number): number {
  expectLength(input, 'epb_verdict', at, length, VERDICT_XDP_BYTES);
  const action = input.u64(at + 1);
  if (action > ACTION_MAX)
    input.fail(at + 1, `an XDP action of at most ${ACTION_MAX}`, `${action}`);
  return Number(action);
}

/** Calls `visit` for each option of `start..end` with the place of its value; the list may lack its end mark. */
function eachOption(
  input: CaptureBytes,
  start: number,
  end: number,
  visit: (code: number, at: number, length: number) => void,
): void {
  let at = start;
  while (at < end) {
    input.need('option', at, OPTION.value, end);
    const code = input.u16(at + OPTION.code);
    if (code === OPTION_CODE.end) return;
    const length = input.u16(at + OPTION.length);
    const value = at + OPTION.value;
    input.need(`option ${code}`, value, length, end);
    visit(code, value, length);
    at = value + aligned(length);
  }
}

function expectLength(
  input: CaptureBytes,
  name: string,
  at: number,
  length: number,
  expected: number,
): void {
  if (length !== expected) input.fail(at, `${expected} bytes of ${name}`, length);
}
