import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Btf } from '../../../src/bpf/btf/btf.js';
import { BtfError } from '../../../src/bpf/btf/btfError.js';
import { type BtfExt, parseBtfExt } from '../../../src/bpf/btf/btfExt.js';
import { parseBtf } from '../../../src/bpf/btf/parseBtf.js';
import { readElf } from '../../../src/bpf/elf/readElf.js';
import { COMPILERS, type Compiler, readFixture, sourceLines } from '../support/fixtures.js';

function sections(name: string, compiler: Compiler): { btf: Btf; bytes: Uint8Array } {
  const file = readElf(readFixture(name, compiler), `${name}.o`);
  const data = (section: string) => file.sections.find((found) => found.name === section)!.data;
  return { btf: parseBtf(data('.BTF'), `${name}.o`), bytes: data('.BTF.ext') };
}

function ext(name: string, compiler: Compiler): BtfExt {
  const { btf, bytes } = sections(name, compiler);
  return parseBtfExt(bytes, btf);
}

test('line records quote the source', () => {
  for (const compiler of COMPILERS) {
    for (const name of ['subprograms', 'core', 'globals']) {
      const source = sourceLines(name);
      for (const { file, line, column, text } of [...ext(name, compiler).lines.values()].flat()) {
        // Line 0 is code that the compiler made up.
        if (file !== `./${name}.bpf.c` || line === 0) continue;
        assert.is(text, source[line - 1], `${compiler} ${name} line ${line}`);
        assert.ok(column <= text.length + 1);
      }
    }
  }
});

test('function records name the functions where they start', () => {
  for (const compiler of COMPILERS) {
    const { btf, bytes } = sections('subprograms', compiler);
    const { functions } = parseBtfExt(bytes, btf);
    const names = functions.get('xdp')!.map(({ typeId }) => btf.type(typeId).name);
    assert.equal(names, ['all', 'some', 'none']);
  }
});

test('CO-RE records have kind, type and access', () => {
  for (const compiler of COMPILERS) {
    const { btf, bytes } = sections('core', compiler);
    const records = parseBtfExt(bytes, btf).coreRelocations.get('xdp')!;
    const seen = new Set(
      records.map(({ kind, typeId, access }) => `${kind} ${btf.type(typeId).name} ${access}`),
    );
    for (const expected of [
      'byte_off point 0:0',
      'byte_off point 0:3:2',
      'byte_off point 0:4:0',
      'byte_sz point 0:1',
      'signed point 0:0',
      'field_exists point 0:5',
      'lshift_u64 point 0:2',
      'rshift_u64 point 0:2',
      'local_type_id point 0',
      'target_type_id point 0',
      'type_exists absent 0',
      'type_size point 0',
      'enumval_exists mode 1',
      'enumval_value mode 1',
      'enumval_exists mode___gone 0',
      'field_exists point___renamed 0:0',
    ]) {
      assert.ok(seen.has(expected), `${compiler}: ${expected}`);
    }
  }
});

test('records that run past the section are refused', () => {
  const { btf, bytes } = sections('subprograms', 'clang19');
  const broken = bytes.slice();
  new DataView(broken.buffer).setUint32(24 + 8 + 8, 0xffff_ffff, true);
  for (const bad of [broken, bytes.subarray(0, bytes.length - 4), bytes.subarray(0, 10)]) {
    assert.throws(
      () => parseBtfExt(bad, btf),
      (e: unknown) => e instanceof BtfError,
    );
  }
});

test.run();
