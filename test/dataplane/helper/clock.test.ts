import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { HelperMachine } from '../../support/helperMachine.js';

test('the clocks follow the machine’s, the coarse one a tick at a time', () => {
  const machine = new HelperMachine();
  machine.nowNs = 10_000_001;
  assert.is(machine.call('ktime_get_ns'), 10_000_001n);
  assert.is(machine.call('ktime_get_boot_ns'), 10_000_001n);
  assert.is(machine.call('ktime_get_coarse_ns'), 8_000_000n);
  assert.is(machine.call('jiffies64'), 2n ** 32n - 300n * 250n + 2n);
});

test('random numbers are the same for the same seed, and differ between seeds', () => {
  const sequence = (seed: number) => {
    const machine = new HelperMachine({ seed });
    const numbers: bigint[] = [];
    machine.run(() => {
      for (let i = 0; i < 100; i++) numbers.push(machine.call('get_prandom_u32'));
    });
    return numbers;
  };
  assert.equal(sequence(1), sequence(1));
  assert.not.equal(sequence(1), sequence(2));
  assert.is(new Set(sequence(3)).size, 100);
  assert.ok(sequence(3).every((number) => number >= 0n && number < 2n ** 32n));
});

test.run();
