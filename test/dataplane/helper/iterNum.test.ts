import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { HelperMachine } from '../../support/helperMachine.js';

function numbers(start: number, end: number): { result: bigint; seen: number[] } {
  const machine = new HelperMachine();
  const { dp, scratch } = machine;
  const it = BigInt(scratch);
  const seen: number[] = [];
  let result = 0n;
  machine.run(() => {
    result = dp.kfuncIterNumNew(it, BigInt(start), BigInt(end), 0n, 0n);
    for (;;) {
      const at = Number(dp.kfuncIterNumNext(it, 0n, 0n, 0n, 0n));
      if (at === 0 || seen.length > 10) break;
      seen.push(machine.arena.u32(at) | 0);
    }
    dp.kfuncIterNumDestroy(it, 0n, 0n, 0n, 0n);
  });
  return { result, seen };
}

test('bpf_iter_num goes from the start up to before the end', () => {
  assert.equal(numbers(3, 6), { result: 0n, seen: [3, 4, 5] });
  assert.equal(numbers(-2, 1), { result: 0n, seen: [-2, -1, 0] });
  assert.equal(numbers(-(2 ** 31), -(2 ** 31) + 2).seen, [-(2 ** 31), -(2 ** 31) + 1]);
  assert.equal(numbers(5, 5), { result: 0n, seen: [] });
});

test('bpf_iter_num refuses what the kernel refuses, and then is empty', () => {
  assert.equal(numbers(6, 3), { result: -22n, seen: [] });
  assert.equal(numbers(0, 8 * 1024 * 1024 + 1), { result: -7n, seen: [] });
  assert.equal(numbers(-(2 ** 31), 2 ** 31 - 1), { result: -7n, seen: [] });
});

test.run();
