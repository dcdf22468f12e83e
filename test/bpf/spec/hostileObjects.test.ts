import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { BpfObjectError } from '../../../src/bpf/elf/objectError.js';
import { applyCoreRelocations } from '../../../src/bpf/spec/core/applyCoreRelocations.js';
import { describeObject } from '../../../src/bpf/spec/describeObject.js';
import { linkProgram } from '../../../src/bpf/spec/linkProgram.js';
import { loadObjectSpec } from '../../../src/bpf/spec/loadObjectSpec.js';
import { property } from '../../support/property.js';
import { allFixtures, packagedObjects, readFixture, shortName } from '../support/fixtures.js';
import { mutate, mutation, sectionRange } from '../support/mutations.js';

const OBJECTS = [...allFixtures(), ...packagedObjects()].map((path) => ({
  name: shortName(path),
  bytes: new Uint8Array(readFileSync(path)),
}));
const TARGET = loadObjectSpec(readFixture('core_target', 'clang19'), 'core_target.o').btf!;

const MAX_MS = 2_000;
const MAX_BYTES = 256 << 20;

/** Goes through everything that a loader does with a file. Only a `BpfObjectError` may stop it. */
function useWholly(bytes: Uint8Array, name: string): 'loaded' | 'refused' {
  try {
    const object = loadObjectSpec(bytes, name);
    describeObject(object, () => undefined);
    for (const program of object.programs) {
      const adapted = object.btf ? applyCoreRelocations(program, object.btf, TARGET) : program;
      if (adapted.unsupported.length === 0) linkProgram(adapted, () => 1n);
    }
    return 'loaded';
  } catch (error) {
    if (error instanceof BpfObjectError && error.message.length > 0) return 'refused';
    throw error;
  }
}

function usePromptly(bytes: Uint8Array, name: string): 'loaded' | 'refused' {
  const before = process.memoryUsage();
  const start = performance.now();
  const outcome = useWholly(bytes, name);
  const after = process.memoryUsage();
  assert.ok(performance.now() - start < MAX_MS, `${name} took longer than ${MAX_MS} ms`);
  const grown = after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers;
  assert.ok(grown < MAX_BYTES, `${name} took more than ${MAX_BYTES} bytes`);
  return outcome;
}

property(
  'a damaged object loads or is refused, and never crashes, hangs or eats memory',
  import.meta.filename,
  fc.property(
    fc.nat(OBJECTS.length - 1),
    fc.array(mutation, { minLength: 1, maxLength: 8 }),
    (which, mutations) => {
      const { name, bytes } = OBJECTS[which]!;
      usePromptly(mutate(bytes, mutations), name);
    },
  ),
  { numRuns: 4_000 },
);

property(
  'damaged type information, relocations and section headers likewise',
  import.meta.filename,
  fc.property(
    fc.nat(OBJECTS.length - 1),
    fc.constantFrom(
      '.BTF',
      '.BTF.ext',
      '.symtab',
      '.strtab',
      '.relxdp',
      '.rel.maps',
      '.maps',
      'headers',
    ),
    fc.array(mutation, { minLength: 1, maxLength: 6 }),
    (which, section, mutations) => {
      const { name, bytes } = OBJECTS[which]!;
      const headersAt = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(40, true));
      const [start, length] =
        section === 'headers'
          ? [headersAt, bytes.length - headersAt]
          : sectionRange(bytes, section);
      const damaged = bytes.slice();
      const inside = mutations.filter(({ kind }) => kind !== 'cut');
      damaged.set(mutate(bytes.slice(start, start + length), inside), start);
      usePromptly(damaged, name);
    },
  ),
  { numRuns: 4_000 },
);

test('every truncation of an object is refused or loads', () => {
  const bytes = readFixture('tail_calls', 'clang19');
  for (let length = 0; length < bytes.length; length++) {
    assert.is(useWholly(bytes.subarray(0, length), 'cut.o'), 'refused', `at ${length}`);
  }
});

test('an absurd size of zeroed data is refused for its programs without being allocated', () => {
  const bytes = readFixture('globals', 'clang19');
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const headers = Number(view.getBigUint64(40, true));
  for (let i = 0; i < view.getUint16(60, true); i++) {
    const header = headers + i * 64;
    if (view.getUint32(header + 4, true) === 8) view.setBigUint64(header + 32, 1n << 50n, true);
  }
  const object = loadObjectSpec(bytes, 'globals.o');
  assert.match(
    object.programs[0]!.unsupported[0]!.reason,
    /bytes of global variables in all, expected at most/,
  );
});

test.run();
