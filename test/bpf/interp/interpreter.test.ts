import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { assemble } from '../../../src/bpf/assemble.js';
import {
  type Environment,
  HelperFault,
  type RunResult,
} from '../../../src/bpf/interp/environment.js';
import { interpret } from '../../../src/bpf/interp/interpreter.js';
import { RegionMemory } from '../../../src/bpf/interp/memory.js';
import { loadProgram } from '../../../src/bpf/isa/program.js';
import { STACK_BYTES } from '../../../src/bpf/limits.js';

const STACK_TOP = 4096 + STACK_BYTES;
const DATA = STACK_TOP;
const END = DATA + 64;

function run(source: string, options: Partial<Environment> = {}, data?: DataView): RunResult {
  const buffer = new ArrayBuffer(END);
  if (data !== undefined) new Uint8Array(buffer, DATA).set(new Uint8Array(data.buffer));
  return interpret(
    loadProgram(assemble(source)),
    {
      memory: new RegionMemory(buffer, [{ start: 4096, end: END }]),
      stackTop: STACK_TOP,
      call: () => undefined,
      ...options,
    },
    BigInt(DATA),
    64n,
  );
}

test('arguments arrive in r1 and r2, r10 is the top of the stack', () => {
  assert.is(run('r0 = r1\nexit').r0, BigInt(DATA));
  assert.is(run('r0 = r2\nexit').r0, 64n);
  assert.is(run('r0 = r10\nexit').r0, BigInt(STACK_TOP));
});

test('a callee has its own frame and registers, and gives back r0 alone', () => {
  const { r0, executedInsns } = run(`
    r6 = 7
    r1 = 5
    *(u64 *)(r10 -8) = r6
    call f
    r0 += r6
    r1 = *(u64 *)(r10 -8)
    r0 += r1
    exit
    f:
    r6 = 100
    *(u64 *)(r10 -8) = r6
    r0 = r1
    exit`);
  assert.is(r0, 19n);
  assert.is(executedInsns, 12);
});

test('a fault names its reason, instruction and detail', () => {
  assert.equal(run('r1 = 0\nr0 = *(u32 *)(r1 +4)\nexit').fault, {
    reason: 'badAccess',
    slot: 1,
    detail: 4n,
  });
  assert.equal(run('r1 = 0x5\nlock *(u32 *)(r10 -6) += r1\nexit').fault, {
    reason: 'unalignedAtomic',
    slot: 2,
    detail: BigInt(STACK_TOP - 6),
  });
  assert.equal(run('*(u64 *)(r10 -520) = 0\nexit').fault, {
    reason: 'stackOverflow',
    slot: 0,
    detail: 0xfffffffffffffdf8n,
  });
  assert.equal(run('*(u64 *)(r10 -4) = 0\nexit').fault?.reason, 'stackOverflow');
  assert.equal(run('call nothing#999\nexit').fault, {
    reason: 'unknownHelper',
    slot: 0,
    detail: 999n,
  });
});

test('an endless loop ends at the budget', () => {
  const { fault, r0, executedInsns } = run('r0 = 5\nback:\ngoto back', { budgetInsns: 100 });
  assert.equal(fault, { reason: 'budget', slot: 1, detail: 0n });
  assert.is(r0, 0n);
  assert.is(executedInsns, 101);
});

test('endless recursion ends at the ninth frame', () => {
  assert.equal(run('call f\nexit\nf:\ncall f\nexit').fault, {
    reason: 'callDepth',
    slot: 2,
    detail: 0n,
  });
});

test('helpers get r1..r5 and may refuse them', () => {
  const seen: bigint[][] = [];
  const call: Environment['call'] = ({ id, args }) => {
    if (id === 9) throw new HelperFault(3n, 'bad argument');
    seen.push([...args]);
    return 2n ** 64n - 1n;
  };
  assert.is(
    run('r1 = 1\nr2 = 2\nr3 = 3\nr4 = 4\nr5 = 5\ncall x#7\nexit', { call }).r0,
    2n ** 64n - 1n,
  );
  assert.equal(seen, [[1n, 2n, 3n, 4n, 5n]]);
  assert.equal(run('call x#9\nexit', { call }).fault, { reason: 'helper', slot: 0, detail: 3n });
});

test('a helper may call back into the program', () => {
  const call: Environment['call'] = ({ args: [count, callback, context], invoke }) => {
    for (let i = 0n; i < count!; i++) invoke(callback!, [i, context!]);
    return count!;
  };
  const { r0 } = run(
    `
    *(u64 *)(r10 -8) = 0
    r1 = 4
    r2 = subprog[add]
    r3 = r10
    r3 += -8
    call bpf_loop#181
    r0 = *(u64 *)(r10 -8)
    exit
    add:
    r3 = *(u64 *)(r2 +0)
    r3 += r1
    *(u64 *)(r2 +0) = r3
    r0 = 0
    exit`,
    { call, callbackBase: 30 },
  );
  assert.is(r0, 6n);
});

test('a tail call that succeeds ends the run, one that fails does not', () => {
  const source = 'call bpf_tail_call#12\nr0 = 7\nexit';
  assert.is(run(source, { call: () => 3n }).r0, 3n);
  assert.is(run(source, { call: () => 2n ** 64n - 1n }).r0, 7n);
});

test('may_goto falls through, so the budget ends the loop that it guards', () => {
  assert.is(run('r0 = 0\nmay_goto pc+2\nr0 += 1\nif r0 < 5 goto pc-3\nexit').r0, 5n);
});

test.run();
