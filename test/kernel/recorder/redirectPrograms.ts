import { assemble } from '../../../src/bpf/assemble.js';
import { SLOT_BYTES } from '../../../src/bpf/isa/insn.js';
import type {
  Action,
  DeviceRef,
  EntryProgram,
  HelperCall,
  Step,
} from '../../model/redirectTrace.js';

/**
 * The programs of a redirect experiment, for the kernel: they do what the script says and tell of it with
 * `bpf_trace_printk`, which stands in the trace in order with the `xdp` tracepoints.
 *
 * A frame carries its number behind a magic one. r6 is the context, r7 the frame's number, r9 the action.
 */

export const FRAME_BYTES_MIN = 60;
const MAGIC = 0x58445021;
const MAGIC_OFFSET = 42;
const NUMBER_OFFSET = 46;
const NUMBER_END = 50;

/** What a line tells, by its letter; each has three numbers. */
export const TELLS = {
  /** The receiving program begins: frame. */
  frame: 'f',
  /** A helper returned: frame, value. */
  returned: 'r',
  /** The receiving program ends: frame, action. */
  action: 'a',
  /** What an entry's program sees: ingress, egress, queue. */
  seen: 'q',
  /** An entry's program ends: its number, frame, action. */
  entry: 'p',
  /** A frame came out of the far end of a device: its number, frame. */
  delivered: 'd',
  /** A frame reached the stack: 0, frame. */
  stack: 's',
} as const;

/** Marks a constant of 64 bits as a map's descriptor. */
const MAP_FD = 0x4d415046n << 32n;
const LDDW = 0x18;
const PSEUDO_MAP_FD = 1;

/** What the symbols of a document stand for on this kernel. */
export interface ProgramSymbols {
  /** Four letters of this run, by which its lines are known. */
  readonly nonce: string;
  readonly mapFd: (id: string) => number;
  readonly ifindex: (device: DeviceRef) => number;
}

function machineCode(text: string): Buffer {
  const bytes = Buffer.from(assemble(text));
  for (let at = 0; at < bytes.length; at += SLOT_BYTES) {
    if (bytes[at] !== LDDW) continue;
    // The constant's upper half is in the second slot.
    if (BigInt(bytes.readUInt32LE(at + 12)) === MAP_FD >> 32n) {
      bytes[at + 1]! |= PSEUDO_MAP_FD << 4;
      bytes.writeUInt32LE(0, at + 12);
    }
    at += SLOT_BYTES;
  }
  return bytes;
}

function constant(register: string, value: bigint): string {
  return `${register} = 0x${BigInt.asUintN(64, value).toString(16)}`;
}

function mapFd(register: string, fd: number): string {
  return constant(register, MAP_FD | BigInt(fd));
}

/** A line of the trace: a letter and up to three numbers, of registers, the stack or constants. */
function tell(nonce: string, letter: string, values: readonly (string | number)[]): string {
  const format = Buffer.alloc(16);
  format.write(`x${nonce}${letter} %u %u %u`);
  const words = [0, 4, 8, 12].map((at) => `*(u32 *)(r10 ${at - 16}) = ${format.readInt32LE(at)}`);
  const registers = ['r3', 'r4', 'r5'].map((register, i) => `${register} = ${values[i] ?? 0}`);
  return [...words, ...registers, 'r1 = r10', 'r1 += -16', 'r2 = 16', 'call trace_printk#6'].join(
    '\n',
  );
}

/** Calls helpers and leaves the action in r9. */
function act(symbols: ProgramSymbols, action: Action): string {
  const calls = callsOf(action);
  const lines = calls.flatMap((call) => [
    'map' in call
      ? [
          mapFd('r1', symbols.mapFd(call.map)),
          constant('r2', BigInt(call.key)),
          constant('r3', BigInt(call.flags)),
          'call redirect_map#51',
        ].join('\n')
      : [
          `w1 = ${symbols.ifindex(call.ifindex)}`,
          constant('r2', BigInt(call.flags)),
          'call redirect#23',
        ].join('\n'),
    'r9 = r0',
    tell(symbols.nonce, TELLS.returned, ['r7', 'r9']),
  ]);
  const ret = 'ret' in action ? action.ret : undefined;
  if (ret !== undefined) lines.push(`w9 = ${ret | 0}`);
  return lines.join('\n');
}

function callsOf(action: Action): readonly HelperCall[] {
  if ('calls' in action) return action.calls;
  return 'ret' in action ? [] : [action];
}

/** `code` for each case by the frame's number, `otherwise` for all others; they go on at `done`. */
function byFrame(
  cases: readonly {
    readonly frames: readonly [first: number, end: number];
    readonly code: string;
  }[],
  otherwise: string,
): string {
  const chosen = cases.flatMap(({ frames: [first, end], code }, i) => [
    `if r7 < ${first} goto next_${i}`,
    `if r7 >= ${end} goto next_${i}`,
    code,
    'goto done',
    `next_${i}:`,
  ]);
  return [...chosen, otherwise, 'done:'].join('\n');
}

/** Frames of the script that do the same one after the other. */
function runsOf(script: readonly Step[]): { frames: [number, number]; step: Step }[] {
  const runs: { frames: [number, number]; step: Step }[] = [];
  for (const [frame, step] of script.entries()) {
    const last = runs.at(-1);
    if (last?.step === step) last.frames[1] = frame + 1;
    else runs.push({ frames: [frame, frame + 1], step });
  }
  return runs;
}

/** The receiving program: frames, all of `templateBytes`, are numbered as they come and cut to their lengths. */
export function mainProgram(
  symbols: ProgramSymbols,
  script: readonly Step[],
  {
    counterFd,
    templateBytes,
    length,
  }: { counterFd: number; templateBytes: number; length: number },
): Buffer {
  const cut = (bytes: number) =>
    bytes === templateBytes
      ? ''
      : ['r1 = r6', `r2 = ${bytes - templateBytes}`, 'call xdp_adjust_tail#65'].join('\n');
  const cases = runsOf(script).map(({ frames, step }) => ({
    frames,
    code: [cut(step.len ?? length), act(symbols, step)].join('\n'),
  }));
  return machineCode(`
    r6 = r1
    r9 = 0
    *(u32 *)(r10 -4) = 0
    ${mapFd('r1', counterFd)}
    r2 = r10
    r2 += -4
    call map_lookup_elem#1
    if r0 == 0 goto out
    r7 = *(u32 *)(r0 +0)
    r1 = r7
    r1 += 1
    *(u32 *)(r0 +0) = r1
    ${packet('out')}
    *(u32 *)(r2 +${MAGIC_OFFSET}) = ${MAGIC | 0}
    *(u32 *)(r2 +${NUMBER_OFFSET}) = r7
    ${tell(symbols.nonce, TELLS.frame, ['r7'])}
    ${byFrame(cases, 'r9 = 0')}
    ${tell(symbols.nonce, TELLS.action, ['r7', 'r9'])}
    out:
    r0 = r9
    exit`);
}

/** The packet's address in r2; to `otherwise` where it is too short for a number. `data` and `end`: fields of the context. */
function packet(otherwise: string, data = 0, end = 4): string {
  return [
    `r2 = *(u32 *)(r6 +${data})`,
    `r3 = *(u32 *)(r6 +${end})`,
    'r4 = r2',
    `r4 += ${NUMBER_END}`,
    `if r4 > r3 goto ${otherwise}`,
  ].join('\n');
}

/** The frame's number in r7; to `otherwise` where it is none of ours. */
function frameNumber(otherwise: string, data?: number, end?: number): string {
  return [
    packet(otherwise, data, end),
    `r1 = *(u32 *)(r2 +${MAGIC_OFFSET})`,
    `if r1 != ${MAGIC} goto ${otherwise}`,
    `r7 = *(u32 *)(r2 +${NUMBER_OFFSET})`,
  ].join('\n');
}

/** The program of a map entry; `number` is what its lines call it. */
export function entryProgram(
  symbols: ProgramSymbols,
  number: number,
  { kind, default: usual, steps }: EntryProgram,
): Buffer {
  const cases = Object.entries(steps).map(([frame, action]) => ({
    frames: [Number(frame), Number(frame) + 1] as const,
    code: act(symbols, action),
  }));
  // Only devmap programs may look at their egress.
  const egress = kind === 'devmap' ? 'r8 = *(u32 *)(r6 +20)' : 'r8 = 0';
  return machineCode(`
    r6 = r1
    r9 = 0
    ${frameNumber('out')}
    r1 = *(u32 *)(r6 +16)
    *(u64 *)(r10 -24) = r1
    r1 = *(u32 *)(r6 +12)
    *(u64 *)(r10 -32) = r1
    ${egress}
    ${byFrame(cases, act(symbols, usual))}
    ${tell(symbols.nonce, TELLS.seen, ['*(u64 *)(r10 -32)', 'r8', '*(u64 *)(r10 -24)'])}
    ${tell(symbols.nonce, TELLS.entry, [number, 'r7', 'r9'])}
    out:
    r0 = r9
    exit`);
}

const XDP_DROP = 1;
const TC_ACT_SHOT = 2;

/** At the far end of device `number`. */
export function farProgram({ nonce }: ProgramSymbols, number: number): Buffer {
  return machineCode(`
    r6 = r1
    ${frameNumber('out')}
    ${tell(nonce, TELLS.delivered, [number, 'r7'])}
    out:
    r0 = ${XDP_DROP}
    exit`);
}

/** In front of the stack (tcx): `data` and `data_end` of `struct __sk_buff`. */
export function stackProgram({ nonce }: ProgramSymbols): Buffer {
  return machineCode(`
    r6 = r1
    ${frameNumber('out', 76, 80)}
    ${tell(nonce, TELLS.stack, [0, 'r7'])}
    out:
    r0 = ${TC_ACT_SHOT}
    exit`);
}

/** What the ingress device has attached: without a program a veth has no queue to receive on. */
export function passProgram(): Buffer {
  return machineCode('r0 = 2\nexit');
}
