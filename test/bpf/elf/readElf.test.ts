import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ElfError } from '../../../src/bpf/elf/objectError.js';
import { type ElfFile, readElf } from '../../../src/bpf/elf/readElf.js';
import { allFixtures, packagedObjects, readFixture, shortName } from '../support/fixtures.js';
import { runTool } from '../support/tool.js';

/** What llvm-readelf prints as JSON, as far as the test reads it. */
interface ReadelfDump {
  readonly Sections: readonly {
    readonly Section: {
      readonly Name: { readonly Name: string };
      readonly Type: { readonly Value: number };
      readonly Size: number;
      readonly Link: number;
      readonly Info: number;
    };
  }[];
  readonly Symbols: readonly {
    readonly Symbol: {
      readonly Name: { readonly Name: string };
      readonly Value: number;
      readonly Size: number;
      readonly Binding: { readonly Value: number };
      readonly Type: { readonly Value: number };
    };
  }[];
}

test('sections and symbols are those that llvm-readelf lists', () => {
  for (const path of [...allFixtures(), ...packagedObjects()]) {
    const output = runTool('llvm-readelf-19', ['--elf-output-style=JSON', '-S', '-s', path]);
    if (output === undefined) return;
    const [dump] = JSON.parse(output) as [ReadelfDump];
    const file = readElf(readFileSync(path), shortName(path));
    assert.equal(
      file.sections.map(({ name, type, sizeBytes, link, info }) => [
        name,
        type,
        sizeBytes,
        link,
        info,
      ]),
      dump.Sections.map(({ Section: s }) => [s.Name.Name, s.Type.Value, s.Size, s.Link, s.Info]),
      shortName(path),
    );
    assert.equal(
      file.symbols.map(({ name, value, sizeBytes, binding, type }) => [
        name,
        value,
        sizeBytes,
        binding,
        type,
      ]),
      dump.Symbols.map(({ Symbol: s }) => [
        s.Name.Name,
        s.Value,
        s.Size,
        s.Binding.Value,
        s.Type.Value,
      ]),
      shortName(path),
    );
  }
});

test('relocations are those that llvm-readelf lists', () => {
  for (const path of [...allFixtures(), ...packagedObjects()]) {
    const output = runTool('llvm-readelf-19', ['-r', path]);
    if (output === undefined) return;
    assert.equal(
      relocationOffsets(readElf(readFileSync(path), shortName(path))),
      listedOffsets(output),
      shortName(path),
    );
  }
});

function relocationOffsets(file: ElfFile): number[] {
  return [...file.relocations.values()].flat().map(({ offset }) => offset);
}

/** Offsets of those tables that patch no debugging section, in the order of the listing. */
function listedOffsets(output: string): number[] {
  const offsets: number[] = [];
  let isDebug = false;
  for (const line of output.split('\n')) {
    if (line.startsWith('Relocation section')) isDebug = line.includes("'.rel.debug");
    else if (line.includes('R_BPF_') && !isDebug) {
      offsets.push(Number.parseInt(line.split(/\s+/)[0]!, 16));
    }
  }
  return offsets;
}

/** A copy of an object with some bytes changed. */
function patched(at: number, ...bytes: number[]): Uint8Array {
  const copy = readFixture('sections', 'clang19').slice();
  copy.set(bytes, at);
  return copy;
}

function refusal(bytes: Uint8Array): string {
  try {
    readElf(bytes, 'prog.o');
  } catch (error) {
    assert.instance(error, ElfError);
    return (error as ElfError).message;
  }
  assert.unreachable('expected an ElfError');
  return '';
}

test('a file that is no ELF file is refused', () => {
  assert.is(
    refusal(new Uint8Array(0)),
    'prog.o: not an ELF file: expected 7f 45 4c 46 at its start',
  );
});

test('a big-endian object is refused', () => {
  assert.match(refusal(patched(5, 2)), 'ELF data encoding is 2, expected 1 (little endian');
});

test('a 32-bit object is refused', () => {
  assert.match(refusal(patched(4, 1)), 'ELF class is 1, expected 2 (64-bit)');
});

test('an object for another machine is refused', () => {
  assert.match(refusal(patched(18, 62, 0)), 'e_machine is 62, expected 247 (BPF');
});

test('an executable is refused', () => {
  assert.match(refusal(patched(16, 2, 0)), 'e_type is 2, expected 1');
});

test('a truncated object names what lies past its end', () => {
  const whole = readFixture('sections', 'clang19');
  assert.match(refusal(whole.subarray(0, whole.length - 1)), /^prog\.o: section header \d+/);
  assert.match(
    refusal(whole.subarray(0, 20)),
    'prog.o: e_shentsize: bytes 58 to 60 lie outside the 20 there are',
  );
});

test('a size beyond the file is refused without allocating it', () => {
  const copy = readFixture('sections', 'clang19').slice();
  const view = new DataView(copy.buffer, copy.byteOffset);
  const headers = Number(view.getBigUint64(40, true));
  view.setBigUint64(headers + 64 + 32, 0xffff_ffff_ffff_fff0n, true);
  assert.match(refusal(copy), 'section header 1: sh_size: 0xfffffffffffffff0 is beyond any file');
  view.setBigUint64(headers + 64 + 32, 1n << 40n, true);
  assert.match(refusal(copy), /section 1: bytes \d+ to \d+ lie outside/);
});

test('something that is no Uint8Array is a TypeError', () => {
  assert.throws(
    () => readElf('prog.o' as unknown as Uint8Array, 'prog.o'),
    (error: unknown) => error instanceof TypeError,
  );
});

test.run();
