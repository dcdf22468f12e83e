import { existsSync, readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { BtfError } from '../../../src/bpf/btf/btfError.js';
import type { BtfType } from '../../../src/bpf/btf/btfType.js';
import { parseBtf } from '../../../src/bpf/btf/parseBtf.js';
import { readElf } from '../../../src/bpf/elf/readElf.js';
import { BtfBuilder, KIND } from '../support/btfBuilder.js';
import { allFixtures, packagedObjects, shortName } from '../support/fixtures.js';
import { runTool } from '../support/tool.js';

const VMLINUX = '/sys/kernel/btf/vmlinux';

/** What `bpftool -j btf dump` prints for a type. */
interface DumpedType {
  readonly id: number;
  readonly kind: string;
  readonly name: string;
  readonly vars?: readonly { readonly name?: string }[];
}

/** A type in the fields of bpftool, so that the two can be compared whole. */
function dumped(type: BtfType): object {
  const common = {
    id: type.id,
    kind: type.kind.toUpperCase(),
    name: type.name === '' ? '(anon)' : type.name,
  };
  const members = (list: readonly { name: string }[]) =>
    list.map(({ name }) => (name === '' ? '(anon)' : name));
  switch (type.kind) {
    case 'int':
      return {
        ...common,
        size: type.sizeBytes,
        bits_offset: type.bitOffset,
        nr_bits: type.bits,
        encoding: encodingName(type),
      };
    case 'array':
      return {
        ...common,
        type_id: type.typeId,
        index_type_id: type.indexTypeId,
        nr_elems: type.length,
      };
    case 'struct':
    case 'union':
      return {
        ...common,
        size: type.sizeBytes,
        vlen: type.members.length,
        members: type.members.map((member, i) => ({
          name: members(type.members)[i],
          type_id: member.typeId,
          bits_offset: member.bitOffset,
          ...(member.bitfieldBits > 0 && { bitfield_size: member.bitfieldBits }),
        })),
      };
    case 'enum':
    case 'enum64':
      return {
        ...common,
        encoding: type.signed ? 'SIGNED' : 'UNSIGNED',
        size: type.sizeBytes,
        vlen: type.values.length,
        values: type.values.map(({ name, value }) => ({ name, val: Number(value) })),
      };
    case 'fwd':
      return { ...common, fwd_kind: type.of };
    case 'func':
      return { ...common, type_id: type.typeId, linkage: type.linkage };
    case 'func_proto':
      return {
        ...common,
        ret_type_id: type.typeId,
        vlen: type.parameters.length,
        params: type.parameters.map((parameter, i) => ({
          name: members(type.parameters)[i],
          type_id: parameter.typeId,
        })),
      };
    case 'var':
      return { ...common, type_id: type.typeId, linkage: type.linkage };
    case 'datasec':
      return {
        ...common,
        size: type.sizeBytes,
        vlen: type.variables.length,
        vars: type.variables.map(({ typeId, offset, sizeBytes }) => ({
          type_id: typeId,
          offset,
          size: sizeBytes,
        })),
      };
    case 'float':
      return { ...common, size: type.sizeBytes };
    case 'decl_tag':
      return { ...common, type_id: type.typeId, component_idx: type.componentIndex };
    case 'void':
      return common;
    default:
      return { ...common, type_id: type.typeId };
  }
}

function encodingName(type: Extract<BtfType, { kind: 'int' }>): string {
  if (type.signed) return 'SIGNED';
  if (type.char) return 'CHAR';
  return type.bool ? 'BOOL' : '(none)';
}

test('the types of every object are those that bpftool dumps', () => {
  for (const path of [...allFixtures(), ...packagedObjects()]) {
    const section = readElf(readFileSync(path), shortName(path)).sections.find(
      ({ name }) => name === '.BTF',
    );
    if (section === undefined) continue;
    const output = runTool('bpftool', ['-j', 'btf', 'dump', 'file', path]);
    if (output === undefined) return;
    // bpftool sign-extends the enumerators of an unsigned enum.
    const json = output.replaceAll('"val":18446744073709551615', '"val":4294967295');
    const { types } = JSON.parse(json) as { types: DumpedType[] };
    const parsed = parseBtf(section.data, shortName(path));
    assert.equal(parsed.types.slice(1).map(dumped), types.map(withoutNames), shortName(path));
  }
});

/** bpftool adds the name of the variable to each entry of a section. */
function withoutNames(type: DumpedType): object {
  if (type.kind !== 'DATASEC') return type;
  const vars = type.vars?.map(({ name: _, ...variable }) => variable);
  return { ...type, vars };
}

test("the running kernel's own types parse", () => {
  if (!existsSync(VMLINUX)) {
    console.log(`  skipped: no ${VMLINUX}`);
    return;
  }
  const vmlinux = parseBtf(readFileSync(VMLINUX), 'vmlinux');
  const context = vmlinux.find('struct', 'xdp_md');
  assert.is(context?.sizeBytes, 24);
  assert.equal(context?.members.map(({ name, bitOffset }) => [name, bitOffset]).slice(0, 3), [
    ['data', 0],
    ['data_end', 32],
    ['data_meta', 64],
  ]);
  assert.ok(vmlinux.types.length > 10_000);
});

test('every kind is decoded, enum values at their full width', () => {
  const btf = new BtfBuilder();
  const int = btf.int('int', 4, 1);
  btf.add(KIND.ENUM, 'signed', { vlen: 1, kindFlag: true, sizeOrType: 4 }, [
    btf.string('MINUS'),
    0xffff_ffff,
  ]);
  btf.add(KIND.ENUM, 'unsigned', { vlen: 1, sizeOrType: 4 }, [btf.string('BIG'), 0xffff_ffff]);
  btf.add(KIND.ENUM64, 'wide', { vlen: 1, sizeOrType: 8 }, [btf.string('HUGE'), 1, 0x8000_0000]);
  btf.add(KIND.ENUM64, 'deep', { vlen: 1, kindFlag: true, sizeOrType: 8 }, [
    btf.string('LOW'),
    0,
    0x8000_0000,
  ]);
  btf.add(KIND.FWD, 'later', { kindFlag: true });
  btf.add(KIND.TYPE_TAG, 'user', { sizeOrType: int });
  btf.add(KIND.DECL_TAG, 'tag', { sizeOrType: int }, [0xffff_ffff]);
  btf.add(KIND.FLOAT, 'double', { sizeOrType: 8 });
  const { types } = parseBtf(btf.build(), 'test');
  const values = types.flatMap((type) =>
    'values' in type ? type.values.map(({ value }) => value) : [],
  );
  assert.equal(values, [-1n, 0xffff_ffffn, 0x8000_0000_0000_0001n, -0x8000_0000_0000_0000n]);
  assert.equal(types.slice(6), [
    { kind: 'fwd', id: 6, name: 'later', of: 'union' },
    { kind: 'type_tag', id: 7, name: 'user', typeId: int },
    { kind: 'decl_tag', id: 8, name: 'tag', typeId: int, componentIndex: -1 },
    { kind: 'float', id: 9, name: 'double', sizeBytes: 8 },
  ]);
});

function refusal(bytes: Uint8Array): string {
  try {
    parseBtf(bytes, 'prog.o');
  } catch (error) {
    assert.instance(error, BtfError);
    return (error as BtfError).message;
  }
  assert.unreachable('expected a BtfError');
  return '';
}

test('an unknown kind is refused with its number', () => {
  const btf = new BtfBuilder();
  btf.add(20, 'future', {});
  assert.is(refusal(btf.build()), 'prog.o: type 1: kind 20 is unknown, expected 1 to 19');
});

test('a reference to a type that is not there is refused', () => {
  const btf = new BtfBuilder();
  btf.pointer(7);
  assert.is(refusal(btf.build()), 'prog.o: [1] ptr <anon> refers to type 7, but there are 2');
});

test('big-endian, foreign and truncated BTF is refused', () => {
  const bytes = new BtfBuilder().build();
  assert.match(refusal(bytes.slice().reverse()), 'not BTF');
  assert.match(refusal(Uint8Array.of(0xeb, 0x9f, 1, 0)), 'big-endian BTF');
  assert.match(refusal(bytes.subarray(0, 12)), /BTF header: bytes 1[0-9] to/);
  const older = bytes.slice();
  older[2] = 2;
  assert.match(refusal(older), 'BTF version 2, expected 1');
});

test('a struct with more members than the section has bytes is refused without allocating them', () => {
  const btf = new BtfBuilder();
  btf.add(KIND.STRUCT, 'huge', { vlen: 0xffff, sizeOrType: 4 });
  assert.match(refusal(btf.build()), 'struct 1 huge: member 0');
});

test.run();
