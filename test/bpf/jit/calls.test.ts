import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { assemble } from '../../../src/bpf/assemble.js';
import { HelperFault, type OutsideCall } from '../../../src/bpf/interp/environment.js';
import { interpret } from '../../../src/bpf/interp/interpreter.js';
import { RegionMemory } from '../../../src/bpf/interp/memory.js';
import { loadProgram } from '../../../src/bpf/isa/program.js';
import { compile } from '../../../src/bpf/jit/compile.js';
import type { InlineHelper } from '../../../src/bpf/jit/options.js';
import {
  arenaView,
  CONTEXT_ADDRESS,
  FAULT_ADDRESS,
  runCompiled,
  runInterpreted,
  type Setup,
  STACK_TOP,
} from '../../support/bpfMachine.js';

const context = new Uint8Array(64);
const load = (source: string) => loadProgram(assemble(source));
const run = (source: string, setup: Partial<Setup> = {}) =>
  runCompiled(load(source), { context, ...setup });

test('helpers and kfuncs are imported by id, only those used', () => {
  const program = load('call b#9\ncall a#2\ncall b#9\nexit');
  const module = compile(program, {
    bounds: { kind: 'window', low: 4096, high: 65536 },
    memory: { initialPages: 1, maximumPages: 1, shared: true },
    entry: 'xdp',
  });
  assert.equal(module.helpers, [2, 9]);
  const imports = WebAssembly.Module.imports(new WebAssembly.Module(module.bytes));
  assert.equal(
    imports.map(({ module: from, name }) => `${from}.${name}`),
    ['env.memory', 'env.stackPointer', 'env.stackLow', 'env.faultAddress', 'helper.2', 'helper.9'],
  );
});

test('a helper gets r1..r5 and gives r0; r1..r5 and r6..r9 keep their values', () => {
  const helpers = ({ args }: OutsideCall) =>
    args.reduce((sum, arg, i) => sum + arg * 10n ** BigInt(i), 0n);
  const source =
    'r1 = 1\nr2 = 2\nr3 = 3\nr4 = 4\nr5 = 5\nr6 = 6\ncall x#7\nr0 += r6\nr0 += r5\nexit';
  assert.is(run(source, { helpers }).r0, 54332n);
  assert.is(runInterpreted(load(source), { context, helpers }).r0, 54332n);
});

test('a helper that does not exist is a fault when it is reached', () => {
  const jit = { hasHelper: (id: number) => id !== 99 };
  const source = 'r0 = 1\nif r2 == 0 goto pc+1\nexit\ncall x#99\nexit';
  assert.is(run(source, { jit }).r0, 1n);
  const reached = run('r1 = 0\ncall x#99\nexit', { jit });
  assert.equal(reached.fault, { reason: 'unknownHelper', slot: 1, detail: 99n });
});

test('a helper that leaves a fault record ends the program', () => {
  const refuse = () => {
    arenaView.setUint32(FAULT_ADDRESS, 7, true);
    arenaView.setUint32(FAULT_ADDRESS + 4, 0, true);
    arenaView.setBigUint64(FAULT_ADDRESS + 8, 3n, true);
    return 0n;
  };
  const source = 'call x#5\n*(u8 *)(r10 -1) = 1\nr0 = 2\nexit';
  const { r0, fault, memory } = run(source, { host: { helpers: { 5: refuse } } });
  assert.equal([r0, fault?.reason, fault?.detail], [0n, 'helper', 3n]);
  assert.is(memory.indexOf(1), -1);
  const helpers = () => {
    throw new HelperFault(3n, 'refused');
  };
  assert.is(runInterpreted(load(source), { context, helpers }).fault?.reason, 'helper');
});

test('functions of the program have their own registers and frames', () => {
  const source = `
    r6 = 7
    *(u64 *)(r10 -8) = r6
    r1 = r10
    r1 += -8
    call f
    r1 = *(u64 *)(r10 -8)
    r0 += r1
    r0 += r6
    exit
    f:
    r2 = *(u64 *)(r1 +0)
    r2 += 1
    *(u64 *)(r1 +0) = r2
    *(u64 *)(r10 -8) = 1000
    r6 = 50
    r0 = r6
    exit`;
  assert.is(run(source).r0, 50n + 8n + 7n);
  assert.equal(run(source), runInterpreted(load(source), { context }));
});

test('callbacks are called through the table, below the frames that are in use', () => {
  const source = `
    *(u64 *)(r10 -8) = 0
    r1 = 4
    r2 = subprog[add]
    r3 = r10
    r3 += -8
    call bpf_loop#181
    r0 = *(u64 *)(r10 -8)
    exit
    add:
    *(u64 *)(r10 -8) = 77
    r3 = *(u64 *)(r2 +0)
    r3 += r1
    *(u64 *)(r2 +0) = r3
    r0 = 0
    exit`;
  const table = new WebAssembly.Table({ element: 'anyfunc', initial: 8 });
  const bpfLoop = (count: bigint, callback: bigint, data: bigint) => {
    for (let i = 0n; i < count; i++) table.get(Number(callback))!(i, data, 0n, 0n, 0n);
    return count;
  };
  const host = { helpers: { 181: bpfLoop }, table, callbackBase: 3 };
  assert.is(run(source, { host }).r0, 6n);
  assert.is(typeof table.get(3), 'function');
});

test('a fault in a callback ends the program that the helper was called from', () => {
  const source = `
    r1 = subprog[bad]
    call x#5
    r0 = 2
    exit
    bad:
    r1 = 0
    r0 = *(u8 *)(r1 +0)
    exit`;
  const table = new WebAssembly.Table({ element: 'anyfunc', initial: 1 });
  const helpers = { 5: (callback: bigint) => table.get(Number(callback))!(0n, 0n, 0n, 0n, 0n) };
  const { r0, fault } = run(source, { host: { helpers, table, callbackBase: 0 } });
  assert.equal([r0, fault?.reason, fault?.slot], [0n, 'badAccess', 6]);
});

test('a tail call that succeeds gives its verdict, one that fails goes on', () => {
  const source = 'call bpf_tail_call#12\nr0 = 7\nexit';
  assert.is(run(source, { helpers: () => 3n }).r0, 3n);
  assert.is(run(source, { helpers: () => 2n ** 64n - 2n }).r0, 7n);
});

test('a tail-called program takes the frame of its caller', () => {
  const stackPointer = new WebAssembly.Global({ value: 'i32', mutable: true }, STACK_TOP);
  const seen: (number | bigint)[] = [];
  const helpers = {
    12: () => {
      seen.push(stackPointer.value);
      return -1n;
    },
    5: () => {
      seen.push(stackPointer.value);
      return 0n;
    },
  };
  const source = `
    call f
    exit
    f:
    call g
    call bpf_tail_call#12
    call g
    r0 = 0
    exit
    g:
    call x#5
    exit`;
  const program = load(source);
  const { bytes } = compile(program, {
    bounds: { kind: 'window', low: 3 * 65536, high: CONTEXT_ADDRESS },
    memory: { initialPages: 8, maximumPages: 8, shared: true },
    entry: 'raw',
  });
  const memory = new WebAssembly.Memory({ initial: 8, maximum: 8, shared: true });
  const env = { memory, stackPointer, stackLow: 3 * 65536, faultAddress: 64 };
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), {
    env,
    helper: helpers,
  });
  (exports as { run64: (a: bigint, b: bigint) => bigint }).run64(0n, 0n);
  // g is a leaf but for its helper, which no callback makes move: its frame is the third.
  assert.equal(seen, [STACK_TOP - 1024, STACK_TOP - 512, STACK_TOP - 1024]);
  assert.is(stackPointer.value, STACK_TOP);
});

const double: InlineHelper = (call) => {
  const factor = call.constant(1);
  if (factor === undefined) return false;
  const value = call.scratch('i64', 0);
  call.pushAddress(2, 8);
  call.code.memory('i64.load');
  call.code.tee(value);
  call.code.i64(factor);
  call.code.op('i64.mul');
  call.popResult();
  return true;
};

test('an inline helper sees constants and checks its pointers', () => {
  const jit = { inlineHelpers: new Map([[5, double]]) };
  const fromStack = '*(u64 *)(r10 -8) = 21\nr2 = r10\nr2 += -8\nr1 = 2\ncall x#5\nexit';
  assert.is(run(fromStack, { jit, helpers: () => 1n }).r0, 42n);
  const unknown = 'r1 = *(u64 *)(r1 +0)\nr2 = r10\ncall x#5\nexit';
  assert.is(run(unknown, { jit, helpers: () => 1n }).r0, 1n);
  const wild = 'r1 = 3\nr2 = 8\ncall x#5\nexit';
  assert.equal(run(wild, { jit }).fault, { reason: 'badAccess', slot: 2, detail: 8n });
});

test('an inline helper reads constants of its worker', () => {
  const cpu: InlineHelper = (call) => {
    call.pushGlobal('cpu');
    call.code.op('i64.extend_i32_u');
    call.popResult();
    return true;
  };
  const jit = { inlineHelpers: new Map([[8, cpu]]), globals: ['cpu'] };
  assert.is(
    run('call bpf_get_smp_processor_id#8\nexit', { jit, host: { globals: { cpu: 3 } } }).r0,
    3n,
  );
});

test('a narrow compare-exchange looks at the low half of r0 alone', () => {
  const source = `
    *(u64 *)(r10 -8) = 5
    r0 = 0x700000005
    r2 = 9
    r0 = atomic_cmpxchg((u32 *)(r10 -8), r0, r2)
    r1 = *(u32 *)(r10 -8)
    r1 <<= 32
    r0 |= r1
    exit`;
  assert.is(run(source).r0, (9n << 32n) | 5n);
  assert.is(runInterpreted(load(source), { context }).r0, (9n << 32n) | 5n);
});

test('may_goto falls through 8388608 times', () => {
  const source = 'r0 = 0\nback:\nmay_goto out\nr0 += 1\ngoto back\nout:\nexit';
  assert.is(run(source, { budgetInsns: 100_000_000 }).r0, 8388608n);
});

test('the interpreter gives callbacks the values that the table gives', () => {
  const program = load('r0 = subprog[f]\nexit\nf:\nr0 = 0\nexit');
  const { r0 } = interpret(program, {
    memory: new RegionMemory(new ArrayBuffer(8), []),
    stackTop: STACK_TOP,
    call: () => undefined,
    callbackBase: 5,
  });
  const table = new WebAssembly.Table({ element: 'anyfunc', initial: 6 });
  const compiled = runCompiled(program, { context, host: { table, callbackBase: 5 } });
  assert.equal([r0, compiled.r0], [5n, 5n]);
});

test.run();
