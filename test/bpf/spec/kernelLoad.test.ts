import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Btf } from '../../../src/bpf/btf/btf.js';
import { parseBtf } from '../../../src/bpf/btf/parseBtf.js';
import { readElf } from '../../../src/bpf/elf/readElf.js';
import { applyCoreRelocations } from '../../../src/bpf/spec/core/applyCoreRelocations.js';
import { linkProgram } from '../../../src/bpf/spec/linkProgram.js';
import { loadObjectSpec } from '../../../src/bpf/spec/loadObjectSpec.js';
import type { MapSpec, ObjectSpec, ProgramSpec } from '../../../src/bpf/spec/objectSpec.js';
import { allFixtures, exampleObjects, packagedObjects, shortName } from '../support/fixtures.js';

const SOURCE = fileURLToPath(
  new URL('../../../../test/fixtures/bpf/tools/kernelLoad.c', import.meta.url),
);
const VMLINUX = '/sys/kernel/btf/vmlinux';
/** Entries of a map that leaves its size to the user, and bytes of such a ring buffer. */
const USER_ENTRIES = 4;
const USER_RING_BYTES = 4096;
/** BPF_MAP_TYPE_RINGBUF */
const RINGBUF = 27;

/** The tool that asks the kernel, built on the spot; undefined where there is no compiler or no privilege. */
function buildTool(directory: string): string | undefined {
  if (process.getuid?.() !== 0 || !existsSync(VMLINUX)) return undefined;
  const path = join(directory, 'kernelLoad');
  if (spawnSync('clang', ['-O1', '-o', path, SOURCE]).status !== 0) return undefined;
  // A container's root may not call bpf(2) at all.
  return spawnSync(path, { input: 'map 2 4 4 1 0 0 -1\n' }).status === 0 ? path : undefined;
}

test("the kernel's verifier takes every linked XDP program, and none of those that have a fault", () => {
  const directory = mkdtempSync(join(tmpdir(), 'xdpemu-'));
  try {
    const tool = buildTool(directory);
    if (tool === undefined) {
      console.log('  skipped: needs clang, a kernel with BTF and the right to call bpf(2)');
      return;
    }
    const vmlinux = parseBtf(readFileSync(VMLINUX), 'vmlinux');
    for (const path of [...allFixtures(), ...exampleObjects(), ...packagedObjects()])
      checkObject(tool, path, vmlinux);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

function checkObject(tool: string, path: string, vmlinux: Btf): void {
  const bytes = readFileSync(path);
  const object = loadObjectSpec(bytes, shortName(path));
  const programs = object.programs.filter(isLoadable);
  if (programs.length === 0 || unasked.has(basename(path))) return;
  const numbers = new Map<string, number>();
  const input = [...mapLines(object, numbers), ...btfLine(bytes, object)];
  for (const program of programs) input.push(programLine(object, program, numbers, vmlinux));
  const result = spawnSync(tool, {
    input: `${input.join('\n')}\n`,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  assert.is(result.stderr, '', object.name);
  const isFaulty = ({ name }: ProgramSpec) => isFaultyProgram(object.name, name);
  assert.equal(
    verdicts(result.stdout, programs.some(isFaulty)),
    programs.map((program) => `${isFaulty(program) ? 'fail' : 'ok'} ${program.name}`),
    object.name,
  );
}

/** Fixtures whose programs are wrong on purpose, and those of them that are not. */
const faulty: Readonly<Record<string, readonly string[]>> = {
  'faults.o': ['well_behaved'],
  'helper_faults.o': ['well_behaved'],
  'exact_bounds.o': ['within', 'redirect_values'],
  'stack_depth.o': ['just_enough', 'eight_frames'],
};

/** Not asked about: loops that the verifier would have to go through, and locks, which a map's BTF must tell of. */
const unasked: ReadonlySet<string> = new Set(['long_chain.o', 'spin_lock.o']);

function isFaultyProgram(object: string, program: string): boolean {
  return faulty[basename(object)]?.includes(program) === false;
}

/** All that was said, or where failures are expected the verdicts alone, without the verifier's log. */
function verdicts(output: string, withoutLogs: boolean): string[] {
  const lines = output.trim().split('\n');
  return withoutLogs ? lines.flatMap((line) => line.match(/^(?:ok|fail) \w+/)?.[0] ?? []) : lines;
}

/** Programs for other hooks and those with kfuncs, whose BTF would need fixing up, are not asked about. */
function isLoadable({ type, unsupported, relocations }: ProgramSpec): boolean {
  return (
    type.programType === 'xdp' &&
    unsupported.length === 0 &&
    relocations.every((found) => !('name' in found))
  );
}

/** An inner map has to be there before its outer map. */
function mapLines(object: ObjectSpec, numbers: Map<string, number>): string[] {
  const lines: string[] = [];
  const add = (map: MapSpec): number => {
    const inner = map.inner === undefined ? -1 : add(map.inner);
    const { type, keySizeBytes, valueSizeBytes, flags, mapExtra } = map;
    const byUser = type === RINGBUF ? USER_RING_BYTES : USER_ENTRIES;
    const entries = map.maxEntries === 0 ? byUser : map.maxEntries;
    lines.push(
      `map ${type} ${keySizeBytes} ${valueSizeBytes} ${entries} ${flags} ${mapExtra} ${inner}`,
    );
    return lines.length - 1;
  };
  for (const map of object.maps.filter(({ unsupported }) => unsupported === undefined)) {
    numbers.set(map.name, add(map));
  }
  return lines;
}

function btfLine(bytes: Uint8Array, object: ObjectSpec): string[] {
  if (object.btf === undefined) return [];
  const section = readElf(bytes, object.name).sections.find(({ name }) => name === '.BTF')!;
  return [`btf ${Buffer.from(completeDataSections(section.data, object.btf)).toString('hex')}`];
}

/**
 * The kernel wants sizes and offsets that the compiler left open, and no extern variables; libbpf fills them in likewise.
 * Any offsets that do not overlap will do here.
 */
function completeDataSections(section: Uint8Array, btf: Btf): Uint8Array {
  const bytes = section.slice();
  const view = new DataView(bytes.buffer);
  let at = view.getUint32(4, true);
  for (const type of btf.types.slice(1)) {
    const tail = at + 12;
    if (type.kind === 'datasec') {
      let end = 0;
      for (const [i, { sizeBytes }] of type.variables.entries()) {
        view.setUint32(tail + i * 12 + 4, end, true);
        end += Math.ceil(sizeBytes / 8) * 8;
      }
      view.setUint32(at + 8, end, true);
    }
    if (type.kind === 'var' && type.linkage === 'extern') view.setUint32(tail, 1, true);
    at = tail + tailBytes(type);
  }
  return bytes;
}

function tailBytes(type: Btf['types'][number]): number {
  switch (type.kind) {
    case 'int':
    case 'var':
    case 'decl_tag':
      return 4;
    case 'array':
      return 12;
    case 'struct':
    case 'union':
      return type.members.length * 12;
    case 'enum':
      return type.values.length * 8;
    case 'enum64':
      return type.values.length * 12;
    case 'func_proto':
      return type.parameters.length * 8;
    case 'datasec':
      return type.variables.length * 12;
    default:
      return 0;
  }
}

function programLine(
  object: ObjectSpec,
  program: ProgramSpec,
  numbers: ReadonlyMap<string, number>,
  vmlinux: Btf,
): string {
  const needsKernel = object.name.endsWith('core_kernel.o');
  const adapted = object.btf
    ? applyCoreRelocations(program, object.btf, needsKernel ? vmlinux : undefined)
    : program;
  const code = linkProgram(
    adapted,
    (found) => ('map' in found ? BigInt(numbers.get(found.map)!) : undefined),
    'fd',
  );
  const functions = program.functions.flatMap(({ insnIndex, typeId }) =>
    typeId === undefined ? [] : [`${insnIndex}:${typeId}`],
  );
  const { attachType, frags } = program.type;
  return `prog ${program.name} ${attachType} ${frags ? 1 : 0} ${functions.join(',') || '-'} ${Buffer.from(code).toString('hex')}`;
}

test.run();
