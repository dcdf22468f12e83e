import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { MapType } from '../../src/arena/layout.generated.js';
import type { System } from '../../src/machine/system.js';
import { ERRNO } from '../../src/maps/errno.js';
import type { MapAttributes } from '../../src/maps/kernelMap.js';
import { ATTACH_TYPE } from '../../src/maps/objects.js';
import { testSystem, u32s } from '../support/testSystem.js';

const { EINVAL, E2BIG, ENOMEM } = ERRNO;
const BPF_F_NO_PREALLOC = 1;
const BPF_F_NO_COMMON_LRU = 2;
const BPF_F_NUMA_NODE = 4;
const BPF_F_ZERO_SEED = 64;
const BPF_F_RDONLY_PROG = 128;
const BPF_F_WRONLY_PROG = 256;
const BPF_F_MMAPABLE = 1024;
const BPF_F_INNER_MAP = 4096;
const NUMA_NO_NODE = 0xffffffff;

const { ARRAY, PERCPU_ARRAY, HASH, PERCPU_HASH, DEVMAP, DEVMAP_HASH, XSKMAP } = MapType;

/** What creating a map of `type` gives: 0, or a negative errno. */
function create(type: MapType, attributes: Partial<MapAttributes>): number {
  const usual = { keySize: 4, valueSize: 4, maxEntries: 4, mapFlags: 0 };
  return Math.min(0, testSystem().bpf.mapCreate({ type, ...usual, ...attributes }));
}

test('hashes take the flags of kernel/bpf/hashtab.c', () => {
  for (const mapFlags of [BPF_F_NO_PREALLOC, BPF_F_ZERO_SEED, BPF_F_RDONLY_PROG]) {
    assert.is(create(HASH, { mapFlags }), 0, `HASH, flags ${mapFlags}`);
    assert.is(create(PERCPU_HASH, { mapFlags }), 0, `PERCPU_HASH, flags ${mapFlags}`);
  }
  for (const mapFlags of [BPF_F_NO_COMMON_LRU, BPF_F_MMAPABLE, 1 << 20])
    assert.is(create(HASH, { mapFlags }), -EINVAL, `flags ${mapFlags}`);
});

test('arrays take the flags of kernel/bpf/arraymap.c', () => {
  for (const mapFlags of [BPF_F_MMAPABLE, BPF_F_INNER_MAP]) {
    assert.is(create(ARRAY, { mapFlags }), 0, `ARRAY, flags ${mapFlags}`);
    assert.is(create(PERCPU_ARRAY, { mapFlags }), -EINVAL, `PERCPU_ARRAY, flags ${mapFlags}`);
  }
  assert.is(create(ARRAY, { mapFlags: BPF_F_NO_PREALLOC }), -EINVAL);
});

test('programs may be kept from reading or from writing, not from both', () => {
  for (const type of [ARRAY, PERCPU_ARRAY, HASH, PERCPU_HASH]) {
    assert.is(create(type, { mapFlags: BPF_F_WRONLY_PROG }), 0);
    assert.is(create(type, { mapFlags: BPF_F_RDONLY_PROG | BPF_F_WRONLY_PROG }), -EINVAL);
  }
});

test('per-CPU values are on no one NUMA node', () => {
  for (const [type, onNode] of [
    [ARRAY, 0],
    [HASH, 0],
    [PERCPU_ARRAY, -EINVAL],
    [PERCPU_HASH, -EINVAL],
  ] as const) {
    assert.is(create(type, { mapFlags: BPF_F_NUMA_NODE, numaNode: 0 }), onNode);
    assert.is(create(type, { mapFlags: BPF_F_NUMA_NODE, numaNode: NUMA_NO_NODE }), 0);
  }
});

test('a hash of more buckets than a u32 of bytes can hold is too big, others find no memory', () => {
  for (const maxEntries of [2 ** 32 - 1, 2 ** 31 + 1, 2 ** 31, 2 ** 27 + 1]) {
    assert.is(create(HASH, { maxEntries }), -E2BIG, `${maxEntries} entries`);
    assert.is(create(PERCPU_HASH, { maxEntries }), -E2BIG, `${maxEntries} entries`);
  }
  assert.is(create(HASH, { maxEntries: 2 ** 27 }), -ENOMEM);
  assert.is(create(ARRAY, { maxEntries: 2 ** 32 - 1 }), -ENOMEM);
});

test('a map for which there is no memory leaves nothing behind', () => {
  for (const type of [ARRAY, HASH, DEVMAP, DEVMAP_HASH, XSKMAP]) {
    const system = testSystem();
    const before = system.arena.usedBytes;
    const maxEntries = 2 ** 27;

    const fd = system.bpf.mapCreate({ type, keySize: 4, valueSize: 4, maxEntries, mapFlags: 0 });

    assert.is(fd, -ENOMEM);
    assert.is(system.arena.usedBytes, before);
  }
});

/** Attributes that a map of the type can be made with. */
function attributesOf(system: System, type: MapType): MapAttributes {
  const usual = { type, keySize: 4, valueSize: perCpuTypes.has(type) ? 8 : 4, maxEntries: 4 };
  switch (type) {
    case MapType.LPM_TRIE:
      return { ...usual, keySize: 8, mapFlags: BPF_F_NO_PREALLOC };
    case MapType.RINGBUF:
      return { ...usual, keySize: 0, valueSize: 0, maxEntries: 4096, mapFlags: 0 };
    case MapType.QUEUE:
    case MapType.STACK:
    case MapType.BLOOM_FILTER:
      return { ...usual, keySize: 0, mapFlags: 0 };
    case MapType.ARRAY_OF_MAPS:
    case MapType.HASH_OF_MAPS:
      return { ...usual, mapFlags: 0, innerMapFd: system.bpf.mapCreate(innerAttributes) };
    default:
      return { ...usual, mapFlags: 0 };
  }
}

const innerAttributes = { type: ARRAY, keySize: 4, valueSize: 4, maxEntries: 4, mapFlags: 0 };
const perCpuTypes: ReadonlySet<MapType> = new Set([
  PERCPU_ARRAY,
  PERCPU_HASH,
  MapType.LRU_PERCPU_HASH,
]);

/** What goes into a map of each type that does not take any number. */
function valuesByType(system: System, innerMapFd = 0): Partial<Record<MapType, number>> {
  const { ifindex } = system.devices.byName('dev0')!;
  const socket = system.sockets.byName('xsk0')!;
  const program = system.addProgram({
    name: 'p',
    expectedAttachType: ATTACH_TYPE.XDP,
    hasFrags: false,
  });
  return {
    [DEVMAP]: ifindex,
    [DEVMAP_HASH]: ifindex,
    [XSKMAP]: system.files.open({ kind: 'socket', socket }),
    [MapType.PROG_ARRAY]: system.files.open({ kind: 'program', program }),
    [MapType.PERF_EVENT_ARRAY]: system.openPerfEvent(0),
    [MapType.ARRAY_OF_MAPS]: innerMapFd,
    [MapType.HASH_OF_MAPS]: innerMapFd,
  };
}

for (const [name, type] of Object.entries(MapType).filter(([, number]) => number !== 0)) {
  test(`a ${name} that is closed gives all its memory back, after a grace period`, () => {
    const system = testSystem();
    addDeviceAndSocket(system);
    // Kthreads have a context, which stays.
    const kthreads = system.cpumapContext(0);
    const attributes = attributesOf(system, type);
    const value = valuesByType(system, attributes.innerMapFd)[type] ?? 8;
    const before = system.arena.usedBytes;
    const fd = system.bpf.mapCreate(attributes);
    const key = attributes.keySize === 0 ? null : new Uint8Array(attributes.keySize);
    const values = perCpuTypes.has(type) ? u32s(1, 2, 3, 4) : u32s(value);
    const expected = type === MapType.RINGBUF ? -ERRNO.ENOTSUPP : 0;
    for (let i = 0; i < 2; i++) assert.is(system.bpf.mapUpdateElem(fd, key, values, 0n), expected);
    assert.ok(system.arena.usedBytes > before);

    system.files.close(fd);
    assert.ok(system.arena.usedBytes > before, 'not before the grace period is over');
    for (let i = 0; i < 3; i++) {
      system.housekeep();
      system.dp.contextStep(kthreads.address);
    }
    system.dp.setCurrent(system.control.address);

    assert.is(system.housekeep(), 0);
    assert.is(system.arena.usedBytes, before);
  });
}

function addDeviceAndSocket(system: System): void {
  const context = system.receiveContext(0);
  const device = system.addDevice({
    ...{ name: 'dev0', ifindex: 7, up: true, mtu: 1500, mode: 'native', rxContexts: [context] },
    ...{ ndoXdpXmit: true, ndoXdpXmitSg: false, rxSg: false, hasNdo: true, rxSlots: 8 },
    ...{ needsFlush: false, wires: 0, wireSlots: 0, xmitError: 0, xmitMaxLength: 0 },
  });
  system.addSocket({
    ...{ name: 'xsk0', device, queue: 0, rxRing: 8, txRing: 8, fillRing: 8, completionRing: 8 },
    ...{ chunkSize: 2048, chunks: 8, headroom: 0, fill: 0, application: 'manual' },
    context: system.socketContext(),
  });
}

test('a hash that is not preallocated may name more entries than there ever will be', () => {
  const { bpf } = testSystem();
  for (const type of [HASH, PERCPU_HASH]) {
    const attributes = { type, keySize: 64, valueSize: 1024, maxEntries: 2 ** 27 };
    assert.is(bpf.mapCreate({ ...attributes, mapFlags: 0 }), -ENOMEM);
    const fd = bpf.mapCreate({ ...attributes, mapFlags: BPF_F_NO_PREALLOC });
    assert.ok(fd > 0, `type ${type}: ${fd}`);
    const value = new Uint8Array(1024 * (type === HASH ? 1 : testSystem().nrCpus));
    const results = Array.from({ length: 300 }, (_, i) => {
      const key = new Uint8Array(64);
      new DataView(key.buffer).setUint32(0, i);
      return bpf.mapUpdateElem(fd, key, value, 0n);
    });
    assert.is(results[0], 0);
    assert.ok(results.every((result) => result === 0 || result === -ENOMEM));
  }
});

test.run();
