import { existsSync, readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Btf } from '../../../../src/bpf/btf/btf.js';
import type { CoreRecord } from '../../../../src/bpf/btf/btfExt.js';
import { parseBtf } from '../../../../src/bpf/btf/parseBtf.js';
import { applyCoreRelocations } from '../../../../src/bpf/spec/core/applyCoreRelocations.js';
import { POISON_CORE } from '../../../../src/bpf/spec/core/patchCore.js';
import { loadObjectSpec } from '../../../../src/bpf/spec/loadObjectSpec.js';
import {
  describeUnsupported,
  type ObjectSpec,
  type ProgramSpec,
} from '../../../../src/bpf/spec/objectSpec.js';
import { BtfBuilder } from '../../support/btfBuilder.js';
import { COMPILERS, type Compiler, readFixture } from '../../support/fixtures.js';
import { runTool } from '../../support/tool.js';

const VMLINUX = '/sys/kernel/btf/vmlinux';

function load(name: string, compiler: Compiler): ObjectSpec {
  return loadObjectSpec(readFixture(name, compiler), `${name}.o`);
}

function program(object: ObjectSpec, name: string): ProgramSpec {
  return object.programs.find((candidate) => candidate.name === name)!;
}

/** The number that an instruction holds where CO-RE patches it. */
function operand(code: Uint8Array, insnIndex: number): number {
  const view = new DataView(code.buffer, code.byteOffset + insnIndex * 8);
  const isAccess = [1, 2, 3].includes(view.getUint8(0) & 7);
  return isAccess ? view.getInt16(2, true) : view.getInt32(4, true);
}

function accessSizeBytes(code: Uint8Array, insnIndex: number): number {
  return [4, 2, 1, 8][(code[insnIndex * 8]! >> 3) & 3]!;
}

/** Operands by `kind type access`, after relocation. */
function operands(before: ProgramSpec, after: ProgramSpec, local: Btf): Map<string, number> {
  const label = ({ kind, typeId, access }: CoreRecord) =>
    `${kind} ${local.type(typeId).name} ${access}`;
  return new Map(
    before.coreRelocations.map((record) => [
      label(record),
      operand(after.instructions, record.insnIndex),
    ]),
  );
}

/** Relocates a program of the fixture core against core_target. */
function relocated(compiler: Compiler, name: string) {
  const object = load('core', compiler);
  const before = program(object, name);
  const after = applyCoreRelocations(before, object.btf!, load('core_target', compiler).btf!);
  return { before, after, values: operands(before, after, object.btf!), local: object.btf! };
}

for (const compiler of COMPILERS) {
  test(`${compiler}: against the object's own types nothing changes`, () => {
    const object = load('core', compiler);
    for (const before of object.programs) {
      const after = applyCoreRelocations(before, object.btf!);
      // Compiler and libbpf may choose different loads for the bit-field.
      const plain = (operand: Map<string, number>) =>
        [...operand].filter(([access]) => !access.endsWith(' 0:2'));
      assert.equal(
        plain(operands(before, after, object.btf!)),
        plain(operands(before, before, object.btf!)),
        before.name,
      );
      assert.equal([after.coreRelocations, after.poisoned, after.unsupported], [[], [], []]);
    }
  });

  test(`${compiler}: against equal types nothing changes either`, () => {
    const object = load('core', compiler);
    const before = program(object, 'types');
    const again = load('core', compiler).btf!;
    assert.equal(
      applyCoreRelocations(before, object.btf!, again).instructions,
      before.instructions,
    );
  });

  test(`${compiler}: fields move to where the target has them`, () => {
    const { after, values } = relocated(compiler, 'fields');
    assert.equal(after.unsupported, []);
    assert.equal(after.poisoned, []);
    for (const [access, expected] of [
      ['byte_off point 0:0', 32],
      ['byte_off point 0:1', 16],
      ['byte_off point 0:3:2', 40],
      ['byte_off point 0:3:3', 42],
      ['byte_off point 0:4:0', 28],
      ['byte_sz point 0:1', 4],
      ['signed point 0:0', 1],
      ['field_exists point 0:5', 1],
      ['byte_off point 0:2', 20],
      ['byte_sz point 0:2', 4],
      ['lshift_u64 point 0:2', 64 - 12],
      ['rshift_u64 point 0:2', 61],
    ] as const) {
      assert.is(values.get(access), expected, access);
    }
  });

  test(`${compiler}: an unsigned field that became smaller is loaded by its new size`, () => {
    const { before, after, local } = relocated(compiler, 'fields');
    const load = before.coreRelocations.find(
      ({ kind, typeId, access }) =>
        kind === 'byte_off' && local.type(typeId).name === 'point' && access === '0:1',
    )!;
    assert.is(accessSizeBytes(before.instructions, load.insnIndex), 8);
    assert.is(accessSizeBytes(after.instructions, load.insnIndex), 4);
  });

  test(`${compiler}: types and enumerators are looked up`, () => {
    const target = load('core_target', compiler).btf!;
    const { after, values, local } = relocated(compiler, 'types');
    assert.equal(after.unsupported, []);
    assert.is(values.get('local_type_id point 0'), local.find('struct', 'point')!.id);
    assert.is(values.get('target_type_id point 0'), target.find('struct', 'point')!.id);
    assert.is(values.get('type_exists point 0'), 1);
    assert.is(values.get('type_size point 0'), 56);
    assert.is(values.get('type_exists absent 0'), 0);
    assert.is(values.get('enumval_exists mode 1'), 1);
    assert.is(values.get('enumval_value mode 1'), 9);
    assert.is(values.get('enumval_exists mode___gone 0'), 0);
  });

  test(`${compiler}: a flavour is looked up under its essential name`, () => {
    const { after, values } = relocated(compiler, 'flavours');
    assert.equal([after.poisoned, after.unsupported], [[], []]);
    assert.is(values.get('field_exists point___renamed 0:0'), 1);
    assert.is(values.get('byte_off point___renamed 0:0'), 12);
    assert.is(values.get('byte_off point 0:0'), 32);
  });

  test(`${compiler}: a field that is not there poisons its instruction, with the line`, () => {
    const { before, after } = relocated(compiler, 'missing');
    const { insnIndex } = before.coreRelocations[0]!;
    assert.is(after.instructions[insnIndex * 8], 0x85);
    assert.is(operand(after.instructions, insnIndex), POISON_CORE);
    assert.match(
      describeUnsupported(after.poisoned[0]!),
      /^section xdp, insn \d+, .\/core.bpf.c:77: CO-RE relocation <byte_off> \[\d+\] struct absent.field \(0:0 @ offset 0\) has no match in core_target.o$/,
    );
  });

  test(`${compiler}: the running kernel's fields are where bpftool says`, () => {
    const object = load('core_kernel', compiler);
    if (!existsSync(VMLINUX)) {
      console.log(`  skipped: no ${VMLINUX}`);
      return;
    }
    const output = runTool('bpftool', ['btf', 'dump', 'file', VMLINUX]);
    if (output === undefined) return;
    const text = output.slice(output.search(/^\[\d+\] STRUCT 'net_device' /m));
    const [, id, size] = /^\[(\d+)\] STRUCT 'net_device' size=(\d+)/.exec(text)!;
    const offset = (field: string) =>
      Number(new RegExp(`'${field}' type_id=\\d+ bits_offset=(\\d+)`).exec(text)![1]) / 8;
    const before = program(object, 'offsets');
    const after = applyCoreRelocations(
      before,
      object.btf!,
      parseBtf(readFileSync(VMLINUX), 'vmlinux'),
    );
    const values = operands(before, after, object.btf!);
    assert.is(values.get('byte_off net_device 0:0'), offset('ifindex'));
    assert.is(values.get('byte_off net_device 0:1'), offset('mtu'));
    assert.is(values.get('type_size net_device 0'), Number(size));
    assert.is(values.get('target_type_id net_device 0'), Number(id));
  });
}

/** A program of one instruction `r0 = 0` with one relocation, against hand-made types. */
function single(record: Partial<CoreRecord>, build: (builder: BtfBuilder) => void): ProgramSpec {
  const object = load('sections', 'clang19');
  const builder = new BtfBuilder();
  build(builder);
  const btf = parseBtf(builder.build(), 'target');
  const coreRelocations: CoreRecord[] = [
    { insnIndex: 0, typeId: 2, access: '0:0', kind: 'byte_off', ...record },
  ];
  return applyCoreRelocations({ ...object.programs[0]!, coreRelocations }, btf, btf);
}

test('candidates that disagree are ambiguous', () => {
  const result = single({}, (builder) => {
    const int = builder.int('int', 4, 1);
    builder.struct('point', 8, [['x', int, 0]]);
    builder.struct('point___other', 8, [['x', int, 32]]);
  });
  assert.match(
    result.unsupported[0]!.reason,
    /is ambiguous: <byte_off> \[2\] struct point.x .* and <byte_off> \[3\]/,
  );
});

test('an access that does not fit its type is refused', () => {
  for (const access of ['0:9', '', '0:', 'x', '0:0:0', `${'0:'.repeat(70)}0`]) {
    const result = single({ access }, (builder) => {
      builder.struct('point', 8, [['x', builder.int('int', 4, 1), 0]]);
    });
    assert.match(result.unsupported[0]?.reason ?? '', /^CO-RE access/, access);
  }
});

test('an instruction that holds another value than the local one is refused', () => {
  const result = single({ access: '0:1' }, (builder) => {
    const int = builder.int('int', 4, 1);
    builder.struct('point', 8, [
      ['x', int, 0],
      ['y', int, 32],
    ]);
  });
  assert.match(result.unsupported[0]!.reason, /expects 4 in the instruction, found \d/);
});

test('types made to explode are given up', () => {
  const result = single({ typeId: 1 + 30, kind: 'type_matches', access: '0' }, (builder) => {
    let inner = builder.int('int', 4, 1);
    for (let level = 0; level < 30; level++) {
      inner = builder.struct('s', 4, [
        ['a', inner, 0],
        ['b', inner, 0],
      ]);
    }
  });
  assert.match(result.unsupported[0]!.reason, 'comparisons');
});

test.run();
