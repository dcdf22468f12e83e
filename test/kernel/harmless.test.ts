/** What the comparison with a real kernel must not do to it. */

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { MapOp } from '../model/mapTrace.js';
import { harmless } from './recorder/harmless.js';

const MEMORY_BYTES = 24e9;

function load(prog: string, ...maps: string[]): MapOp {
  return { op: 'load_prog', prog, progId: 201, attach: 'xdp/devmap', frags: false, maps };
}

function store(map: string, prog: string): MapOp {
  return { op: 'update', map, key: '00000000', value: { ifindex: 2, prog }, flags: 0 };
}

test('a program is not stored in a map that it uses', () => {
  const harm = [load('q1', 'm0'), store('m0', 'q1')];

  assert.equal(harmless([...harm, store('m1', 'q1')], MEMORY_BYTES), [harm[0], store('m1', 'q1')]);
});

test('nor by way of other maps and programs', () => {
  const ops = [load('q1', 'm0'), load('q2', 'm1'), store('m1', 'q1')];

  assert.equal(harmless([...ops, store('m0', 'q2')], MEMORY_BYTES), ops);
});

test('nor by another descriptor of the map', () => {
  const ops: MapOp[] = [{ op: 'open', map: 'm0', as: 'm9', flags: 0 }, load('q1', 'm0')];

  assert.equal(harmless([...ops, store('m9', 'q1')], MEMORY_BYTES), ops);
});

test('a map that the memory could hold all of is not created', () => {
  const create = {
    op: 'create',
    map: 'm0',
    type: 'devmap',
    keySize: 4,
    valueSize: 8,
    maxEntries: 2 ** 32 - 1,
    mapFlags: 0,
  } as const;

  assert.equal(harmless([create], MEMORY_BYTES), []);
  assert.equal(harmless([create], 8e9), [create]);
});

test.run();
