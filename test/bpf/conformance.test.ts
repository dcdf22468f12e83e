import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { BpfProgramError } from '../../src/bpf/isa/error.js';
import { type Engine, runPlugin, runProgram } from '../../src/bpf/plugin.js';
import { conformanceVectors, fixtureUrl } from '../support/bpfVectors.js';

const hex = (text: string) => Uint8Array.from(Buffer.from(text, 'hex'));
const engines: readonly Engine[] = ['interp', 'jit'];

for (const engine of engines)
  test(`all vectors of the public suite pass in ${engine}`, () => {
    const vectors = conformanceVectors();
    assert.is(vectors.length, 313);
    for (const { name, program, memory, expectedR0 } of vectors) {
      const run = () => runProgram(hex(program), hex(memory), engine);
      // Not an instruction of the kernel's: it must be refused as the kernel does.
      if (name === 'callx') assert.throws(run, /insn \d+: unknown opcode 0x8d/);
      else assert.is(run(), BigInt(expectedR0), name);
    }
  });

test('what the kernel refuses at load is a shift count, which the engines mask, or callx', () => {
  const text = readFileSync(fixtureUrl('kernel-rejects.json'), 'utf8');
  for (const [name, words] of Object.entries(JSON.parse(text) as Record<string, string>))
    assert.match(words, name === 'callx' ? 'unknown opcode 8d' : 'invalid shift');
});

test('the plugin prints r0 in hex', () => {
  const program = 'bf 10 00 00 00 00 00 00 71 10 01 00 00 00 00 00 95 00 00 00 00 00 00 00\n';
  for (const engine of engines)
    assert.equal(runPlugin('aa bb cc', program, engine), {
      exitCode: 0,
      output: 'bb\n',
      error: '',
    });
});

test('the plugin says what is wrong and exits with 1', () => {
  const program = 'b700000000000000 7101000000000000 9500000000000000';
  for (const engine of engines) {
    assert.equal(runPlugin('', program, engine), {
      exitCode: 1,
      output: '',
      error: 'insn 1: bad memory access at 0x0\n',
    });
    assert.match(runPlugin('', 'zz', engine).error, /program: expected hex bytes, found `zz`/);
    assert.match(runPlugin('', '00', engine).error, /expected a positive multiple of 8 bytes/);
  }
});

test('a malformed program is a BpfProgramError in both engines', () => {
  for (const engine of engines)
    assert.throws(
      () => runProgram(hex('ff00000000000000'), new Uint8Array(), engine),
      (error: unknown) => error instanceof BpfProgramError && error.slot === 0,
    );
});

test.run();
