import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { assemble } from '../../../src/bpf/assemble.js';
import { formatFault, takeFault } from '../../../src/bpf/fault.js';
import { loadProgram } from '../../../src/bpf/isa/program.js';
import { compile } from '../../../src/bpf/jit/compile.js';
import { GAP_BYTES } from '../../../src/bpf/jit/options.js';
import {
  arenaView,
  CONTEXT_ADDRESS,
  FAULT_ADDRESS,
  runCompiled,
  runInterpreted,
  type Setup,
  STACK_LOW,
  STACK_TOP,
} from '../../support/bpfMachine.js';
import { property } from '../../support/property.js';

const context = new Uint8Array(64);
const run = (source: string, setup: Partial<Setup> = {}) =>
  runCompiled(loadProgram(assemble(source)), { context, ...setup });
const modes = ['exact', 'gaps', 'checked'] as const;

/** The same fault in every mode of the JIT, and in the interpreter. */
function faultOf(source: string, setup: Partial<Setup> = {}) {
  const program = loadProgram(assemble(source));
  const expected = runInterpreted(program, { context, ...setup });
  for (const mode of modes)
    assert.equal(runCompiled(program, { context, mode, ...setup }), expected, mode);
  return expected.fault;
}

test('a NULL pointer faults, in loads, stores and atomics', () => {
  const nullLoad = faultOf('r1 = 0\nr0 = *(u8 *)(r1 +7)\nexit');
  assert.equal(nullLoad, { reason: 'badAccess', slot: 1, detail: 7n });
  assert.is(faultOf('r1 = 0\n*(u64 *)(r1 +0) = 1\nexit')?.reason, 'badAccess');
  assert.is(faultOf('r1 = 0\nlock *(u64 *)(r1 +8) += r1\nexit')?.reason, 'badAccess');
});

test('an address above 32 bits faults, even if its low half is in bounds', () => {
  const fault = faultOf('r2 = 0x100000000\nr1 += r2\nr0 = *(u8 *)(r1 +0)\nexit');
  assert.equal(fault, {
    reason: 'badAccess',
    slot: 3,
    detail: 2n ** 32n + BigInt(CONTEXT_ADDRESS),
  });
});

test('an access must fit the window whole', () => {
  const lastWord = CONTEXT_ADDRESS + context.length - 4;
  assert.is(faultOf(`r1 = 0x${lastWord.toString(16)}\nr0 = *(u32 *)(r1 +0)\nexit`), undefined);
  const { fault } = run(`r1 += 60\nr0 = *(u64 *)(r1 +0)\nexit`);
  assert.equal(fault, { reason: 'badAccess', slot: 1, detail: BigInt(lastWord) });
});

test('atomics must be aligned', () => {
  const fault = faultOf('r2 = 1\nlock *(u32 *)(r1 +2) += r2\nexit');
  assert.equal(fault, {
    reason: 'unalignedAtomic',
    slot: 1,
    detail: BigInt(CONTEXT_ADDRESS + 2),
  });
  assert.is(faultOf('r0 = load_acquire((u16 *)(r1 +1))\nexit')?.reason, 'unalignedAtomic');
});

test('r10 reaches the own frame only', () => {
  const fault = faultOf('*(u64 *)(r10 -516) = 0\nexit');
  assert.is(formatFault(fault!), 'insn 0: access outside of the stack frame at r10 -516');
  assert.is(faultOf('r0 = *(u8 *)(r10 +0)\nexit')?.reason, 'stackOverflow');
  assert.is(faultOf('*(u64 *)(r10 -512) = 0\nr0 = 0\nexit'), undefined);
});

test('an endless loop ends by the budget, on any kind of control flow', () => {
  const budgetInsns = 10_000;
  const loop = run('r0 = 1\nback:\nr0 += 1\ngoto back', { budgetInsns });
  assert.equal([loop.fault?.reason, loop.fault?.slot, loop.r0], ['budget', 2, 0n]);
  const twoEntries = 'if r1 == 0 goto b\na:\nr0 += 1\nb:\nr0 += 2\ngoto a';
  assert.is(run(twoEntries, { budgetInsns }).fault?.reason, 'budget');
  const inCallee = 'call f\nexit\nf:\ngoto f';
  assert.is(run(inCallee, { budgetInsns }).fault?.reason, 'budget');
  const manyCalls = 'back:\ncall f\ngoto back\nf:\nr0 = 0\nexit';
  assert.is(run(manyCalls, { budgetInsns }).fault?.reason, 'budget');
});

test('a loop within the budget is not disturbed by it', () => {
  const source = 'r0 = 0\nback:\nr0 += 1\nif r0 < 1000 goto back\nexit';
  assert.equal(run(source, { budgetInsns: 3000 }).r0, 1000n);
  assert.is(run(source, { budgetInsns: 1000 }).fault?.reason, 'budget');
});

test('each run has the whole budget', () => {
  const source = 'call f\nexit\nf:\nr0 = 0\nback:\nr0 += 1\nif r0 < 100 goto back\nexit';
  for (let i = 0; i < 3; i++) assert.is(run(source, { budgetInsns: 300 }).fault, undefined);
});

test('the ninth frame is one too many', () => {
  const chain = (depth: number) =>
    Array.from({ length: depth }, (_, i) => `f${i}:\ncall f${i + 1}\nexit`).join('\n') +
    `\nf${depth}:\nr0 = 8\nexit`;
  assert.is(faultOf(chain(7)), undefined);
  assert.equal(faultOf(chain(8)), { reason: 'callDepth', slot: 16, detail: 0n });
});

test('a fault in a callee ends its callers too', () => {
  const fault = faultOf(
    'call f\nr0 = 5\n*(u8 *)(r10 -1) = 9\nexit\nf:\nr1 = 0\nr0 = *(u8 *)(r1 +0)\nexit',
  );
  assert.equal(fault, { reason: 'badAccess', slot: 5, detail: 0n });
});

test('the verdict of a fault is XDP_ABORTED, and its record is taken once', () => {
  const { bytes } = compile(loadProgram(assemble('r0 = 2\nr1 = 0\nr0 = *(u8 *)(r1 +0)\nexit')), {
    bounds: { kind: 'window', low: STACK_LOW, high: STACK_TOP },
    memory: { initialPages: 1, maximumPages: 1, shared: true },
    entry: 'xdp',
  });
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), {
    env: {
      memory,
      stackPointer: new WebAssembly.Global({ value: 'i32', mutable: true }, STACK_TOP),
      stackLow: STACK_LOW,
      faultAddress: 8,
    },
  });
  assert.is((exports as { run: (context: number) => number }).run(0), 0);
  const view = new DataView(memory.buffer);
  assert.equal(takeFault(view, 8), { reason: 'badAccess', slot: 2, detail: 0n });
  assert.is(takeFault(view, 8), undefined);
});

test('checked bounds ask about every access outside of the frame', () => {
  const asked: number[][] = [];
  const check = (address: number, size: number, write: number) => {
    asked.push([address - CONTEXT_ADDRESS, size, write]);
    return Number(address < CONTEXT_ADDRESS + 16);
  };
  const source = `
    *(u32 *)(r10 -4) = 7
    r0 = *(u32 *)(r1 +0)
    *(u16 *)(r1 +8) = 1
    r0 = *(u8 *)(r1 +16)
    exit`;
  const { fault } = run(source, { mode: 'checked', host: { check } });
  assert.equal(asked, [
    [0, 4, 0],
    [8, 2, 1],
    [16, 1, 0],
  ]);
  assert.equal(fault, { reason: 'badAccess', slot: 3, detail: BigInt(CONTEXT_ADDRESS + 16) });
});

test('a context outside of the window can be read but not written', () => {
  const outside = STACK_LOW - 64;
  const jit = { contextBytes: 24 };
  const run64 = (source: string) => {
    arenaView.setUint32(outside + 4, 1234, true);
    return run(`${source}\nexit`, { jit, r1: outside });
  };
  assert.is(run64('r6 = r1\nr0 = *(u32 *)(r6 +4)').r0, 1234n);
  assert.is(run64('*(u32 *)(r1 +4) = 0').fault?.reason, 'badAccess');
  assert.is(run64('r0 = *(u32 *)(r1 +24)').fault?.reason, 'badAccess');
  assert.is(arenaView.getUint32(outside + 4, true), 1234);
});

test('bounds that make no sense are refused', () => {
  const program = loadProgram(assemble('r0 = 0\nexit'));
  const options = {
    memory: { initialPages: 1, maximumPages: 1, shared: true },
    entry: 'xdp',
  } as const;
  const withBounds =
    (low: number, high: number, gaps = false) =>
    () =>
      compile(program, { ...options, bounds: { kind: 'window', low, high, gaps } });
  assert.throws(
    withBounds(100, 100),
    /bounds: expected 0 <= low, low \+ 8 <= high .* found 100, 100/,
  );
  assert.throws(withBounds(4096, 65536, true), /expected 131072 <= low/);
});

const END = CONTEXT_ADDRESS + context.length;
const nearAnEdge = fc
  .tuple(
    fc.constantFrom(0, STACK_LOW - GAP_BYTES, STACK_LOW, STACK_TOP, END, END + GAP_BYTES, 2 ** 32),
    fc.integer({ min: -40000, max: 40000 }),
  )
  .map(([edge, distance]) => BigInt.asUintN(64, BigInt(edge + distance)));
const anyAddress = fc.oneof(nearAnEdge, fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }));

property(
  'a store to any address leaves all outside of the window, or its gaps, as it was',
  'dist/test/bpf/jit/faults.test.js',
  fc.property(
    fc.array(fc.tuple(anyAddress, fc.integer({ min: -32768, max: 32767 })), {
      minLength: 1,
      maxLength: 4,
    }),
    fc.constantFrom('u8', 'u16', 'u32', 'u64'),
    fc.constantFrom(...modes),
    (places, type, mode) => {
      const source = places.flatMap(([address, off]) => [
        `r1 = 0x${address.toString(16)}`,
        // Unknown to the compiler from here, then known to be guarded.
        'r1 *= 1',
        `*(${type} *)(r1 ${off < 0 ? off : `+${off}`}) = -1`,
        `*(${type} *)(r1 +0) = -1`,
      ]);
      const gap = mode === 'gaps' ? GAP_BYTES : 0;
      const outside = () => {
        const bytes = new Uint8Array(arenaView.buffer);
        return [bytes.slice(0, STACK_LOW - gap), bytes.slice(END + gap)];
      };
      const before = outside();
      const { fault } = run([...source, 'r0 = 0', 'exit'].join('\n'), { mode });
      assert.is(takeFault(arenaView, FAULT_ADDRESS), undefined);
      new Uint8Array(arenaView.buffer).fill(0, FAULT_ADDRESS, FAULT_ADDRESS + 16);
      before[0]!.fill(0, FAULT_ADDRESS, FAULT_ADDRESS + 16);
      assert.equal(outside(), before);
      if (mode === 'exact' && fault === undefined)
        for (const [address, off] of places)
          assert.ok(
            address + BigInt(off) >= BigInt(STACK_LOW) && address + BigInt(off) < BigInt(END),
          );
    },
  ),
  { numRuns: 300 },
);

test.run();
