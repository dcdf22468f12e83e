import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { assemble } from '../../../src/bpf/assemble.js';
import { decode } from '../../../src/bpf/isa/decode.js';
import { BpfProgramError } from '../../../src/bpf/isa/error.js';
import { loadProgram } from '../../../src/bpf/isa/program.js';
import { insnForms } from '../../../src/bpf/isa/table.js';
import { conformanceVectors, fixtureUrl } from '../../support/bpfVectors.js';

const refuses = (source: string | Uint8Array, expected: RegExp) =>
  assert.throws(
    () => loadProgram(typeof source === 'string' ? assemble(source) : source),
    (error: unknown) => error instanceof BpfProgramError && expected.test(error.message),
  );
const hex = (text: string) => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'));

test('no two forms fit the same bytes', () => {
  const fixed = (form: (typeof insnForms)[number]) => [form.src, form.off, form.imm, form.opcode];
  for (const [index, form] of insnForms.entries())
    for (const other of insnForms.slice(index + 1))
      assert.ok(
        fixed(form).some((rule, at) => {
          const theirs = fixed(other)[at]!;
          return typeof rule === 'number' && typeof theirs === 'number' && rule !== theirs;
        }),
        `${form.text} / ${other.text}`,
      );
});

// RFC 9669 appendix A puts NEG64 and the sign-extending loads into base64; the suite's own table does not.
const GROUPED_BY_RFC_ALONE = ['neg64', 'rfc9669_ldxsb', 'rfc9669_ldxsh', 'rfc9669_ldxsw'];

test('each vector needs the CPU version and groups that the suite says', () => {
  for (const { name, program, cpuVersion, groups } of conformanceVectors()) {
    if (name === 'callx') continue;
    const forms = decode(hex(program)).map(({ form }) => form);
    assert.is(`v${Math.max(...forms.map(({ version }) => version))}`, cpuVersion, name);
    if (GROUPED_BY_RFC_ALONE.includes(name)) continue;
    assert.equal([...new Set(forms.map(({ group }) => group))].sort(), [...groups].sort(), name);
  }
});

test('programs with a reserved field set are judged as the kernel judges them', () => {
  const lines = readFileSync(fixtureUrl('reserved-fields.jsonl'), 'utf8').trim().split('\n');
  assert.is(lines.length, 45);
  for (const line of lines) {
    const { name, program, kernel } = JSON.parse(line) as Record<string, string>;
    let verdict = 'accept';
    try {
      loadProgram(hex(program!));
    } catch (error) {
      assert.instance(error, BpfProgramError);
      verdict = 'reject';
    }
    assert.is(verdict, kernel, name);
  }
});

test('a refusal names the instruction, what was expected and what was found', () => {
  refuses(
    hex('b700000000000000 0f01010000000000 9500000000000000'),
    /^insn 1: opcode 0x0f uses reserved fields: expected off 0, imm 0, found dst 1, src 0, off 1, imm 0$/,
  );
  refuses(hex('8d00000000000000'), /insn 0: unknown opcode 0x8d \(callx/);
  refuses(hex('2000000000000000'), /unknown opcode 0x20 \(BPF_LD_\[ABS\|IND\]/);
});

test('registers above r10 are refused, and writes to r10', () => {
  refuses(hex('bfb0000000000000 9500000000000000'), /R11 is invalid/);
  refuses('r10 = 0\nexit', /frame pointer is read only/);
  refuses('r10 += r1\nexit', /frame pointer is read only/);
  refuses('r10 = atomic_fetch_add((u32 *)(r1 +0), r10)\nexit', /frame pointer is read only/);
  loadProgram(assemble('*(u64 *)(r10 -8) = r10\nr0 = 0\nexit'));
});

test('jumps stay within their function and off the middle of an LDDW', () => {
  refuses('r0 = 0\ngoto pc+5\nexit', /insn 1: jump out of range from insn 1 to 7: expected 0\.\.2/);
  refuses('r0 = 0\ngoto pc-5\nexit', /insn 1: jump out of range from insn 1 to -3/);
  refuses(
    'goto pc+1\nr0 = 0x1\nexit',
    /insn 0: jump to 2 is into the middle of the ldimm64 insn 1/,
  );
  refuses(
    'call f\nexit\nf:\nif r1 == 0 goto pc-2\nr0 = 0\nexit',
    /insn 2: jump out of range from insn 2 to 1: expected its function, insns 2\.\.4/,
  );
});

test('a function must end by exit or an unconditional jump', () => {
  refuses('r0 = 0', /insn 0: last insn is not an exit or jmp/);
  refuses('exit\nr0 = 0\ncall pc-2', /insn 2: last insn is not an exit or jmp/);
  loadProgram(assemble('back:\nr0 = 0\ngoto back'));
});

test('an LDDW needs a clean second slot', () => {
  refuses(hex('1800000000000000'), /insn 0: invalid bpf_ld_imm64 insn: its second slot is missing/);
  refuses(
    hex('1800000000000000 9500000000000000'),
    /insn 0: invalid bpf_ld_imm64 insn: expected a second slot of zeros .* found opcode 0x95/,
  );
});

test('targets and subprograms are positions, not slots', () => {
  const program = loadProgram(
    assemble(`
      r1 = 0x1122334455667788
      r2 = subprog[callback]
      if r1 == 0 goto out
      call double
      out:
      exit
      callback:
      r0 = 0
      exit
      double:
      r0 = r1
      r0 += r0
      exit`),
  );
  assert.equal(program.targets, [-1, 5, 4, 7, -1, -1, -1, -1, -1, -1]);
  assert.equal(program.subprograms, [
    { start: 0, end: 5 },
    { start: 5, end: 7 },
    { start: 7, end: 10 },
  ]);
  assert.equal(program.callbacks, [5]);
  assert.is(program.insns[0]!.imm64, 0x1122334455667788n);
});

test('a length that is no multiple of a slot is a RangeError', () => {
  assert.throws(() => decode(new Uint8Array(9)), /positive multiple of 8 bytes, found 9/);
  assert.throws(() => decode(new Uint8Array(0)), /found 0/);
});

test.run();
