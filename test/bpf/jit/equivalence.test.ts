import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { assemble } from '../../../src/bpf/assemble.js';
import { disassemble } from '../../../src/bpf/disasm.js';
import type { Environment } from '../../../src/bpf/interp/environment.js';
import { decode } from '../../../src/bpf/isa/decode.js';
import { loadProgram } from '../../../src/bpf/isa/program.js';
import { compile } from '../../../src/bpf/jit/compile.js';
import { instantiateXdp } from '../../../src/bpf/jit/instantiate.js';
import { runCompiled, runInterpreted, type Setup } from '../../support/bpfMachine.js';
import { anyProgram, CONTEXT_BYTES } from '../../support/bpfPrograms.js';
import { property } from '../../support/property.js';

const mix: Environment['call'] = ({ args: [a, b, c, d, e] }) =>
  BigInt.asUintN(64, a! * 31n + (b! ^ (c! << 7n)) - d! * e!);

const readableProgram = anyProgram.map((bytes) =>
  Object.defineProperty(bytes, fc.toStringMethod, {
    value: () => `\n${disassemble(decode(bytes)).join('\n')}\n`,
  }),
);

property(
  'compiled and interpreted programs end alike, in r0, registers, memory and fault',
  'dist/test/bpf/jit/equivalence.test.js',
  fc.property(
    readableProgram,
    fc.uint8Array({ minLength: CONTEXT_BYTES, maxLength: CONTEXT_BYTES }),
    fc.constantFrom(0, CONTEXT_BYTES),
    fc.constantFrom('exact', 'gaps', 'checked'),
    (bytes, context, contextBytes, mode) => {
      const program = loadProgram(bytes);
      const setup: Setup = { context, helpers: mix, mode, jit: { contextBytes } };
      const expected = runInterpreted(program, setup);
      const actual = runCompiled(program, setup);
      // With gaps a stray load may find bytes there: all that is promised is that it does no harm.
      if (mode === 'gaps' && expected.fault?.reason === 'badAccess') return;
      assert.equal(actual, expected);
    },
  ),
  { numRuns: 3000 },
);

test('the xdp entry takes the address of the context and gives the low half of r0', () => {
  const source = 'r2 = *(u32 *)(r1 +4)\nr0 = 0x500000000\nr0 += r2\nexit';
  const { bytes } = compile(loadProgram(assemble(source)), {
    bounds: { kind: 'window', low: 4096, high: 65536 },
    memory: { initialPages: 1, maximumPages: 1, shared: true },
    entry: 'xdp',
    contextBytes: 24,
  });
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
  new DataView(memory.buffer).setUint32(8196, 4, true);
  const run = instantiateXdp(new WebAssembly.Module(bytes), {
    memory,
    stackPointer: new WebAssembly.Global({ value: 'i32', mutable: true }, 8192),
    stackLow: 4096,
    faultAddress: 0,
  });
  assert.is(run(8192), 4);
});

test.run();
