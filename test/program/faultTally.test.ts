import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { FaultTally } from '../../src/program/faultTally.js';

const fault = (message: string, count = 1) => ({ program: 'main', message, at: 'at f', count });

test('faults that are the same are one with a count; the most frequent comes first', () => {
  const tally = new FaultTally();
  for (const message of ['a', 'b', 'b', 'a', 'b']) tally.add(fault(message));
  tally.add(fault('a', 7));
  assert.equal(tally.take(), [fault('a', 9), fault('b', 3)]);
  assert.equal(tally.take(), []);
});

test('a fault at several addresses is one, which says so', () => {
  const tally = new FaultTally();
  const at = (address: string) => ({ ...fault(`bad at ${address}`), alike: 'bad at several' });
  tally.add(at('0x8'));
  tally.add(at('0x8'));
  assert.equal(tally.take(), [{ ...at('0x8'), count: 2 }]);
  for (const address of ['0x8', '0x10', '0x8']) tally.add(at(address));
  const merged = { ...at('several'), count: 3 };
  assert.equal(tally.take(), [merged]);
  // As the machine's tally does with those of its workers.
  tally.add(at('0x8'));
  tally.add(merged);
  assert.equal(tally.take(), [{ ...merged, count: 4 }]);
});

test('a program that makes up its messages cannot fill the memory', () => {
  const tally = new FaultTally();
  for (let i = 0; i < 1000; i++) tally.add(fault(`frame ${i}`));
  const faults = tally.take();
  assert.is(faults.length, 101);
  assert.equal(faults[0], { ...fault('other exceptions', 900), at: undefined });
});

test.run();
