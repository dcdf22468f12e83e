import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { LedgerEntry } from '../../src/ledger/entry.js';
import { LedgerKeeper } from '../../src/ledger/keeper.js';
import { sentenceOf } from '../../src/ledger/rules.js';
import { wayOf } from '../../src/ledger/way.js';
import { ended, ran, received } from '../report/support.js';

const names = {
  device: (ifindex: number) => `eth${ifindex}`,
  program: () => 'main',
  map: () => 'map',
  socket: () => 'socket',
};
const XDP_TX = 3;

test('of a frame that goes round the first and the last steps are kept, and how many are not', () => {
  const entries: LedgerEntry[] = [];
  const { listener } = new LedgerKeeper(names, (entry) => entries.push(entry));
  const ROUNDS = 5000;
  for (let i = 0; i < ROUNDS; i++) {
    listener.onReceive!(received({ timeNs: 2 * i, ifindex: 1 + (i & 1) }));
    listener.onProgram!(ran({ timeNs: 2 * i + 1, action: XDP_TX, ifindex: 1 + (i & 1) }));
  }
  listener.onFate!(ended('undelivered', { timeNs: 2 * ROUNDS, target: 1 }));
  const [{ steps }] = entries as [LedgerEntry];
  assert.ok(steps.length < 400, `${steps.length} steps`);
  const told = steps.map((step) => (step.do === 'left_out' ? step.steps : 1));
  assert.is(
    told.reduce((sum, count) => sum + count, 0),
    2 * ROUNDS,
  );
  const at = steps.findIndex((step) => step.do === 'left_out');
  assert.is(steps[at]!.t, at);
  assert.is(steps[at + 1]!.t, 2 * ROUNDS - (steps.length - at - 1));
  assert.is(steps.at(-1)!.t, 2 * ROUNDS - 1);
  assert.match(sentenceOf(steps[at]!, false), /^9,[0-9]+ steps not kept: the frame goes round$/);
  assert.match(wayOf(entries[0]!), ' -> ... -> ');
});

test('a way of many steps that ends is kept whole', () => {
  const entries: LedgerEntry[] = [];
  const { listener } = new LedgerKeeper(names, (entry) => entries.push(entry));
  for (let i = 0; i < 300; i++) listener.onReceive!(received({ timeNs: i }));
  listener.onFate!(ended('drop', { timeNs: 300, target: 1 }));
  assert.is(entries[0]!.steps.length, 300);
});

test.run();
