import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { linkProgram, POISON_CALL_KFUNC } from '../../../src/bpf/spec/linkProgram.js';
import { loadObjectSpec } from '../../../src/bpf/spec/loadObjectSpec.js';
import type { ProgramSpec } from '../../../src/bpf/spec/objectSpec.js';
import type { OpenRelocation } from '../../../src/bpf/spec/relocation.js';
import { readFixture } from '../support/fixtures.js';

function program(fixture: string, name: string): ProgramSpec {
  const object = loadObjectSpec(readFixture(fixture, 'clang19'), `${fixture}.o`);
  return object.programs.find((candidate) => candidate.name === name)!;
}

/** Opcode, src and the words of the instruction that a relocation is about. */
function fields(code: Uint8Array, insnIndex: number) {
  const view = new DataView(code.buffer, code.byteOffset + insnIndex * 8);
  return {
    opcode: view.getUint8(0),
    src: view.getUint8(1) >> 4,
    imm: view.getInt32(4, true),
    high: view.getInt32(12, true),
  };
}

const ADDRESS = 0x1234_5678_9abc_def0n;
const addressOf = (reference: OpenRelocation) =>
  ADDRESS + ('offset' in reference ? BigInt(reference.offset) : 0n);

test('in form address a reference becomes a plain 64-bit immediate', () => {
  const use = program('globals', 'use');
  const code = linkProgram(use, addressOf);
  for (const relocation of use.relocations) {
    if (relocation.kind !== 'mapValue') continue;
    const { opcode, src, imm, high } = fields(code, relocation.insnIndex);
    assert.equal([opcode, src], [0x18, 0]);
    assert.is((BigInt(high >>> 0) << 32n) | BigInt(imm >>> 0), ADDRESS + BigInt(relocation.offset));
  }
});

test('in form fd a reference keeps its pseudo source and names the map', () => {
  const use = program('globals', 'use');
  const code = linkProgram(use, () => 77n, 'fd');
  for (const relocation of use.relocations) {
    if (relocation.kind !== 'mapValue') continue;
    assert.equal(fields(code, relocation.insnIndex), {
      opcode: 0x18,
      src: 2,
      imm: 77,
      high: relocation.offset,
    });
  }
  const redirect = program('map_options', 'redirect');
  const [first] = redirect.relocations;
  assert.equal(
    fields(
      linkProgram(redirect, () => 5n, 'fd'),
      first!.insnIndex,
    ),
    { opcode: 0x18, src: 1, imm: 5, high: 0 },
  );
});

test('linking does not change the spec', () => {
  const use = program('globals', 'use');
  const before = use.instructions.slice();
  linkProgram(use, addressOf);
  assert.equal(use.instructions, before);
});

test('a weak kernel symbol may be absent, a weak kfunc then is poisoned', () => {
  const weak = program('kernel_symbols', 'weak');
  const code = linkProgram(weak, (reference) =>
    'weak' in reference && reference.weak ? undefined : 9n,
  );
  const at = (name: string) =>
    weak.relocations.find((found) => 'name' in found && found.name === name)!.insnIndex;
  assert.equal(fields(code, at('no_such_symbol')), { opcode: 0x18, src: 0, imm: 0, high: 0 });
  assert.equal(fields(code, at('bpf_prog_active')), { opcode: 0x18, src: 0, imm: 9, high: 0 });
  const { opcode, src, imm } = fields(code, at('bpf_no_such_kfunc'));
  assert.equal([opcode, src, imm], [0x85, 0, POISON_CALL_KFUNC]);
});

test('a kfunc call gets its number', () => {
  const timestamps = program('kernel_symbols', 'timestamps');
  const { opcode, src, imm } = fields(
    linkProgram(timestamps, () => 321n),
    timestamps.relocations[0]!.insnIndex,
  );
  assert.equal([opcode, src, imm], [0x85, 2, 321]);
});

test('a reference without an answer is refused with instruction and line', () => {
  assert.throws(
    () => linkProgram(program('kernel_symbols', 'timestamps'), () => undefined),
    /^program timestamps: section xdp, insn \d+, .\/kernel_symbols.bpf.c:16: kfunc 'bpf_xdp_metadata_rx_timestamp' is not available$/,
  );
});

test('a program that is not supported or not relocated is refused', () => {
  assert.throws(
    () => linkProgram(program('unsupported', 'uses_strange_map'), addressOf),
    /program uses_strange_map: .*'surprise'/,
  );
  assert.throws(
    () => linkProgram(program('core', 'fields'), addressOf),
    'CO-RE relocations are not applied',
  );
});

test.run();
