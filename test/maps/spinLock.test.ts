import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { MapType } from '../../src/arena/layout.generated.js';
import { Machine } from '../../src/machine/machine.js';
import { COMPILERS, fixturePath } from '../bpf/support/fixtures.js';
import { testSystem, u32s } from '../support/testSystem.js';

/** Values are `{ u32 first; struct bpf_spin_lock lock; u32 second; }`. */
const LOCK_OFFSET = 4;
const BPF_F_LOCK = 4n;
const [ENOENT, EBUSY, EEXIST, EINVAL] = [-2, -16, -17, -22];

function newMap(type: MapType, spinLock: number | undefined = LOCK_OFFSET) {
  const { bpf, files, arena, dp } = testSystem();
  const attributes = { type, keySize: 4, valueSize: 12, maxEntries: 4, mapFlags: 0 };
  const fd = bpf.mapCreate({ ...attributes, ...(spinLock >= 0 && { spinLock }) });
  const file = files.get(fd);
  if (file?.kind !== 'map') throw new Error(`map: ${fd}`);
  const { address } = file.map;
  const valueAt = (key: number) => {
    const at = arena.allocate(4);
    arena.setU32(at, key);
    return type === MapType.ARRAY
      ? dp.arrayValueOfCpu(address, key, 0)
      : dp.hashValueOf(dp.hashFind(address, at));
  };
  return { bpf, fd, arena, valueAt };
}

for (const type of [MapType.HASH, MapType.ARRAY]) {
  const name = type === MapType.HASH ? 'a hash' : 'an array';

  test(`the lock in a value of ${name} is neither read nor written by system calls`, () => {
    const { bpf, fd, arena, valueAt } = newMap(type);
    assert.is(bpf.mapUpdateElem(fd, u32s(1), u32s(1, 99, 2), 0n), 0);
    assert.is(arena.u32(valueAt(1) + LOCK_OFFSET), 0);
    arena.setU32(valueAt(1) + LOCK_OFFSET, 7);
    assert.equal(bpf.mapLookupElem(fd, u32s(1), 0n), u32s(1, 0, 2));
    if (type === MapType.HASH) return;
    assert.is(bpf.mapUpdateElem(fd, u32s(1), u32s(3, 99, 4), 0n), 0);
    assert.is(arena.u32(valueAt(1) + LOCK_OFFSET), 7);
  });

  test(`BPF_F_LOCK takes the lock in a value of ${name}`, () => {
    const { bpf, fd, arena, valueAt } = newMap(type);
    assert.is(bpf.mapUpdateElem(fd, u32s(1), u32s(1, 0, 2), BPF_F_LOCK), 0);
    const at = valueAt(1);
    assert.is(bpf.mapUpdateElem(fd, u32s(1), u32s(3, 0, 4), BPF_F_LOCK), 0);
    assert.is(valueAt(1), at);
    assert.equal(bpf.mapLookupElem(fd, u32s(1), BPF_F_LOCK), u32s(3, 0, 4));
    assert.is(bpf.mapUpdateElem(fd, u32s(1), u32s(3, 0, 4), BPF_F_LOCK | 1n), EEXIST);
    const { err, entries } = bpf.mapBatch(fd, 'lookup', { count: 5, elemFlags: BPF_F_LOCK });
    assert.is(err, ENOENT);
    assert.ok(entries.some(([, value]) => Buffer.from(value).equals(u32s(3, 0, 4))));
    arena.setU32(at + LOCK_OFFSET, 77);
    assert.is(bpf.mapUpdateElem(fd, u32s(1), u32s(5, 0, 6), BPF_F_LOCK), EBUSY);
    assert.is(bpf.mapLookupElem(fd, u32s(1), BPF_F_LOCK), EBUSY);
  });

  test(`BPF_F_LOCK needs a lock in the values of ${name}`, () => {
    const { bpf, fd } = newMap(type, -1);
    assert.is(bpf.mapUpdateElem(fd, u32s(1), u32s(1, 2, 3), BPF_F_LOCK), EINVAL);
    assert.is(bpf.mapUpdateElem(fd, u32s(1), u32s(1, 2, 3), 0n), 0);
    assert.is(bpf.mapLookupElem(fd, u32s(1), BPF_F_LOCK), EINVAL);
    assert.equal(bpf.mapLookupElem(fd, u32s(1), 0n), u32s(1, 2, 3));
  });
}

for (const compiler of COMPILERS)
  test(`an object’s BTF says where the lock is (${compiler})`, async () => {
    const module = fixturePath('spin_lock', compiler);
    const machine = await Machine.create({
      devices: [
        { name: 'eth0', program: 'count' },
        { name: 'eth1', program: 'set' },
      ],
      programs: { count: { module, export: 'count' }, set: { module, export: 'set_locked' } },
    });
    const inject = async (device: string) => {
      const fates = await machine.inject(device, [new Uint8Array(64), new Uint8Array(64)]);
      return fates.map(({ fate }) => fate);
    };
    assert.equal(await inject('eth0'), ['pass', 'pass']);
    for (const map of ['pairs', 'slots']) assert.equal(machine.map(map).lookup(1), u32s(2, 0, 2));
    assert.equal(await inject('eth1'), ['pass', 'pass']);
    for (const map of ['pairs', 'slots']) assert.equal(machine.map(map).lookup(1), u32s(5, 0, 6));
    machine.map('slots').update(1, u32s(7, 1, 8), Number(BPF_F_LOCK));
    assert.equal(machine.map('slots').lookup(1), u32s(7, 0, 8));
    await machine.close();
  });

test.run();
