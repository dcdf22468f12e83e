import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { MapType } from '../../../src/arena/layout.generated.js';
import { RingbufMap } from '../../../src/maps/ringbuf.js';
import { kfuncTable } from '../../../src/program/kfuncTable.js';
import { HelperMachine } from '../../support/helperMachine.js';

const EINVAL = -22n;
const E2BIG = -7n;
const ERANGE = -34n;

function setup() {
  const machine = new HelperMachine();
  const { scratch } = machine;
  const kfunc = (name: string, ...args: readonly (number | bigint)[]) => {
    const [r1 = 0n, r2 = 0n, r3 = 0n, r4 = 0n] = args.map(BigInt);
    return machine.dp[kfuncTable.get(name)!.exportName](r1, r2, r3, r4, 0n);
  };
  const bytes = (at: number, length: number) => [...machine.arena.bytes(at, length)];
  return { machine, kfunc, bytes, dynptr: scratch + 1024, memory: scratch, buffer: scratch + 2048 };
}

test('a dynptr of memory is read and written within its bounds', () => {
  const { machine, bytes, dynptr, memory, buffer } = setup();
  const fault = machine.run(() => {
    machine.put(Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8));
    assert.is(machine.call('dynptr_from_mem', memory, 8, 0, dynptr), 0n);
    assert.is(machine.call('dynptr_read', buffer, 4, dynptr, 2, 0), 0n);
    assert.equal(bytes(buffer, 4), [3, 4, 5, 6]);
    assert.is(machine.call('dynptr_write', dynptr, 6, buffer, 2, 0), 0n);
    assert.equal(bytes(memory, 8), [1, 2, 3, 4, 5, 6, 3, 4]);
    assert.is(machine.call('dynptr_data', dynptr, 4, 4), BigInt(memory + 4));
    assert.is(machine.call('dynptr_data', dynptr, 4, 5), 0n);
    assert.is(machine.call('dynptr_read', buffer, 4, dynptr, 5, 0), E2BIG);
    assert.is(machine.call('dynptr_write', dynptr, 0, buffer, 9, 0), E2BIG);
    assert.is(machine.call('dynptr_read', buffer, 4, dynptr, 0, 1), EINVAL);
    assert.is(machine.call('dynptr_write', dynptr, 0, buffer, 4, 1), EINVAL);
  });
  assert.is(fault, undefined);
});

test('what no dynptr can be made of leaves a null one', () => {
  const { machine, kfunc, dynptr, memory, buffer } = setup();
  machine.run((xdp) => {
    assert.is(machine.call('dynptr_from_mem', memory, 8, 1, dynptr), EINVAL);
    assert.is(kfunc('bpf_dynptr_is_null', dynptr), 1n);
    assert.is(machine.call('dynptr_read', buffer, 4, dynptr, 0, 0), EINVAL);
    assert.is(machine.call('dynptr_write', dynptr, 0, buffer, 4, 0), EINVAL);
    assert.is(machine.call('dynptr_data', dynptr, 0, 0), 0n);
    assert.is(kfunc('bpf_dynptr_size', dynptr), EINVAL);
    assert.is(kfunc('bpf_dynptr_adjust', dynptr, 0, 0), EINVAL);
    assert.is(kfunc('bpf_dynptr_slice', dynptr, 0, buffer, 1), 0n);
    assert.is(kfunc('bpf_dynptr_clone', dynptr, buffer), EINVAL);
    assert.is(kfunc('bpf_dynptr_from_xdp', xdp, 1, dynptr), EINVAL);
    assert.is(kfunc('bpf_dynptr_is_null', dynptr), 1n);
  });
});

test('a dynptr of the packet reaches into fragments, and gives slices of them', () => {
  const { machine, kfunc, bytes, dynptr, buffer } = setup();
  const frame = Uint8Array.from({ length: 6000 }, (_, i) => i * 7);
  const fault = machine.run((xdp) => {
    assert.is(kfunc('bpf_dynptr_from_xdp', xdp, 0, dynptr), 0n);
    assert.is(kfunc('bpf_dynptr_size', dynptr), 6000n);
    assert.is(kfunc('bpf_dynptr_is_rdonly', dynptr), 0n);
    const data = machine.arena.u32(xdp);
    const linear = machine.arena.u32(xdp + 4) - data;
    assert.ok(linear < 6000);
    assert.is(kfunc('bpf_dynptr_slice', dynptr, 14, buffer, 20), BigInt(data + 14));
    // Half here, half in the fragment: a copy, or nothing without a buffer.
    assert.is(kfunc('bpf_dynptr_slice', dynptr, linear - 4, buffer, 8), BigInt(buffer));
    assert.equal(bytes(buffer, 8), [...frame.subarray(linear - 4, linear + 4)]);
    assert.is(kfunc('bpf_dynptr_slice_rdwr', dynptr, linear - 4, 0, 8), 0n);
    const inFragment = Number(kfunc('bpf_dynptr_slice_rdwr', dynptr, linear + 4, 0, 8));
    assert.equal(bytes(inFragment, 8), [...frame.subarray(linear + 4, linear + 12)]);
    assert.is(kfunc('bpf_dynptr_slice', dynptr, 5993, buffer, 8), 0n);
    assert.is(machine.call('dynptr_data', dynptr, 0, 8), 0n);
    assert.is(machine.call('dynptr_read', buffer, 8, dynptr, 5000, 0), 0n);
    assert.equal(bytes(buffer, 8), [...frame.subarray(5000, 5008)]);
    assert.is(machine.call('dynptr_write', dynptr, 0, buffer, 8, 0), 0n);
    assert.equal(bytes(data, 8), [...frame.subarray(5000, 5008)]);
  }, frame);
  assert.is(fault, undefined);
});

test('a dynptr is narrowed, and a clone of it is not', () => {
  const { machine, kfunc, dynptr, memory, buffer } = setup();
  machine.run(() => {
    machine.call('dynptr_from_mem', memory, 100, 0, dynptr);
    assert.is(kfunc('bpf_dynptr_clone', dynptr, buffer), 0n);
    assert.is(kfunc('bpf_dynptr_adjust', dynptr, 10, 30), 0n);
    assert.is(kfunc('bpf_dynptr_size', dynptr), 20n);
    assert.is(machine.call('dynptr_data', dynptr, 0, 20), BigInt(memory + 10));
    assert.is(kfunc('bpf_dynptr_adjust', dynptr, 5, 21), ERANGE);
    assert.is(kfunc('bpf_dynptr_adjust', dynptr, 6, 5), EINVAL);
    assert.is(kfunc('bpf_dynptr_size', buffer), 100n);
  });
});

test('ring buffer records of any size are reserved, filled and submitted', () => {
  const { machine, dynptr, buffer } = setup();
  const attributes = {
    type: MapType.RINGBUF,
    keySize: 0,
    valueSize: 0,
    maxEntries: 4096,
    mapFlags: 0,
  };
  const { address, fd } = machine.map(attributes);
  const fault = machine.run(() => {
    assert.is(machine.call('ringbuf_reserve_dynptr', address, 5, 0, dynptr), 0n);
    machine.put(Uint8Array.of(9, 8, 7, 6, 5), 2048);
    assert.is(machine.call('dynptr_write', dynptr, 0, buffer, 5, 0), 0n);
    machine.call('ringbuf_submit_dynptr', dynptr, 0);
    machine.call('ringbuf_submit_dynptr', dynptr, 0);
    assert.is(machine.call('ringbuf_reserve_dynptr', address, 8, 0, dynptr), 0n);
    machine.call('ringbuf_discard_dynptr', dynptr, 0);
    assert.is(machine.call('ringbuf_reserve_dynptr', address, 4096, 0, dynptr), EINVAL);
    machine.call('ringbuf_discard_dynptr', dynptr, 0);
    assert.is(machine.call('ringbuf_reserve_dynptr', address, 8, 1, dynptr), EINVAL);
    assert.is(machine.call('ringbuf_reserve_dynptr', address, 1 << 24, 0, dynptr), E2BIG);
  });
  assert.is(fault, undefined);
  const file = machine.system.files.get(fd);
  if (file?.kind !== 'map' || !(file.map instanceof RingbufMap)) throw new Error('no ring buffer');
  assert.equal([...file.map.consume()], [Uint8Array.of(9, 8, 7, 6, 5)]);
});

test('a forged dynptr leads nowhere', () => {
  const { machine, kfunc, dynptr, memory, buffer } = setup();
  const forge = (data: number, type: number) => {
    machine.put(new Uint8Array(Uint32Array.of(data, 0, 64 | (type << 28), 0).buffer), 1024);
  };
  for (const [data, type] of [
    [4096, 1],
    [4096, 4],
    [memory, 4],
    [memory, 3],
    [memory, 0],
  ] as const) {
    for (const use of [
      () => machine.call('dynptr_read', buffer, 8, dynptr, 0, 0),
      () => machine.call('dynptr_write', dynptr, 0, buffer, 8, 0),
      () => kfunc('bpf_dynptr_slice', dynptr, 0, buffer, 8),
    ]) {
      const fault = machine.run(() => {
        forge(data, type);
        use();
      });
      assert.is(fault?.reason, 'helper', `${data} ${type}`);
    }
  }
  const fault = machine.run(() => {
    forge(memory, 2);
    machine.call('ringbuf_submit_dynptr', dynptr, 0);
  });
  assert.is(fault?.reason, 'helper');
});

test.run();
