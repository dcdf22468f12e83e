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

export type SemanticsOf<Kind extends Semantics['kind']> = Extract<Semantics, { kind: Kind }>;

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

/** Slots of 8 bytes that an instruction takes. */
export function slotsOf({ does: { kind } }: InsnForm): 1 | 2 {
  return kind === 'loadImm64' || kind === 'loadCallback' ? 2 : 1;
}

export const REGISTERS = 11;
export const FRAME_POINTER = 10;
export const SLOT_BYTES = 8;
