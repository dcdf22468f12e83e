import type { AluOp, InsnForm } from './insn.js';
import { base, cls, common, letter, widths, X } from './opcode.js';

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
function binaryForms({ op, code, sign, off, slow }: AluRow): InsnForm[] {
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

export const aluForms: readonly InsnForm[] = [
  ...aluRows.flatMap(binaryForms),
  ...negForms(),
  ...movsxForms(),
  ...swapForms(),
];
