import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { HelperMachine } from '../../support/helperMachine.js';

/** Helpers about what a program finds around it: the task, memory that may not be there, sockets. */

test('a program runs on the idle task of its CPU', () => {
  const machine = new HelperMachine();
  machine.run(() => {
    const name = () => {
      const bytes = machine.arena.bytes(machine.scratch, 20);
      return Buffer.from(bytes).toString('latin1');
    };
    machine.put(new Uint8Array(20).fill(0x78));
    assert.is(machine.call('get_current_comm', machine.scratch, 16), 0n);
    assert.is(name(), `swapper/0${'\0'.repeat(7)}xxxx`);
    machine.put(new Uint8Array(20).fill(0x78));
    assert.is(machine.call('get_current_comm', machine.scratch, 4), 0n);
    assert.is(name(), `swa\0${'x'.repeat(16)}`);
    assert.is(machine.call('get_current_pid_tgid'), 0n);
    assert.is(machine.call('get_current_uid_gid'), 0n);
    assert.is(machine.call('get_current_cgroup_id'), 1n);
    assert.is(machine.call('get_current_ancestor_cgroup_id', 0), 1n);
    assert.is(machine.call('get_current_ancestor_cgroup_id', 1), 0n);
    assert.is(machine.call('send_signal', 9), -1n);
    machine.put(new Uint8Array(8).fill(0x78));
    assert.is(machine.call('get_ns_current_pid_tgid', 4, 4, machine.scratch, 8), -22n);
    assert.equal([...machine.arena.bytes(machine.scratch, 8)], Array(8).fill(0));
  });
});

test('probe_read reads the program’s memory, and zeroes what it cannot read', () => {
  const machine = new HelperMachine();
  const into = machine.scratch + 512;
  const bytes = (length: number) => [...machine.arena.bytes(into, length)];
  const fault = machine.run(() => {
    const from = machine.put(Buffer.from('abc\0def'));
    assert.is(machine.call('probe_read_kernel', into, 7, from), 0n);
    assert.equal(bytes(7), [...Buffer.from('abc\0def')]);
    for (const address of [0n, 4096n, 1n << 40n, 2n ** 64n - 4n]) {
      machine.put(new Uint8Array(8).fill(0xff), 512);
      assert.is(machine.call('probe_read_kernel', into, 8, address), -14n);
      assert.equal(bytes(8), Array(8).fill(0));
      assert.is(machine.call('probe_read_kernel_str', into, 8, address), -14n);
    }
    assert.is(machine.call('probe_read_kernel_str', into, 8, from), 4n);
    assert.equal(bytes(4), [...Buffer.from('abc\0')]);
    assert.is(machine.call('probe_read_kernel_str', into, 3, from), 3n);
    assert.equal(bytes(3), [...Buffer.from('ab\0')]);
    assert.is(machine.call('probe_read_kernel_str', into, 0, from), 0n);
    assert.is(machine.call('probe_read_user', into, 4, from), -14n);
    assert.is(machine.call('probe_read_user_str', into, 4, from), -14n);
  });
  assert.is(fault, undefined);
});

test('no lookup finds a socket, and nothing else is one', () => {
  const machine = new HelperMachine();
  const fault = machine.run((xdp) => {
    const tuple = machine.put(new Uint8Array(12));
    for (const name of ['sk_lookup_tcp', 'sk_lookup_udp', 'skc_lookup_tcp'] as const)
      assert.is(machine.call(name, xdp, tuple, 12, -1n, 0), 0n);
  });
  assert.is(fault, undefined);
  for (const name of ['sk_release', 'tcp_check_syncookie', 'skc_to_tcp_sock'] as const) {
    const refused = machine.run(() => machine.call(name, machine.scratch));
    assert.is(refused?.reason, 'helper', name);
  }
});

test.run();
