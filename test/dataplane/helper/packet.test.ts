import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { XdpBuff } from '../../../src/arena/layout.generated.js';
import { explainRefusal } from '../../../src/program/helperFault.js';
import { HelperMachine } from '../../support/helperMachine.js';

const machine = new HelperMachine();
const { arena } = machine;
const frame = Uint8Array.from({ length: 100 }, (_, i) => i);

test('load_bytes and store_bytes copy between the packet and the program', () => {
  machine.run((xdp) => {
    const into = machine.put(new Uint8Array(10));
    assert.is(machine.call('xdp_load_bytes', xdp, 20, into, 10), 0n);
    assert.equal(arena.bytes(into, 10), frame.subarray(20, 30));
    assert.is(machine.call('xdp_store_bytes', xdp, 90, into, 10), 0n);
    const data = arena.get(xdp, XdpBuff.data);
    assert.equal(arena.bytes(data + 90, 10), frame.subarray(20, 30));
    assert.is(machine.call('xdp_load_bytes', xdp, 91, into, 10), -22n);
  }, frame);
});

test('adjust_head, adjust_tail and adjust_meta move the edges, and get_buff_len tells', () => {
  machine.run((xdp) => {
    assert.is(machine.call('xdp_get_buff_len', xdp), 100n);
    assert.is(machine.call('xdp_adjust_head', xdp, BigInt.asUintN(64, -20n)), 0n);
    assert.is(machine.call('xdp_adjust_tail', xdp, BigInt.asUintN(64, -50n)), 0n);
    assert.is(machine.call('xdp_get_buff_len', xdp), 70n);
    assert.is(machine.call('xdp_adjust_meta', xdp, BigInt.asUintN(64, -8n)), 0n);
    assert.is(machine.call('xdp_adjust_head', xdp, BigInt.asUintN(64, -4096n)), -22n);
  }, frame);
});

test('a context that is not the own one ends the run', () => {
  const fault = machine.run((xdp) => machine.call('xdp_adjust_head', xdp + 8, 0), frame);
  assert.is(fault?.reason, 'helper');
  assert.match(
    explainRefusal(fault?.detail ?? 0n),
    /^argument 1 \(0x[0-9a-f]+\) is not the context/,
  );
});

test('memory outside of the programs’ own ends the run, with nothing written', () => {
  const { low, high } = arena.programWindow;
  for (const into of [0, low - 1, high - 5, high, 2 ** 32 + low]) {
    const fault = machine.run((xdp) => machine.call('xdp_load_bytes', xdp, 0, into, 10), frame);
    assert.match(explainRefusal(fault?.detail ?? 0n), /^argument 3 .* is not memory/);
  }
});

test.run();
