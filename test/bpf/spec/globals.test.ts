import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadObjectSpec } from '../../../src/bpf/spec/loadObjectSpec.js';
import type { MapSpec, ObjectSpec } from '../../../src/bpf/spec/objectSpec.js';
import { setVariable } from '../../../src/bpf/spec/setVariable.js';
import { COMPILERS, type Compiler, readFixture } from '../support/fixtures.js';

const BPF_F_RDONLY_PROG = 128;
const BPF_F_MMAPABLE = 1024;

function load(compiler: Compiler, name = 'globals'): ObjectSpec {
  return loadObjectSpec(readFixture(name, compiler), `${name}.o`);
}

function section(object: ObjectSpec, name: string): MapSpec {
  return object.maps.find((candidate) => candidate.name === name)!;
}

function bytesOf(object: ObjectSpec, name: string): number[] {
  for (const { data } of object.maps) {
    const variable = data?.variables.find((candidate) => candidate.name === name);
    if (variable) {
      return [...data!.bytes.subarray(variable.offset, variable.offset + variable.sizeBytes)];
    }
  }
  return [];
}

for (const compiler of COMPILERS) {
  test(`${compiler}: each data section is an array of one value`, () => {
    const object = load(compiler);
    const rows = object.maps.map(
      ({ name, type, keySizeBytes, valueSizeBytes, maxEntries, flags }) => [
        name,
        type,
        keySizeBytes,
        valueSizeBytes,
        maxEntries,
        flags,
      ],
    );
    assert.equal(rows.sort(), [
      ['.bss', 2, 4, 32, 1, BPF_F_MMAPABLE],
      ['.data', 2, 4, 16, 1, BPF_F_MMAPABLE],
      ['.data.custom', 2, 4, 4, 1, BPF_F_MMAPABLE],
      ['.kconfig', 2, 4, 13, 1, BPF_F_RDONLY_PROG | BPF_F_MMAPABLE],
      ['.rodata', 2, 4, 48, 1, BPF_F_RDONLY_PROG | BPF_F_MMAPABLE],
      ['.rodata.tuning', 2, 4, 2, 1, BPF_F_RDONLY_PROG | BPF_F_MMAPABLE],
    ]);
    assert.is(object.kernelVersion, 0x060c01);
  });

  test(`${compiler}: variables have the place of their symbol and the type of BTF`, () => {
    const object = load(compiler);
    const { variables } = section(object, '.bss').data!;
    assert.equal(
      variables.map(({ name, offset, sizeBytes, linkage }) => [name, offset, sizeBytes, linkage]),
      [
        ['use.calls', 0, 4, 'static'],
        ['zeroed', 4, 4, 'global'],
        ['also_zeroed', 8, 24, 'static'],
      ],
    );
    assert.is(
      object.btf!.type(section(object, '.rodata').data!.variables[0]!.typeId!).kind,
      'const',
    );
    assert.equal(bytesOf(object, 'tuned'), [0xfe, 0xff]);
    assert.equal(bytesOf(object, 'hidden'), [0xfb, 255, 255, 255, 255, 255, 255, 255]);
  });

  test(`${compiler}: Kconfig values are laid out as libbpf does`, () => {
    const { variables } = section(load(compiler), '.kconfig').data!;
    assert.equal(
      variables.map(({ name, offset, sizeBytes, weak }) => [name, offset, sizeBytes, weak]),
      [
        ['CONFIG_NOT_THERE', 0, 8, true],
        ['LINUX_KERNEL_VERSION', 8, 4, false],
        ['CONFIG_BPF_JIT', 12, 1, false],
      ],
    );
  });

  test(`${compiler}: instructions refer to variables by name`, () => {
    const [use] = load(compiler).programs;
    const names = use!.relocations.flatMap((found) =>
      found.kind === 'mapValue' ? [`${found.map} ${found.variable}`] : [],
    );
    assert.equal([...new Set(names)].sort(), [
      '.bss also_zeroed',
      '.bss use.calls',
      '.bss zeroed',
      '.data hidden',
      '.data seen',
      '.data.custom custom',
      '.kconfig CONFIG_BPF_JIT',
      '.kconfig CONFIG_NOT_THERE',
      '.kconfig LINUX_KERNEL_VERSION',
      '.rodata config',
      '.rodata limit',
      '.rodata.tuning tuned',
    ]);
  });
}

test('a variable is set by value, in a copy', () => {
  const object = load('clang19');
  const changed = setVariable(setVariable(object, 'limit', 5n), 'config', {
    ports: [1],
    action: 'NEVER',
  });
  assert.equal(bytesOf(changed, 'limit'), [5, 0, 0, 0, 0, 0, 0, 0]);
  assert.equal(
    bytesOf(changed, 'config').slice(0, 12),
    [1, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255],
  );
  assert.equal(bytesOf(object, 'limit').slice(0, 2), [0xf0, 0xff]);
});

test('without type information a variable is set by its bytes', () => {
  const object = load('clang14', 'no_btf');
  assert.throws(
    () => setVariable(object, 'verdict', 1),
    'no_btf.o: variable verdict has no type information, expected its 4 bytes',
  );
  assert.equal(
    bytesOf(setVariable(object, 'verdict', Uint8Array.of(1, 0, 0, 0)), 'verdict'),
    [1, 0, 0, 0],
  );
  assert.throws(() => setVariable(object, 'verdict', Uint8Array.of(1)), 'takes 4 bytes, found 1');
});

test('an unknown variable is refused with the names there are', () => {
  assert.throws(
    () => setVariable(load('clang14', 'no_btf'), 'verdikt', 1),
    "no global variable 'verdikt', expected one of: verdict",
  );
});

test.run();
