import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ElfError } from '../../../src/bpf/elf/objectError.js';
import { StringTable } from '../../../src/bpf/elf/stringTable.js';

function table(...strings: string[]): StringTable {
  const bytes = Buffer.from(['', ...strings, ''].join('\0'), 'utf8');
  return new StringTable(bytes, (message) => new ElfError(message));
}

test('a string goes to its NUL, and may begin inside another', () => {
  const strings = table('xdp_pass', 'maps');
  assert.is(strings.at(0), '');
  assert.is(strings.at(1), 'xdp_pass');
  assert.is(strings.at(5), 'pass');
  assert.is(strings.at(10), 'maps');
});

test('a source line may hold any text', () => {
  assert.is(table('ascii', '// größer als β').at(7), '// größer als β');
});

test('an offset outside and a string without end are refused', () => {
  assert.throws(() => table('a').at(3), 'string at offset 3: the table has 3 bytes');
  assert.throws(() => table('a'.repeat(0x1_0001)).at(1), 'expected a NUL within 65536 bytes');
});

test('strings that overlap without bound are refused', () => {
  const strings = table('ß'.repeat(4_000));
  assert.throws(() => {
    for (let offset = 1; offset < 8_000; offset++) strings.at(offset);
  }, 'too many strings overlap');
});

test.run();
