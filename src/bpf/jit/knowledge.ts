import type { Insn } from '../isa/decode.js';
import { FRAME_POINTER, REGISTERS } from '../isa/insn.js';
import type { ControlFlow } from './cfg.js';

/**
 * What is known of a register's value: a number, or how far it is from the own frame's top, from the context, or from
 * an address that an access has been checked to be near (`guarded`).
 */
export type KnownValue =
  | { readonly kind: 'constant'; readonly value: bigint }
  | { readonly kind: 'frame' | 'context' | 'guarded'; readonly offset: number };

/** By register; undefined: anything. */
export type Knowledge = (KnownValue | undefined)[];

const FRAME_TOP: KnownValue = { kind: 'frame', offset: 0 };
const CONTEXT_START: KnownValue = { kind: 'context', offset: 0 };
const GUARDED: KnownValue = { kind: 'guarded', offset: 0 };
/** Offsets far beyond what an instruction's own could bring back are not worth following. */
const OFFSET_LIMIT = 1 << 20;

/** Of a function's first instruction: where its frame is, and r1 if that is the context. */
export function entryKnowledge(contextInR1: boolean): Knowledge {
  const known: Knowledge = Array.from({ length: REGISTERS });
  known[FRAME_POINTER] = FRAME_TOP;
  if (contextInR1) known[1] = CONTEXT_START;
  return known;
}

/** What is known at the start of each block: what all ways to it agree on. */
export function blockKnowledge(
  insns: readonly Insn[],
  { blocks, predecessors }: ControlFlow,
  entry: Knowledge,
  contextBytes: number,
): readonly Knowledge[] {
  const before: Knowledge[] = [];
  const after: Knowledge[] = [];
  for (let changed = true; changed; ) {
    changed = false;
    for (const [index, block] of blocks.entries()) {
      // Starting from the last round's result, which so can only shrink, makes the rounds end.
      const start = before[index] ?? (index === 0 ? entry : undefined);
      const merged = meet(predecessors[index]!, after, start);
      if (before[index] !== undefined && sameKnowledge(before[index], merged)) continue;
      changed = true;
      before[index] = merged;
      const known = [...merged];
      for (let at = block.start; at < block.end; at++) learn(known, insns[at]!, contextBytes);
      after[index] = known;
    }
  }
  return before;
}

/** Brings knowledge over one instruction. */
export function learn(known: Knowledge, insn: Insn, contextBytes: number): void {
  const { form, dst, src } = insn;
  const base = accessedRegister(insn);
  if (base !== undefined && !mayLoadContext(insn, contextBytes)) known[base] ??= GUARDED;
  if (form.dst === 'write' || form.dst === 'update') known[dst] = valueWritten(known, insn);
  if (form.src === 'update') known[src] = undefined;
  const { does } = form;
  if (does.kind === 'call' || (does.kind === 'atomic' && does.op === 'cmpxchg'))
    known[0] = undefined;
}

/**
 * Whether an instruction looks like a load of one of the context's fields, which are words. A context that was spilled or
 * passed to a subprogram is not known as one: such a load must let it pass, and says nothing of its register.
 */
export function mayLoadContext({ form: { does }, off }: Insn, contextBytes: number): boolean {
  const isWord = does.kind === 'load' && does.size === CONTEXT_FIELD_BYTES && !does.signed;
  return isWord && off >= 0 && off % CONTEXT_FIELD_BYTES === 0 && off < contextBytes;
}

/** Of every field of `struct xdp_md` (net/core/filter.c:xdp_is_valid_access). */
const CONTEXT_FIELD_BYTES = 4;

/** The register whose address an instruction accesses. */
export function accessedRegister({ form: { does }, dst, src }: Insn): number | undefined {
  switch (does.kind) {
    case 'load':
    case 'loadAcquire':
      return src;
    case 'store':
    case 'storeRelease':
    case 'atomic':
      return dst;
    default:
      return undefined;
  }
}

function valueWritten(known: Knowledge, insn: Insn): KnownValue | undefined {
  const { does } = insn.form;
  if (does.kind === 'loadImm64') return { kind: 'constant', value: insn.imm64 };
  if (does.kind !== 'alu') return undefined;
  const { op, width, source } = does;
  if (op === 'mov' && source === 'imm')
    return { kind: 'constant', value: BigInt.asUintN(width, insn.imm64) };
  if (width === 32) return undefined;
  if (op === 'mov') return known[insn.src];
  return op === 'add' && source === 'imm' ? moved(known[insn.dst], insn.imm) : undefined;
}

function moved(value: KnownValue | undefined, distance: number): KnownValue | undefined {
  if (value === undefined || value.kind === 'constant') return undefined;
  const offset = value.offset + distance;
  return Math.abs(offset) < OFFSET_LIMIT ? { kind: value.kind, offset } : undefined;
}

/** A way that has not been walked yet may still agree with anything. */
function meet(
  sources: readonly number[],
  after: readonly Knowledge[],
  start: Knowledge | undefined,
): Knowledge {
  let merged = start;
  for (const source of sources) {
    const known = after[source];
    if (known === undefined) continue;
    merged =
      merged?.map((value, index) => (sameValue(value, known[index]) ? value : undefined)) ?? known;
  }
  return merged!;
}

function sameKnowledge(a: Knowledge, b: Knowledge): boolean {
  return a.every((value, index) => sameValue(value, b[index]));
}

function sameValue(a: KnownValue | undefined, b: KnownValue | undefined): boolean {
  if (a === b) return true;
  if (a === undefined || b === undefined) return false;
  if (a.kind === 'constant') return b.kind === 'constant' && a.value === b.value;
  return b.kind === a.kind && a.offset === b.offset;
}
