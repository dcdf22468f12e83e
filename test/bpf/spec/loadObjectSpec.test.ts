import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readElf } from '../../../src/bpf/elf/readElf.js';
import { loadObjectSpec } from '../../../src/bpf/spec/loadObjectSpec.js';
import {
  describeUnsupported,
  type MapSpec,
  type ObjectSpec,
  type ProgramSpec,
} from '../../../src/bpf/spec/objectSpec.js';
import { allFixtures, COMPILERS, type Compiler, readFixture } from '../support/fixtures.js';
import { runTool } from '../support/tool.js';

function load(name: string, compiler: Compiler): ObjectSpec {
  return loadObjectSpec(readFixture(name, compiler), `${name}.o`);
}

function program(object: ObjectSpec, name: string): ProgramSpec {
  return object.programs.find((candidate) => candidate.name === name)!;
}

function map(object: ObjectSpec, name: string): MapSpec {
  return object.maps.find((candidate) => candidate.name === name)!;
}

/** The numbers of a map's definition, in one row. */
function definition({ name, type, keySizeBytes, valueSizeBytes, maxEntries, flags }: MapSpec) {
  return [name, type, keySizeBytes, valueSizeBytes, maxEntries, flags];
}

for (const compiler of COMPILERS) {
  test(`${compiler}: sections tell program and attach type, several programs share one`, () => {
    const { programs, license } = load('sections', compiler);
    assert.is(license, 'GPL');
    assert.equal(
      programs.map(({ name, section, type, autoload }) => [
        name,
        section,
        type.programType,
        type.attachType,
        type.frags,
        autoload,
      ]),
      [
        ['first', 'xdp', 'xdp', 'xdp', false, true],
        ['second', 'xdp', 'xdp', 'xdp', false, true],
        ['frags', 'xdp.frags', 'xdp', 'xdp', true, true],
        ['cpumap', 'xdp/cpumap', 'xdp', 'xdp_cpumap', false, true],
        ['cpumap_frags', 'xdp.frags/cpumap', 'xdp', 'xdp_cpumap', true, true],
        ['devmap', 'xdp/devmap', 'xdp', 'xdp_devmap', false, true],
        ['devmap_frags', 'xdp.frags/devmap', 'xdp', 'xdp_devmap', true, true],
        ['on_demand', 'xdp', 'xdp', 'xdp', false, false],
        ['named_freely', 'my_own_name', 'unspec', undefined, false, true],
      ],
    );
  });

  test(`${compiler}: programs of other types are listed beside XDP's`, () => {
    const types = load('mixed_types', compiler).programs.map(({ name, type }) => [
      name,
      type.programType,
      type.attachType,
      type.target,
    ]);
    assert.equal(types, [
      ['at_xdp', 'xdp', 'xdp', ''],
      ['at_tc', 'sched_cls', undefined, ''],
      ['at_tcx', 'sched_cls', 'tcx_ingress', ''],
      ['at_entry', 'tracing', 'trace_fentry', 'xdp_do_redirect'],
    ]);
  });

  test(`${compiler}: subprograms are appended once, depth first, with their calls resolved`, () => {
    const object = load('subprograms', compiler);
    const names = (name: string) =>
      program(object, name).functions.map((found) => [found.name, found.linkage]);
    assert.equal(names('all'), [
      ['all', 'global'],
      ['add_port', 'static'],
      ['add_queue', 'global'],
      ['twice', 'static'],
    ]);
    assert.equal(names('some'), [
      ['some', 'global'],
      ['twice', 'static'],
    ]);
    assert.equal(names('none'), [['none', 'global']]);
    assert.is(callsLandOnFunctions(program(object, 'all')), 4);
    assert.is(callsLandOnFunctions(program(object, 'some')), 1);
  });

  test(`${compiler}: callbacks are loads of a relative function address`, () => {
    const loops = program(load('callbacks', compiler), 'loops');
    assert.equal(
      loops.functions.map(({ name }) => name),
      ['loops', 'count', 'sum'],
    );
    assert.is(callsLandOnFunctions(loops), 2);
  });

  test(`${compiler}: tail call slots name programs`, () => {
    const object = load('tail_calls', compiler);
    const steps = map(object, 'steps');
    assert.equal(definition(steps), ['steps', 3, 4, 4, 4, 0]);
    assert.equal(steps.initialSlots, [
      { index: 0, kind: 'program', name: 'pass' },
      { index: 2, kind: 'program', name: 'drop' },
    ]);
  });

  test(`${compiler}: outer maps have a template and slots that name maps`, () => {
    const object = load('map_in_map', compiler);
    assert.equal(object.maps.map(definition), [
      ['left', 2, 4, 8, 2, 0],
      ['right', 2, 4, 8, 2, 0],
      ['filled', 12, 4, 4, 3, 0],
      ['by_template', 13, 8, 4, 16, 0],
    ]);
    assert.equal(map(object, 'filled').initialSlots, [
      { index: 0, kind: 'map', name: 'left' },
      { index: 2, kind: 'map', name: 'right' },
    ]);
    assert.equal(definition(map(object, 'filled').inner!).slice(1), [2, 4, 8, 2, 0]);
    assert.equal(definition(map(object, 'by_template').inner!).slice(1), [1, 2, 4, 32, 0]);
  });

  test(`${compiler}: a map has all that its definition says`, () => {
    const object = load('map_options', compiler);
    assert.equal(object.maps.map(definition), [
      ['pinned', 9, 12, 8, 1024, 2],
      ['bloom', 30, 0, 4, 100, 0],
      ['on_node', 2, 4, 1, 4, 4],
      ['user_sized', 16, 4, 8, 0, 0],
    ]);
    assert.equal(
      object.maps.map(({ pinning }) => pinning),
      ['byName', 'none', 'none', 'none'],
    );
    assert.is(map(object, 'bloom').mapExtra, 3n);
    assert.is(map(object, 'on_node').numaNode, 0);
    assert.is(object.btf!.type(map(object, 'pinned').keyTypeId!).name, 'flow');
  });

  test(`${compiler}: legacy maps may be longer if the rest is zero`, () => {
    const object = load('legacy_maps', compiler);
    assert.equal(object.maps.map(definition), [
      ['counters', 6, 4, 8, 256, 0],
      ['ports', 14, 4, 4, 64, 0],
    ]);
    assert.equal(program(object, 'forward').unsupported, []);
  });

  test(`${compiler}: an object without BTF loads, without types and lines`, () => {
    const object = load('no_btf', compiler);
    assert.is(object.btf, undefined);
    assert.is(object.license, 'Dual MIT/GPL');
    assert.equal(definition(map(object, 'table')), ['table', 1, 8, 16, 10, 1]);
    assert.equal(map(object, '.data').data!.variables, [
      {
        name: 'verdict',
        offset: 0,
        sizeBytes: 4,
        linkage: 'global',
        typeId: undefined,
        weak: false,
      },
    ]);
    const plain = program(object, 'plain');
    assert.equal(plain.lines, []);
    assert.equal(plain.unsupported, []);
    assert.is(callsLandOnFunctions(plain), 1);
  });

  test(`${compiler}: kernel symbols keep their names and whether they may be absent`, () => {
    const object = load('kernel_symbols', compiler);
    const references = object.programs.flatMap(({ relocations }) =>
      relocations.flatMap((found) =>
        'name' in found ? [[found.kind, found.name, found.weak]] : [],
      ),
    );
    assert.equal(references, [
      ['kfunc', 'bpf_xdp_metadata_rx_timestamp', false],
      ['ksym', 'no_such_symbol', true],
      ['kfunc', 'bpf_no_such_kfunc', true],
      ['ksym', 'bpf_prog_active', false],
    ]);
  });

  test(`${compiler}: what is unsupported is recorded with its line, and the rest loads`, () => {
    const object = load('unsupported', compiler);
    const reasons = object.programs.map(({ name, unsupported }) => [
      name,
      unsupported.map(describeUnsupported).map((text) => text.replace(/insn \d+/, 'insn N')),
    ]);
    assert.equal(reasons, [
      ['good', []],
      [
        'calls_a_program',
        [
          "section xdp, insn N, ./unsupported.bpf.c:19: call of 'good' in section xdp: subprograms must be in .text, without SEC()",
        ],
      ],
      [
        'uses_strange_map',
        ["section xdp, insn N, ./unsupported.bpf.c:26: map strange: field 'surprise' is unknown"],
      ],
      [
        'uses_strange_data',
        [
          "section xdp, insn N, ./unsupported.bpf.c:31: 'elsewhere' in section some_data, byte 0, is no map and no global variable",
        ],
      ],
    ]);
    assert.equal(object.ignored.map(describeUnsupported), [
      'section some_data: not a section that libbpf knows',
    ]);
  });

  test(`${compiler}: iproute2's maps are refused, a program without them loads`, () => {
    const object = load('iproute2_maps', compiler);
    assert.match(
      program(object, 'uses_it').unsupported[0]!.reason,
      "iproute2's struct bpf_elf_map is not supported",
    );
    assert.equal(program(object, 'does_not').unsupported, []);
  });
}

/** Checks that every call and callback leads to the start of the function it names; tells how many there are. */
function callsLandOnFunctions({ instructions, relocations, functions }: ProgramSpec): number {
  const view = new DataView(instructions.buffer, instructions.byteOffset, instructions.byteLength);
  let count = 0;
  for (const relocation of relocations) {
    if (relocation.kind !== 'call' && relocation.kind !== 'function') continue;
    const { insnIndex, kind } = relocation;
    assert.is(view.getUint8(insnIndex * 8), kind === 'call' ? 0x85 : 0x18);
    assert.is(view.getUint8(insnIndex * 8 + 1) >> 4, kind === 'call' ? 1 : 4);
    const target = insnIndex + 1 + view.getInt32(insnIndex * 8 + 4, true);
    assert.is(functions.find((found) => found.insnIndex === target)?.name, relocation.function);
    count++;
  }
  return count;
}

test('loading leaves the file as it was, even a Buffer', () => {
  const bytes = Buffer.from(readFixture('subprograms', 'clang19'));
  const before = bytes.toString('hex');
  const object = loadObjectSpec(bytes, 'subprograms.o');
  assert.is(bytes.toString('hex'), before);
  bytes.fill(0);
  assert.ok(program(object, 'all').instructions.some((byte) => byte !== 0));
});

test('a relocation of the second half of a load is refused', () => {
  const bytes = readFixture('globals', 'clang19');
  const file = readElf(bytes, 'globals.o');
  const table = file.sections.find(({ name }) => name === '.relxdp')!.data;
  new DataView(table.buffer, table.byteOffset).setUint32(0, 8, true);
  const { unsupported } = program(loadObjectSpec(bytes, 'globals.o'), 'use');
  assert.is(unsupported[0]!.insnIndex, 1);
  assert.match(unsupported[0]!.reason, 'expected R_BPF_64_64 at a 64-bit load');
});

test('instructions are those that llvm-objdump shows, but for what relocation changes', () => {
  for (const path of allFixtures()) {
    const output = runTool('llvm-objdump-19', ['-d', path]);
    if (output === undefined) return;
    for (const { name, instructions, functions, relocations } of loadObjectSpec(
      readFileSync(path),
      path,
    ).programs) {
      const code = Buffer.from(instructions.subarray(0, functions[0]!.insnCount * 8));
      const listed = disassembledBytes(output, name, code.length);
      for (const { insnIndex } of relocations) {
        if (insnIndex * 8 >= code.length) break;
        // Opcode and destination stay; what is relocated is source and immediates.
        const isLoad = code[insnIndex * 8] === 0x18;
        for (const bytes of [code, listed])
          bytes.fill(0, insnIndex * 8 + 2, insnIndex * 8 + (isLoad ? 16 : 8));
        for (const bytes of [code, listed]) bytes[insnIndex * 8 + 1]! &= 0xf;
      }
      assert.is(code.toString('hex'), listed.toString('hex'), `${path} ${name}`);
    }
  }
});

/** The first `length` bytes of one function in the listing of `llvm-objdump -d`. */
function disassembledBytes(listing: string, name: string, length: number): Buffer {
  const lines = listing.slice(listing.indexOf(`<${name}>:\n`)).split('\n');
  const hex = lines.map((line) => /^\s*\d+:\s((?:[0-9a-f]{2} ?)+)/.exec(line)?.[1] ?? '');
  return Buffer.from(hex.join('').replaceAll(' ', ''), 'hex').subarray(0, length);
}

test('source lines follow the instructions of subprograms', () => {
  const object = load('subprograms', 'clang19');
  const all = program(object, 'all');
  for (const { name, insnIndex, insnCount } of all.functions) {
    const lines = all.lines.filter(
      (line) => line.insnIndex >= insnIndex && line.insnIndex < insnIndex + insnCount,
    );
    assert.ok(lines.length > 0, name);
    assert.is(lines[0]!.insnIndex, insnIndex, name);
  }
});

test.run();
