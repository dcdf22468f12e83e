import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { closest, hint } from '../../src/scenario/suggest.js';

const KEYS = ['name', 'ifindex', 'rxQueues', 'txQueues', 'mtu'];

test('finds the name behind a slip, and behind other capitals', () => {
  assert.is(closest('naem', KEYS), 'name');
  assert.is(closest('rxqueues', KEYS), 'rxQueues');
  assert.is(closest('ifIndx', KEYS), 'ifindex');
  assert.is(closest('mtus', KEYS), 'mtu');
});

test('suggests nothing where nothing is near', () => {
  assert.is(closest('peer', KEYS), undefined);
  assert.is(closest('x', ['y']), undefined);
  assert.is(closest('', ['a']), undefined);
});

test('lists the names where none is near', () => {
  assert.is(hint('peer', ['eth0', 'eth1']), 'one of eth0, eth1');
  assert.is(hint('peer', []), 'there are none');
});

test.run();
