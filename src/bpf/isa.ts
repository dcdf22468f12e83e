/**
 * The instruction set of RFC 9669 (ISA v4), the kernel's load-acquire and store-release (6.14) and `may_goto` (6.9), as
 * one table of forms. Decoder, disassembler, assembler, interpreter and JIT all read it.
 *
 * A basic instruction is 8 bytes, little-endian; LDDW is followed by a second slot that holds the high half of its
 * immediate:
 *
 *       0        1        2        4                8
 *       +--------+----+----+--------+----------------+
 *       | opcode |src |dst |  off   |      imm       |
 *       +--------+----+----+--------+----------------+
 *        8 bits    4    4    i16          i32
 *
 *     opcode of ALU, ALU64, JMP, JMP32:      opcode of LD, LDX, ST, STX:
 *
 *       7      4   3   2     0                 7    5   4   3   2     0
 *       +------+---+---+-----+                 +------+-------+-------+
 *       |  op  | X |   class |                 | mode | size  | class |
 *       +------+---+---------+                 +------+-------+-------+
 *
 * The opcode alone does not name an instruction: `off` tells sdiv from div and movsx from mov, `imm` tells atomics and
 * byte swaps apart, `src` calls and kinds of LDDW. A form therefore fixes fields as well as the opcode. A reserved
 * field is a field fixed at 0: what fits no form is refused.
 */

export type Width = 32 | 64;
export type Size = 1 | 2 | 4 | 8;
export type Source = 'imm' | 'reg';

export type AluOp =
  | 'add'
  | 'sub'
  | 'mul'
  | 'div'
  | 'sdiv'
  | 'or'
  | 'and'
  | 'lsh'
  | 'rsh'
  | 'mod'
  | 'smod'
  | 'xor'
  | 'mov'
  | 'arsh';
export type Condition =
  | 'eq'
  | 'gt'
  | 'ge'
  | 'set'
  | 'ne'
  | 'sgt'
  | 'sge'
  | 'lt'
  | 'le'
  | 'slt'
  | 'sle';
export type AtomicOp = 'add' | 'or' | 'and' | 'xor' | 'xchg' | 'cmpxchg';
export type Callee = 'helper' | 'local' | 'kfunc';

/** What an instruction does: the tag that the engines switch on. */
export type Semantics =
  | { readonly kind: 'alu'; readonly op: AluOp; readonly width: Width; readonly source: Source }
  | { readonly kind: 'neg'; readonly width: Width }
  | { readonly kind: 'movsx'; readonly width: Width; readonly fromBits: 8 | 16 | 32 }
  | {
      readonly kind: 'swap';
      readonly order: 'le' | 'be' | 'bswap';
      readonly bits: 16 | 32 | 64;
    }
  | { readonly kind: 'loadImm64' }
  | { readonly kind: 'loadCallback' }
  | { readonly kind: 'load'; readonly size: Size; readonly signed: boolean }
  | { readonly kind: 'store'; readonly size: Size; readonly source: Source }
  | {
      readonly kind: 'atomic';
      readonly op: AtomicOp;
      readonly fetch: boolean;
      readonly size: 4 | 8;
    }
  | { readonly kind: 'loadAcquire'; readonly size: Size }
  | { readonly kind: 'storeRelease'; readonly size: Size }
  | { readonly kind: 'jump' }
  | {
      readonly kind: 'jumpIf';
      readonly condition: Condition;
      readonly width: Width;
      readonly source: Source;
    }
  | { readonly kind: 'mayGoto' }
  | { readonly kind: 'call'; readonly callee: Callee }
  | { readonly kind: 'exit' };

export type CpuVersion = 1 | 2 | 3 | 4;

/** RFC 9669 section 2.4. */
export type ConformanceGroup =
  | 'base32'
  | 'base64'
  | 'atomic32'
  | 'atomic64'
  | 'divmul32'
  | 'divmul64';

/** `update` reads and writes; a number is the only value that the field may have. */
export type RegisterRule = 'read' | 'write' | 'update' | number;
export type FieldRule = 'any' | number;

export interface InsnForm {
  readonly opcode: number;
  readonly does: Semantics;
  readonly dst: RegisterRule;
  readonly src: RegisterRule;
  readonly off: FieldRule;
  readonly imm: FieldRule;
  /** Which field is a jump's or a local call's distance, in slots from the next instruction. */
  readonly distance: 'off' | 'imm' | undefined;
  /** The kernel's syntax, with `{dst} {src} {imm} {hex} {imm64} {off} {distance} {helper}` to fill in. */
  readonly text: string;
  readonly version: CpuVersion;
  readonly group: ConformanceGroup;
}

export const REGISTERS = 11;
export const FRAME_POINTER = 10;
export const SLOT_BYTES = 8;

const cls = {
  LD: 0x00,
  LDX: 0x01,
  ST: 0x02,
  STX: 0x03,
  ALU: 0x04,
  JMP: 0x05,
  JMP32: 0x06,
  ALU64: 0x07,
} as const;
const mode = { IMM: 0x00, MEM: 0x60, MEMSX: 0x80, ATOMIC: 0xc0 } as const;
const sizeCode = { 1: 0x10, 2: 0x08, 4: 0x00, 8: 0x18 } as const;
const X = 0x08;

/** What most forms have in common; each form states the rest. */
const common = { dst: 0, src: 0, off: 0, imm: 0, distance: undefined, version: 1 } as const;

const sizes: readonly Size[] = [1, 2, 4, 8];
const widths: readonly Width[] = [32, 64];
const unsignedType = (size: Size) => `u${8 * size}`;
/** The kernel writes w0..w9 for 32-bit registers. */
const letter = (width: Width) => (width === 32 ? 'w' : 'r');
const base = (width: Width): ConformanceGroup => `base${width}`;

interface AluRow {
  readonly op: AluOp;
  readonly code: number;
  readonly sign: string;
  /** 1 selects the signed operation (section 4.1). */
  readonly off?: 1;
  readonly slow?: true;
}

const aluRows: readonly AluRow[] = [
  { op: 'add', code: 0x00, sign: '+=' },
  { op: 'sub', code: 0x10, sign: '-=' },
  { op: 'mul', code: 0x20, sign: '*=', slow: true },
  { op: 'div', code: 0x30, sign: '/=', slow: true },
  { op: 'sdiv', code: 0x30, sign: 's/=', off: 1, slow: true },
  { op: 'or', code: 0x40, sign: '|=' },
  { op: 'and', code: 0x50, sign: '&=' },
  { op: 'lsh', code: 0x60, sign: '<<=' },
  { op: 'rsh', code: 0x70, sign: '>>=' },
  { op: 'mod', code: 0x90, sign: '%=', slow: true },
  { op: 'smod', code: 0x90, sign: 's%=', off: 1, slow: true },
  { op: 'xor', code: 0xa0, sign: '^=' },
  { op: 'mov', code: 0xb0, sign: '=' },
  { op: 'arsh', code: 0xc0, sign: 's>>=' },
];

/** Section 4.1. */
function aluForms({ op, code, sign, off, slow }: AluRow): InsnForm[] {
  return widths.flatMap((width) => {
    const w = letter(width);
    const shared = {
      ...common,
      dst: op === 'mov' ? 'write' : 'update',
      off: off ?? 0,
      version: off === undefined ? 1 : 4,
      group: slow ? (`divmul${width}` as const) : base(width),
    } as const;
    const opcode = code | (width === 32 ? cls.ALU : cls.ALU64);
    return [
      {
        ...shared,
        opcode,
        does: { kind: 'alu', op, width, source: 'imm' },
        imm: 'any',
        text: `${w}{dst} ${sign} {imm}`,
      },
      {
        ...shared,
        opcode: opcode | X,
        does: { kind: 'alu', op, width, source: 'reg' },
        src: 'read',
        text: `${w}{dst} ${sign} ${w}{src}`,
      },
    ];
  });
}

function negForms(): InsnForm[] {
  return widths.map((width) => ({
    ...common,
    opcode: 0x80 | (width === 32 ? cls.ALU : cls.ALU64),
    does: { kind: 'neg', width },
    dst: 'update',
    text: `${letter(width)}{dst} = -${letter(width)}{dst}`,
    group: base(width),
  }));
}

function movsxForms(): InsnForm[] {
  const fromBits = { 32: [8, 16], 64: [8, 16, 32] } as const;
  return widths.flatMap((width) =>
    fromBits[width].map((bits) => ({
      ...common,
      opcode: 0xb0 | X | (width === 32 ? cls.ALU : cls.ALU64),
      does: { kind: 'movsx', width, fromBits: bits },
      dst: 'write',
      src: 'read',
      off: bits,
      text: `${letter(width)}{dst} = (s${bits})${letter(width)}{src}`,
      version: 4,
      group: base(width),
    })),
  );
}

/** Section 4.2. */
function swapForms(): InsnForm[] {
  const rows = [
    { order: 'le', opcode: 0xd0 | cls.ALU, version: 1 },
    { order: 'be', opcode: 0xd0 | cls.ALU | X, version: 1 },
    { order: 'bswap', opcode: 0xd0 | cls.ALU64, version: 4 },
  ] as const;
  return rows.flatMap(({ order, opcode, version }) =>
    ([16, 32, 64] as const).map((bits) => ({
      ...common,
      opcode,
      does: { kind: 'swap', order, bits },
      dst: 'update',
      imm: bits,
      text: `r{dst} = ${order}${bits} r{dst}`,
      version,
      group: bits === 64 ? 'base64' : 'base32',
    })),
  );
}

/** Section 5.4; `include/uapi/linux/bpf.h` names the pseudo source registers. */
const PSEUDO_FUNC = 4;

function loadImmForms(): InsnForm[] {
  const shared = {
    ...common,
    opcode: cls.LD | mode.IMM | sizeCode[8],
    dst: 'write',
    imm: 'any',
    group: 'base64',
  } as const;
  // 0 plain; 1 map, 2 map value, 5 and 6 the same by index, 3 variable: addresses that the loader has filled in.
  const plain: InsnForm[] = [0, 1, 2, 3, 5, 6].map((src) => ({
    ...shared,
    does: { kind: 'loadImm64' },
    src,
    text: 'r{dst} = {imm64}',
  }));
  return [
    ...plain,
    {
      ...shared,
      does: { kind: 'loadCallback' },
      src: PSEUDO_FUNC,
      distance: 'imm',
      text: 'r{dst} = subprog[{distance}]',
    },
  ];
}

/** Sections 5.1 and 5.2. */
function memoryForms(size: Size): InsnForm[] {
  const at = (register: string) => `*(${unsignedType(size)} *)(r${register} {off})`;
  const shared = {
    ...common,
    off: 'any',
    group: size === 8 ? 'base64' : 'base32',
  } as const;
  const forms: InsnForm[] = [
    {
      ...shared,
      opcode: cls.LDX | mode.MEM | sizeCode[size],
      does: { kind: 'load', size, signed: false },
      dst: 'write',
      src: 'read',
      text: `r{dst} = ${at('{src}')}`,
    },
    {
      ...shared,
      opcode: cls.ST | mode.MEM | sizeCode[size],
      does: { kind: 'store', size, source: 'imm' },
      dst: 'read',
      imm: 'any',
      text: `${at('{dst}')} = {imm}`,
    },
    {
      ...shared,
      opcode: cls.STX | mode.MEM | sizeCode[size],
      does: { kind: 'store', size, source: 'reg' },
      dst: 'read',
      src: 'read',
      text: `${at('{dst}')} = r{src}`,
    },
  ];
  if (size !== 8)
    forms.push({
      ...shared,
      opcode: cls.LDX | mode.MEMSX | sizeCode[size],
      does: { kind: 'load', size, signed: true },
      dst: 'write',
      src: 'read',
      text: `r{dst} = *(s${8 * size} *)(r{src} {off})`,
      version: 4,
      group: 'base64',
    });
  return forms;
}

const atomicRows = [
  { op: 'add', code: 0x00, sign: '+=' },
  { op: 'or', code: 0x40, sign: '|=' },
  { op: 'and', code: 0x50, sign: '&=' },
  { op: 'xor', code: 0xa0, sign: '^=' },
] as const;
const FETCH = 0x01;
const XCHG = 0xe0 | FETCH;
const CMPXCHG = 0xf0 | FETCH;
const LOAD_ACQ = 0x100;
const STORE_REL = 0x110;

/** Section 5.3. */
function atomicForms(size: 4 | 8): InsnForm[] {
  const at = `(${unsignedType(size)} *)(r{dst} {off})`;
  const name = size === 8 ? 'atomic64' : 'atomic';
  const shared = {
    ...common,
    opcode: cls.STX | mode.ATOMIC | sizeCode[size],
    dst: 'read',
    off: 'any',
    version: 3,
    group: size === 8 ? 'atomic64' : 'atomic32',
  } as const;
  return [
    ...atomicRows.flatMap(({ op, code, sign }): InsnForm[] => [
      {
        ...shared,
        does: { kind: 'atomic', op, fetch: false, size },
        src: 'read',
        imm: code,
        text: `lock *${at} ${sign} r{src}`,
      },
      {
        ...shared,
        does: { kind: 'atomic', op, fetch: true, size },
        src: 'update',
        imm: code | FETCH,
        text: `r{src} = ${name}_fetch_${op}(${at}, r{src})`,
      },
    ]),
    {
      ...shared,
      does: { kind: 'atomic', op: 'xchg', fetch: true, size },
      src: 'update',
      imm: XCHG,
      text: `r{src} = ${name}_xchg(${at}, r{src})`,
    },
    {
      ...shared,
      does: { kind: 'atomic', op: 'cmpxchg', fetch: true, size },
      src: 'read',
      imm: CMPXCHG,
      text: `r0 = ${name}_cmpxchg(${at}, r0, r{src})`,
    },
  ];
}

/** `kernel/bpf/verifier.c:check_atomic_load` and `check_atomic_store`, since 6.14. */
function orderedForms(size: Size): InsnForm[] {
  const shared = {
    ...common,
    opcode: cls.STX | mode.ATOMIC | sizeCode[size],
    off: 'any',
    src: 'read',
    version: 4,
    group: size === 8 ? 'atomic64' : 'atomic32',
  } as const;
  const type = unsignedType(size);
  return [
    {
      ...shared,
      does: { kind: 'loadAcquire', size },
      dst: 'write',
      imm: LOAD_ACQ,
      text: `r{dst} = load_acquire((${type} *)(r{src} {off}))`,
    },
    {
      ...shared,
      does: { kind: 'storeRelease', size },
      dst: 'read',
      imm: STORE_REL,
      text: `store_release((${type} *)(r{dst} {off}), r{src})`,
    },
  ];
}

interface JumpRow {
  readonly condition: Condition;
  readonly code: number;
  readonly sign: string;
  readonly version: 1 | 2;
}

const jumpRows: readonly JumpRow[] = [
  { condition: 'eq', code: 0x10, sign: '==', version: 1 },
  { condition: 'gt', code: 0x20, sign: '>', version: 1 },
  { condition: 'ge', code: 0x30, sign: '>=', version: 1 },
  { condition: 'set', code: 0x40, sign: '&', version: 1 },
  { condition: 'ne', code: 0x50, sign: '!=', version: 1 },
  { condition: 'sgt', code: 0x60, sign: 's>', version: 1 },
  { condition: 'sge', code: 0x70, sign: 's>=', version: 1 },
  { condition: 'lt', code: 0xa0, sign: '<', version: 2 },
  { condition: 'le', code: 0xb0, sign: '<=', version: 2 },
  { condition: 'slt', code: 0xc0, sign: 's<', version: 2 },
  { condition: 'sle', code: 0xd0, sign: 's<=', version: 2 },
];

/** Section 4.3. */
function jumpForms({ condition, code, sign, version }: JumpRow): InsnForm[] {
  return widths.flatMap((width) => {
    const w = letter(width);
    const opcode = code | (width === 32 ? cls.JMP32 : cls.JMP);
    const shared = {
      ...common,
      dst: 'read',
      off: 'any',
      distance: 'off',
      version: width === 32 ? 3 : version,
      group: base(width),
    } as const;
    return [
      {
        ...shared,
        opcode,
        does: { kind: 'jumpIf', condition, width, source: 'imm' },
        imm: 'any',
        text: `if ${w}{dst} ${sign} {hex} goto pc{distance}`,
      },
      {
        ...shared,
        opcode: opcode | X,
        does: { kind: 'jumpIf', condition, width, source: 'reg' },
        src: 'read',
        text: `if ${w}{dst} ${sign} ${w}{src} goto pc{distance}`,
      },
    ];
  });
}

const JA = 0x00;
const CALL = 0x80;
const EXIT = 0x90;
const JCOND = 0xe0;

/** Sections 4.3.1 and 4.3.2. */
function flowForms(): InsnForm[] {
  const call = {
    ...common,
    opcode: cls.JMP | CALL,
    imm: 'any',
    group: 'base32',
  } as const;
  return [
    {
      ...common,
      opcode: cls.JMP | JA,
      does: { kind: 'jump' },
      off: 'any',
      distance: 'off',
      text: 'goto pc{distance}',
      group: 'base32',
    },
    {
      ...common,
      opcode: cls.JMP32 | JA,
      does: { kind: 'jump' },
      imm: 'any',
      distance: 'imm',
      text: 'gotol pc{distance}',
      version: 4,
      group: 'base32',
    },
    {
      ...common,
      opcode: cls.JMP | JCOND,
      does: { kind: 'mayGoto' },
      off: 'any',
      distance: 'off',
      text: 'may_goto pc{distance}',
      version: 4,
      group: 'base32',
    },
    { ...call, does: { kind: 'call', callee: 'helper' }, text: 'call {helper}#{imm}' },
    {
      ...call,
      does: { kind: 'call', callee: 'local' },
      src: 1,
      distance: 'imm',
      text: 'call pc{distance}',
      version: 3,
    },
    {
      ...call,
      does: { kind: 'call', callee: 'kfunc' },
      src: 2,
      // The index of the module's BTF in the loader's array; the kernel reserves it for the other two.
      off: 'any',
      text: 'call {helper}#{imm}',
      version: 3,
    },
    {
      ...common,
      opcode: cls.JMP | EXIT,
      does: { kind: 'exit' },
      // Not looked at by the kernel (kernel/bpf/verifier.c:do_check).
      off: 'any',
      text: 'exit',
      group: 'base32',
    },
  ];
}

export const insnForms: readonly InsnForm[] = [
  ...aluRows.flatMap(aluForms),
  ...negForms(),
  ...movsxForms(),
  ...swapForms(),
  ...loadImmForms(),
  ...sizes.flatMap(memoryForms),
  ...atomicForms(4),
  ...atomicForms(8),
  ...sizes.flatMap(orderedForms),
  ...jumpRows.flatMap(jumpForms),
  ...flowForms(),
];

/** Forms by opcode; an opcode without any is unknown. */
export const formsByOpcode: readonly (readonly InsnForm[])[] = Array.from(
  { length: 256 },
  (_, opcode) => insnForms.filter((form) => form.opcode === opcode),
);
