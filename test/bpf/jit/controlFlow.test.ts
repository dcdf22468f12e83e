import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { assemble } from '../../../src/bpf/assemble.js';
import { loadProgram } from '../../../src/bpf/isa/program.js';
import { analyzeControlFlow, loopBody } from '../../../src/bpf/jit/cfg.js';
import { runCompiled, runInterpreted } from '../../support/bpfMachine.js';

const context = new Uint8Array(8);
const load = (source: string) => loadProgram(assemble(source));
const flowOf = (source: string) => {
  const program = load(source);
  return analyzeControlFlow(program, program.subprograms[0]!);
};
const agreeOn = (source: string) => {
  const program = load(source);
  const compiled = runCompiled(program, { context, budgetInsns: 1_000_000 });
  assert.equal(compiled, runInterpreted(program, { context, budgetInsns: 1_000_000 }));
  return compiled.r0;
};

const NESTED_LOOPS = `
  r0 = 0
  r6 = 5
  outer:
  r7 = 4
  inner:
  r0 += 1
  r7 += -1
  if r7 != 0 goto inner
  if r0 == 13 goto out
  r6 += -1
  if r6 != 0 goto outer
  out:
  exit`;

const TWO_ENTRY_LOOP = `
  r0 = 0
  if r2 == 8 goto b
  a:
  r0 += 1
  b:
  r0 += 10
  if r0 < 100 goto a
  exit`;

/** Clang moves cold code to the end and jumps back: no loop. */
const BACKWARD_JUMP = `
  goto start
  out:
  exit
  start:
  r0 = 3
  goto out`;

test('loops nest: each header dominates its body', () => {
  const flow = flowOf(NESTED_LOOPS);
  assert.ok(flow.reducible);
  assert.is(flow.loopHeaders.size, 2);
  const [outer, inner] = [...flow.loopHeaders].sort((a, b) => a - b);
  assert.ok(loopBody(flow, outer!).has(inner!));
  assert.not(loopBody(flow, inner!).has(outer!));
  assert.is(agreeOn(NESTED_LOOPS), 20n);
});

test('a cycle with two entries is irreducible, and runs all the same', () => {
  assert.not(flowOf(TWO_ENTRY_LOOP).reducible);
  assert.is(agreeOn(TWO_ENTRY_LOOP), 109n);
});

test('a backward jump is not a loop in reverse post-order', () => {
  const flow = flowOf(BACKWARD_JUMP);
  assert.is(flow.loopHeaders.size, 0);
  assert.is(agreeOn(BACKWARD_JUMP), 3n);
});

test('blocks that nothing leads to are left out', () => {
  const flow = flowOf('r0 = 1\nexit\nr0 = 2\ngoto pc-2');
  assert.is(flow.blocks.length, 1);
});

test('a conditional jump to the next instruction has one successor', () => {
  const flow = flowOf('r0 = 1\nif r1 == 0 goto pc+0\nexit');
  assert.equal(
    flow.blocks.map(({ successors }) => [...successors]),
    [[1], []],
  );
  assert.is(agreeOn('r0 = 1\nif r1 == 0 goto pc+0\nexit'), 1n);
});

test('one block may loop to itself, conditionally either way', () => {
  assert.is(agreeOn('r0 = 0\nl:\nr0 += 1\nif r0 < 9 goto l\nexit'), 9n);
  assert.is(agreeOn('r0 = 0\nl:\nr0 += 1\nif r0 >= 9 goto out\ngoto l\nout:\nexit'), 9n);
  assert.is(agreeOn('l:\nr0 += 1\nif r0 == 3 goto pc+1\ngoto l\nexit'), 3n);
});

test('a diamond, a switch and early exits', () => {
  const source = `
    r3 = *(u8 *)(r1 +0)
    r0 = 1
    if r3 == 1 goto one
    if r3 == 2 goto two
    if r3 s> 7 goto out
    r0 = 100
    goto join
    one:
    r0 = 10
    goto join
    two:
    r0 = 20
    join:
    r0 += 5
    if r0 != 105 goto out
    r0 += 1
    out:
    exit`;
  assert.is(agreeOn(source), 106n);
});

test('ten thousand blocks in a row, and as many nested ones, neither overflow nor crawl', () => {
  const count = 10_000;
  const chain = Array.from({ length: count }, () => 'if r1 == 0 goto pc+1\nr0 += 1').join('\n');
  assert.is(agreeOn(`r0 = 0\n${chain}\nexit`), BigInt(count));
  const exits = Array.from(
    { length: 5000 },
    (_, i) => `if r1 == ${i} goto +${2 * (5000 - i) - 1}\nr0 += 1`,
  );
  assert.is(agreeOn(`r0 = 0\n${exits.join('\n')}\nexit`), 5000n);
});

test.run();
