import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { kfuncTable } from '../../../src/program/kfuncTable.js';
import { HelperMachine } from '../../support/helperMachine.js';

test('the metadata kfuncs tell the time and the hash, and that there is no tag', () => {
  const machine = new HelperMachine();
  machine.nowNs = 12345;
  const call = (name: string, ...args: number[]) => {
    const [r1 = 0n, r2 = 0n, r3 = 0n] = args.map(BigInt);
    return machine.dp[kfuncTable.get(name)!.exportName](r1, r2, r3, 0n, 0n);
  };
  const fault = machine.run((xdp) => {
    const at = machine.put(new Uint8Array(16).fill(0xff));
    assert.is(call('bpf_xdp_metadata_rx_timestamp', xdp, at), 0n);
    assert.is(machine.arena.u64(at), 12345);
    assert.is(call('bpf_xdp_metadata_rx_hash', xdp, at, at + 8), 0n);
    assert.is(machine.arena.u32(at), 0);
    assert.is(call('bpf_xdp_metadata_rx_vlan_tag', xdp, at, at + 8), -61n);
  });
  assert.is(fault, undefined);
  const refused = machine.run((xdp) => call('bpf_xdp_metadata_rx_timestamp', xdp, 8));
  assert.is(refused?.reason, 'helper');
});

test.run();
