import type { Condition, InsnForm } from './insn.js';
import { base, cls, common, letter, widths, X } from './opcode.js';

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
function conditionalForms({ condition, code, sign, version }: JumpRow): InsnForm[] {
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

export const jumpForms: readonly InsnForm[] = [
  ...jumpRows.flatMap(conditionalForms),
  ...flowForms(),
];
