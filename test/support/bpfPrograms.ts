import fc from 'fast-check';
import { type InsnForm, SLOT_BYTES } from '../../src/bpf/isa/insn.js';
import { insnForms } from '../../src/bpf/isa/table.js';

/**
 * Random programs that the kernel's verifier need not like but that must run the same in every engine.
 *
 * A program is one to three functions; a function is some blocks in any order, with any edges between them, so loops
 * nest or do not. Each block burns fuel, kept at r10-8, so all of them end. r9 is the context's address and is never
 * written again; the registers are stored to the stack at exit, so comparing memory compares them too.
 */

/** Bytes of the context that a generated program may touch. */
export const CONTEXT_BYTES = 64;
/** The helper that generated programs call. */
export const HELPER_ID = 7;

const CONTEXT = 9;
const FRAME = 10;
const FUEL_OFF = -8;
const WRITABLE_REGISTERS = 9;
const REGISTER_DUMP_OFF = -512;

export interface Fields {
  readonly opcode: number;
  readonly dst?: number;
  readonly src?: number;
  readonly off?: number;
  readonly imm?: number;
  /** The second slot's immediate, of an LDDW. */
  readonly high?: number;
}

/** Instruction bytes of fields. */
export function encodeInsns(insns: readonly Fields[]): Uint8Array {
  const slots = insns.reduce((sum, insn) => sum + slotsOf(insn), 0);
  const bytes = new Uint8Array(slots * SLOT_BYTES);
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const insn of insns) {
    const { opcode, dst = 0, src = 0, off = 0, imm = 0, high = 0 } = insn;
    view.setUint8(at, opcode);
    view.setUint8(at + 1, dst | (src << 4));
    view.setInt16(at + 2, off, true);
    view.setInt32(at + 4, imm, true);
    if (slotsOf(insn) === 2) view.setInt32(at + 12, high, true);
    at += SLOT_BYTES * slotsOf(insn);
  }
  return bytes;
}

const slotsOf = ({ opcode }: Fields) => (opcode === 0x18 ? 2 : 1);
const formsOf = (...kinds: string[]) => insnForms.filter(({ does }) => kinds.includes(does.kind));
const formOf = (text: string) => insnForms.find((form) => form.text === text)!;
const fixed = (rule: string | number, value: number) => (typeof rule === 'number' ? rule : value);

const register = fc.integer({ min: 0, max: WRITABLE_REGISTERS - 1 });
const immediate = fc.oneof(
  fc.integer({ min: -4, max: 70 }),
  fc.integer(),
  fc.constantFrom(0x7fffffff, -0x80000000, 0xffff, 255, -1, 0),
);

function filled(form: InsnForm, values: Required<Omit<Fields, 'opcode'>>): Fields {
  return {
    opcode: form.opcode,
    dst: fixed(form.dst, values.dst),
    src: fixed(form.src, values.src),
    off: fixed(form.off, values.off),
    imm: fixed(form.imm, values.imm),
    high: values.high,
  };
}

const anyValues = fc.record({
  dst: register,
  src: fc.integer({ min: 0, max: FRAME }),
  off: fc.constant(0),
  imm: immediate,
  high: immediate,
});

const computation = fc
  .tuple(
    fc.constantFrom(
      ...formsOf('alu', 'neg', 'movsx', 'swap'),
      ...formsOf('loadImm64').filter(({ src }) => src === 0),
    ),
    anyValues,
  )
  .map(([form, values]) => [filled(form, values)]);

interface Place {
  readonly base: number;
  readonly off: number;
}

/** In the own frame (below the fuel) or in the context. */
const anyPlace: fc.Arbitrary<Place> = fc.oneof(
  fc.record({ base: fc.constant(FRAME), off: fc.integer({ min: -120, max: -16 }) }),
  fc.record({ base: fc.constant(CONTEXT), off: fc.integer({ min: 0, max: CONTEXT_BYTES - 8 }) }),
);
const alignedPlace: fc.Arbitrary<Place> = fc.oneof(
  fc.record({ base: fc.constant(FRAME), off: fc.constantFrom(-16, -24, -32, -40) }),
  fc.record({ base: fc.constant(CONTEXT), off: fc.constantFrom(0, 8, 16, 24, 32, 40, 48, 56) }),
);

const accessTo = (kinds: readonly string[], place: fc.Arbitrary<Place>) =>
  fc
    .tuple(fc.constantFrom(...formsOf(...kinds)), place, anyValues)
    .map(([form, { base, off }, values]) => {
      const baseIsSrc = form.does.kind === 'load' || form.does.kind === 'loadAcquire';
      const src = form.src === 'update' ? values.dst : values.src;
      const registers = baseIsSrc ? { src: base } : { dst: base, src };
      return [filled(form, { ...values, off, ...registers })];
    });
const plainAccess = accessTo(['load', 'store'], fc.oneof(anyPlace, alignedPlace));
const atomicAccess = accessTo(['atomic', 'loadAcquire', 'storeRelease'], alignedPlace);
const misalignedAccess = accessTo(['atomic', 'loadAcquire', 'storeRelease'], anyPlace);

/** Through a copy of a pointer that has moved: the compiler must follow where it points, or give up. */
const movedAccess = fc
  .tuple(plainAccess, register, fc.integer({ min: -40, max: 40 }))
  .map(([[insn], pointer, distance]) => {
    const { dst = 0, src = 0, off = 0 } = insn!;
    const isLoad = (insn!.opcode & 0x07) === 0x01;
    const moved = {
      ...insn!,
      off: off - distance,
      ...(isLoad ? { src: pointer } : { dst: pointer }),
    };
    return [
      { opcode: 0xbf, dst: pointer, src: isLoad ? src : dst },
      { opcode: 0x07, dst: pointer, imm: distance },
      moved,
    ];
  });

/** Wherever a register points: only loads, which cannot refill the fuel. */
const wildLoad = fc
  .tuple(fc.constantFrom(...formsOf('load')), anyValues)
  .map(([form, values]) => [filled(form, values)]);

const helperCall = fc.constant([{ opcode: 0x85, imm: HELPER_ID }]);

type Statement = readonly Fields[] | { readonly callsFunction: number };
const statement: fc.Arbitrary<Statement> = fc.oneof(
  { weight: 60, arbitrary: computation },
  { weight: 20, arbitrary: plainAccess },
  { weight: 10, arbitrary: movedAccess },
  { weight: 10, arbitrary: atomicAccess },
  { weight: 1, arbitrary: misalignedAccess },
  { weight: 1, arbitrary: wildLoad },
  { weight: 4, arbitrary: helperCall },
  {
    weight: 4,
    arbitrary: fc.integer({ min: 0, max: 2 }).map((callsFunction) => ({ callsFunction })),
  },
);

interface Block {
  readonly statements: readonly Statement[];
  /** The conditional jump at its end, whose distance is filled in by layout. */
  readonly jump: Fields;
  /** Indexes of blocks, modulo how many there are. */
  readonly taken: number;
  readonly next: number;
}

const block: fc.Arbitrary<Block> = fc.record({
  statements: fc.array(statement, { maxLength: 8 }),
  jump: fc
    .tuple(fc.constantFrom(...formsOf('jumpIf')), anyValues)
    .map(([form, values]) => filled(form, values)),
  taken: fc.nat({ max: 11 }),
  next: fc.nat({ max: 11 }),
});

interface FunctionPlan {
  readonly blocks: readonly Block[];
  readonly fuel: number;
}

const functionPlan: fc.Arbitrary<FunctionPlan> = fc.record({
  blocks: fc.array(block, { minLength: 1, maxLength: 8 }),
  fuel: fc.integer({ min: 1, max: 12 }),
});

/** Bytes of a random program. */
export const anyProgram: fc.Arbitrary<Uint8Array> = fc
  .array(functionPlan, { minLength: 1, maxLength: 3 })
  .map((functions) => encodeInsns(link(functions)));

/** An instruction whose distance is not known until everything has its place. */
interface Placed {
  readonly insn: Fields;
  readonly label?: string;
}

function link(functions: readonly FunctionPlan[]): Fields[] {
  const placed: Placed[] = [];
  const labels = new Map<string, number>();
  let slot = 0;
  const emit = (insn: Fields, label?: string) => {
    placed.push({ insn, ...(label !== undefined && { label }) });
    slot += slotsOf(insn);
  };
  for (const [index, plan] of functions.entries())
    emitFunction(plan, index, functions.length, emit, (label) => labels.set(label, slot));
  let at = 0;
  return placed.map(({ insn, label }) => {
    at += slotsOf(insn);
    if (label === undefined) return insn;
    const distance = labels.get(label)! - at;
    return insn.opcode === 0x85 ? { ...insn, imm: distance } : { ...insn, off: distance };
  });
}

function emitFunction(
  { blocks, fuel }: FunctionPlan,
  index: number,
  count: number,
  emit: (insn: Fields, label?: string) => void,
  mark: (label: string) => void,
): void {
  const form = (text: string, fields: Omit<Fields, 'opcode'>) =>
    emit({ opcode: formOf(text).opcode, ...fields });
  mark(`function ${index}`);
  form('r{dst} = r{src}', { dst: CONTEXT, src: 1 });
  form('*(u64 *)(r{dst} {off}) = {imm}', { dst: FRAME, off: FUEL_OFF, imm: fuel });
  for (let filled = 0; filled < CONTEXT_BYTES / 8; filled++)
    form('r{dst} = *(u64 *)(r{src} {off})', { dst: filled, src: CONTEXT, off: 8 * filled });
  for (const [number, { statements, jump, taken, next }] of blocks.entries()) {
    mark(`${index} ${number}`);
    form('r{dst} = *(u64 *)(r{src} {off})', { dst: 8, src: FRAME, off: FUEL_OFF });
    form('r{dst} += {imm}', { dst: 8, imm: -1 });
    form('*(u64 *)(r{dst} {off}) = r{src}', { dst: FRAME, src: 8, off: FUEL_OFF });
    emit(
      { opcode: formOf('if r{dst} s<= {hex} goto pc{distance}').opcode, dst: 8 },
      `${index} exit`,
    );
    for (const one of statements) emitStatement(one, index, count, emit);
    emit(jump, `${index} ${taken % blocks.length}`);
    emit({ opcode: 0x05 }, `${index} ${next % blocks.length}`);
  }
  mark(`${index} exit`);
  for (let dumped = 0; dumped < WRITABLE_REGISTERS; dumped++)
    form('*(u64 *)(r{dst} {off}) = r{src}', {
      dst: FRAME,
      src: dumped,
      off: REGISTER_DUMP_OFF + 8 * dumped,
    });
  emit({ opcode: 0x95 });
}

/** Functions call only later ones: no recursion. */
function emitStatement(
  one: Statement,
  index: number,
  count: number,
  emit: (insn: Fields, label?: string) => void,
): void {
  if (!('callsFunction' in one)) {
    for (const insn of one) emit(insn);
    return;
  }
  const callee = index + 1 + one.callsFunction;
  if (callee >= count) return;
  emit({ opcode: 0xbf, dst: 1, src: CONTEXT });
  emit({ opcode: 0x85, src: 1 }, `function ${callee}`);
}
