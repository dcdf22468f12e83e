import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { assemble } from '../../src/bpf/assemble.js';
import { disassemble, formatInsn } from '../../src/bpf/disasm.js';
import { decode } from '../../src/bpf/isa/decode.js';
import { FRAME_POINTER } from '../../src/bpf/isa/insn.js';
import { insnForms } from '../../src/bpf/isa/table.js';
import { property } from '../support/property.js';

const insn = (opcode: number, dst = 0, src = 0, off = 0, imm = 0, high = 0): Uint8Array => {
  const bytes = new Uint8Array(opcode === 0x18 ? 16 : 8);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, opcode);
  view.setUint8(1, dst | (src << 4));
  view.setInt16(2, off, true);
  view.setInt32(4, imm, true);
  if (bytes.length === 16) view.setInt32(12, high, true);
  return bytes;
};
const text = (bytes: Uint8Array, names = {}) => formatInsn(decode(bytes)[0]!, names);

// What kernel/bpf/disasm.c:print_bpf_insn prints for the same fields.
const kernelLines: [Uint8Array, string][] = [
  [insn(0xbf, 6, 1), '(bf) r6 = r1'],
  [insn(0xbc, 6, 1), '(bc) w6 = w1'],
  [insn(0xb7, 0, 0, 0, -1), '(b7) r0 = -1'],
  [insn(0x07, 10 - 8, 0, 0, -8), '(07) r2 += -8'],
  [insn(0x3f, 1, 2, 1), '(3f) r1 s/= r2'],
  [insn(0x94, 1, 0, 1, 3), '(94) w1 s%= 3'],
  [insn(0xc7, 1, 0, 0, 32), '(c7) r1 s>>= 32'],
  [insn(0xbf, 1, 2, 8), '(bf) r1 = (s8)r2'],
  [insn(0xbc, 1, 2, 16), '(bc) w1 = (s16)w2'],
  [insn(0xbf, 1, 2, 32), '(bf) r1 = (s32)r2'],
  [insn(0x84, 3), '(84) w3 = -w3'],
  [insn(0x87, 3), '(87) r3 = -r3'],
  [insn(0xdc, 2, 0, 0, 16), '(dc) r2 = be16 r2'],
  [insn(0xd4, 2, 0, 0, 64), '(d4) r2 = le64 r2'],
  [insn(0xd7, 2, 0, 0, 32), '(d7) r2 = bswap32 r2'],
  [insn(0x61, 1, 1, 0), '(61) r1 = *(u32 *)(r1 +0)'],
  [insn(0x71, 1, 10, -1), '(71) r1 = *(u8 *)(r10 -1)'],
  [insn(0x81, 1, 2, 4), '(81) r1 = *(s32 *)(r2 +4)'],
  [insn(0x7b, 10, 1, -8), '(7b) *(u64 *)(r10 -8) = r1'],
  [insn(0x6a, 10, 0, -8, -3), '(6a) *(u16 *)(r10 -8) = -3'],
  [insn(0x18, 1, 0, 0, 0x55667788, 0x11223344), '(18) r1 = 0x1122334455667788'],
  [insn(0xdb, 1, 2, 8, 0x00), '(db) lock *(u64 *)(r1 +8) += r2'],
  [insn(0xc3, 1, 2, 8, 0x50), '(c3) lock *(u32 *)(r1 +8) &= r2'],
  [insn(0xdb, 1, 2, 8, 0x01), '(db) r2 = atomic64_fetch_add((u64 *)(r1 +8), r2)'],
  [insn(0xc3, 1, 2, 8, 0xa1), '(c3) r2 = atomic_fetch_xor((u32 *)(r1 +8), r2)'],
  [insn(0xdb, 1, 2, -8, 0xe1), '(db) r2 = atomic64_xchg((u64 *)(r1 -8), r2)'],
  [insn(0xc3, 1, 2, 0, 0xf1), '(c3) r0 = atomic_cmpxchg((u32 *)(r1 +0), r0, r2)'],
  [insn(0xd3, 1, 2, 4, 0x100), '(d3) r1 = load_acquire((u8 *)(r2 +4))'],
  [insn(0xcb, 1, 2, 4, 0x110), '(cb) store_release((u16 *)(r1 +4), r2)'],
  [insn(0x05, 0, 0, -7), '(05) goto pc-7'],
  [insn(0x06, 0, 0, 0, 70000), '(06) gotol pc+70000'],
  [insn(0xe5, 0, 0, 3), '(e5) may_goto pc+3'],
  [insn(0x2d, 3, 2, 2), '(2d) if r3 > r2 goto pc+2'],
  [insn(0xc6, 3, 0, 2, -1), '(c6) if w3 s< 0xffffffff goto pc+2'],
  [insn(0x45, 3, 0, 0, 8), '(45) if r3 & 0x8 goto pc+0'],
  [insn(0x85, 0, 1, 0, 5), '(85) call pc+5'],
  [insn(0x85, 0, 0, 0, 1), '(85) call unknown#1'],
  [insn(0x85, 0, 2, 0, 77), '(85) call kernel-function#77'],
  [insn(0x95), '(95) exit'],
];

test('instructions print as the kernel prints them', () => {
  for (const [bytes, expected] of kernelLines) assert.is(text(bytes), expected);
});

test('names that are passed in replace the defaults', () => {
  const names = {
    helper: (id: number) => (id === 1 ? 'bpf_map_lookup_elem' : undefined),
    kfunc: () => 'bpf_xdp_metadata_rx_hash',
    address: () => 'map[id:3]',
  };
  assert.is(text(insn(0x85, 0, 0, 0, 1), names), '(85) call bpf_map_lookup_elem#1');
  assert.is(text(insn(0x85, 0, 0, 0, 2), names), '(85) call unknown#2');
  assert.is(text(insn(0x85, 0, 2, 0, 7), names), '(85) call bpf_xdp_metadata_rx_hash#7');
  assert.is(text(insn(0x18, 1, 1, 0, 3), names), '(18) r1 = map[id:3]');
});

test('a listing numbers slots: an LDDW takes two', () => {
  assert.equal(disassemble(decode(assemble('r1 = 0x5\nr0 = 0\nexit'))), [
    '   0: (18) r1 = 0x5',
    '   2: (b7) r0 = 0',
    '   3: (95) exit',
  ]);
});

test('a callback is shown as bpftool shows it', () => {
  assert.is(text(insn(0x18, 2, 4, 0, 9)), '(18) r2 = subprog[+9]');
});

/** Forms that text names fully: LDDW and call kinds share theirs with another. */
const writable = insnForms.filter(
  ({ does, src }) =>
    !(does.kind === 'loadImm64' && src !== 0) && !(does.kind === 'call' && does.callee === 'kfunc'),
);
const anyInsn = fc
  .record({
    form: fc.constantFrom(...writable),
    dst: fc.integer({ min: 0, max: FRAME_POINTER - 1 }),
    src: fc.integer({ min: 0, max: FRAME_POINTER - 1 }),
    off: fc.integer({ min: -32768, max: 32767 }),
    imm: fc.integer(),
    high: fc.integer(),
  })
  .map(({ form, dst, src, off, imm, high }) => {
    const pick = (rule: string | number, value: number) =>
      typeof rule === 'number' ? rule : value;
    return insn(
      form.opcode,
      pick(form.dst, dst),
      pick(form.src, src),
      form.does.kind === 'exit' ? 0 : pick(form.off, off),
      pick(form.imm, imm),
      form.does.kind === 'loadCallback' ? 0 : high,
    );
  });

property(
  'assembling a listing gives the bytes back',
  'dist/test/bpf/disasm.test.js',
  fc.property(fc.array(anyInsn, { minLength: 1, maxLength: 20 }), (list) => {
    const bytes = Uint8Array.from(list.flatMap((one) => [...one]));
    assert.equal(assemble(disassemble(decode(bytes)).join('\n')), bytes);
  }),
);

test.run();
