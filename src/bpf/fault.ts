/**
 * How a program's run can fail, the same in both engines. A fault ends the run: the verdict is XDP_ABORTED.
 *
 * The JIT leaves a record in memory, 16 bytes, aligned to 8, which the caller looks at when it gets verdict 0:
 *
 *     0        4        8                16
 *     +--------+--------+----------------+
 *     |  code  |  slot  |     detail     |
 *     +--------+--------+----------------+
 *
 * Code 0 means no fault; above its low byte a helper says why it refused. Generated code only ever sets a record; who
 * reads one clears it.
 */
export const faultCodes = {
  /** Load or store outside of what the program may touch; detail is the address. */
  badAccess: 1,
  /** Atomic access that is not naturally aligned; detail is the address. */
  unalignedAtomic: 2,
  /** Access through r10 outside of the 512-byte frame; detail is the offset from r10. */
  stackOverflow: 3,
  /** More instructions than allowed. */
  budget: 4,
  /** More than 8 frames; the slot is that of the function that would have been the ninth. */
  callDepth: 5,
  /** Helper or kfunc that is not there; detail is its id. */
  unknownHelper: 6,
  /** A helper refused its arguments; detail is the value, and above its 64 bits why. */
  helper: 7,
} as const;

export type FaultReason = keyof typeof faultCodes;

export interface Fault {
  readonly reason: FaultReason;
  /** The instruction's slot. */
  readonly slot: number;
  readonly detail: bigint;
}

export const FAULT_RECORD_BYTES = 16;
export const faultRecord = { code: 0, slot: 4, detail: 8 } as const;

/** What a helper, which knows no instruction, leaves as slot: the call that it came from puts its own there. */
export const CALLER_SLOT = -1;

const reasons = new Map<number, FaultReason>(
  Object.entries(faultCodes).map(([reason, code]) => [code, reason as FaultReason]),
);

/** Takes the fault out of a record and clears it; undefined when there is none. */
export function takeFault(memory: DataView, address: number): Fault | undefined {
  const word = memory.getUint32(address + faultRecord.code, true);
  if (word === 0) return undefined;
  const code = word & 0xff;
  memory.setUint32(address + faultRecord.code, 0, true);
  const reason = reasons.get(code);
  if (reason === undefined)
    throw new RangeError(`fault record at ${address}: unknown code ${code}`);
  return {
    reason,
    slot: memory.getUint32(address + faultRecord.slot, true),
    detail: memory.getBigUint64(address + faultRecord.detail, true) + (BigInt(word >>> 8) << 64n),
  };
}

/** One line for people: `insn 12: bad memory access at 0x0`. */
export function formatFault(fault: Fault): string {
  return `insn ${fault.slot}: ${describeFault(fault)}`;
}

/** What happened, without the place. */
export function describeFault({ reason, detail }: Fault): string {
  return describe[reason](detail);
}

/** What happened, without the address, the same for each of them; undefined where there is none. */
export function describeAlike({ reason }: Fault): string | undefined {
  if (reason === 'badAccess') return 'bad memory access at several addresses';
  if (reason === 'unalignedAtomic') return 'unaligned atomic access at several addresses';
  if (reason === 'stackOverflow') return 'access outside of the stack frame at several offsets';
  return undefined;
}

const describe: Readonly<Record<FaultReason, (detail: bigint) => string>> = {
  badAccess: (address) => `bad memory access at 0x${address.toString(16)}`,
  unalignedAtomic: (address) => `unaligned atomic access at 0x${address.toString(16)}`,
  stackOverflow: (offset) =>
    `access outside of the stack frame at r10 ${BigInt.asIntN(64, offset)}`,
  budget: () => 'instruction budget exhausted',
  callDepth: () => 'more than 8 frames of calls',
  unknownHelper: (id) => `unknown helper ${id}`,
  helper: (detail) => `helper refused its arguments (0x${detail.toString(16)})`,
};
