import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { internetChecksum } from '../../../src/packet/checksum.js';
import { HelperMachine } from '../../support/helperMachine.js';
import { property } from '../../support/property.js';

const machine = new HelperMachine();
const old = new HelperMachine({ kernel: 601 });
const words = fc
  .array(fc.uint8Array({ minLength: 4, maxLength: 4 }), { maxLength: 32 })
  .map((list) => Uint8Array.from(list.flatMap((word) => [...word])));

/** The two forms of zero are one. */
const normal = (sum: bigint) => (sum === 0xffffn ? 0n : sum);
const folded = (sum: bigint) => {
  let rest = sum;
  while (rest > 0xffffn) rest = (rest & 0xffffn) + (rest >> 16n);
  return normal(rest);
};
const swapped = (sum: number) => BigInt(((sum & 0xff) << 8) | (sum >> 8));

property(
  'csum_diff of nothing and a buffer is the checksum of the buffer',
  import.meta.filename,
  fc.property(words, (bytes) => {
    const at = machine.put(bytes);
    const sum = machine.call('csum_diff', 0, 0, at, bytes.length, 0);
    assert.is(normal(~sum & 0xffffn), normal(swapped(internetChecksum(bytes, 0, bytes.length))));
  }),
);

property(
  'csum_diff turns the checksum of one buffer into that of another, on both kernels',
  import.meta.filename,
  fc.property(words, words, (from, to) => {
    for (const kernel of [machine, old]) {
      const fromAt = kernel.put(from);
      const toAt = kernel.put(to, 1024);
      const before = kernel.call('csum_diff', 0, 0, fromAt, from.length, 0);
      const after = kernel.call('csum_diff', 0, 0, toAt, to.length, 0);
      const diff = kernel.call('csum_diff', fromAt, from.length, toAt, to.length, before);
      assert.is(folded(diff), folded(after));
    }
  }),
);

test('sizes are multiples of 4, and before 6.13 at most 512 bytes together', () => {
  const at = machine.put(new Uint8Array(1024));
  assert.is(machine.call('csum_diff', 0, 0, at, 3, 0), -22n);
  assert.ok(machine.call('csum_diff', at, 256, at, 260, 0) >= 0n);
  old.put(new Uint8Array(1024));
  assert.is(old.call('csum_diff', old.scratch, 256, old.scratch, 260, 0), -22n);
});

test('csum_diff of more bytes than a run may look at ends the run, before it looks at any', () => {
  const bytes = 2 ** 27;
  const huge = machine.arena.allocateForPrograms(bytes);
  const fault = machine.run(() => machine.call('csum_diff', 0, 0, huge, bytes, 0));
  assert.is(fault?.reason, 'budget');
  const next = machine.run(() => assert.is(machine.call('csum_diff', 0, 0, huge, 1024, 0), 0n));
  assert.is(next, undefined);
});

test.run();
