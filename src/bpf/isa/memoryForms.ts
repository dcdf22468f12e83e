import type { InsnForm, Size } from './insn.js';
import { cls, common, mode, sizeCode, sizes, unsignedType } from './opcode.js';

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
function plainForms(size: Size): InsnForm[] {
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

export const memoryForms: readonly InsnForm[] = [
  ...loadImmForms(),
  ...sizes.flatMap(plainForms),
  ...atomicForms(4),
  ...atomicForms(8),
  ...sizes.flatMap(orderedForms),
];
