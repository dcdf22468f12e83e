import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { MapType } from '../../src/arena/layout.generated.js';
import { ERRNO } from '../../src/maps/errno.js';
import type { BpfSyscalls } from '../../src/maps/syscall.js';
import { property } from '../support/property.js';
import { testSystem, u32s } from '../support/testSystem.js';

/** ARRAY, HASH and their per-CPU kin through the system calls, against a JavaScript `Map`. */

const { EINVAL, E2BIG, EEXIST, ENOENT, ENOTSUPP } = ERRNO;
const NR_CPUS = 2;
const ANY = 0n;
const NOEXIST = 1n;
const EXIST = 2n;

interface MapShape {
  readonly isHash: boolean;
  readonly isPerCpu: boolean;
  readonly keySize: number;
  readonly valueSize: number;
  readonly maxEntries: number;
}

function typeOf({ isHash, isPerCpu }: MapShape): MapType {
  if (isHash) return isPerCpu ? MapType.PERCPU_HASH : MapType.HASH;
  return isPerCpu ? MapType.PERCPU_ARRAY : MapType.ARRAY;
}

/** Bytes of a value as a system call copies it: for per-CPU maps one for each CPU, rounded up to 8. */
function valueBytes({ isPerCpu, valueSize }: MapShape): number {
  return isPerCpu ? Math.ceil(valueSize / 8) * 8 * NR_CPUS : valueSize;
}

/** kernel/bpf/hashtab.c and arraymap.c, as far as a system call sees them. */
class Model {
  readonly entries = new Map<number, number>();
  readonly #shape: MapShape;

  constructor(shape: MapShape) {
    this.#shape = shape;
    if (!shape.isHash) for (let key = 0; key < shape.maxEntries; key++) this.entries.set(key, 0);
  }

  update(key: number, fill: number, flags: bigint): number {
    if (flags > EXIST) return -EINVAL;
    const isThere = this.entries.has(key);
    if (!this.#shape.isHash && !isThere) return -E2BIG;
    if (isThere && flags === NOEXIST) return -EEXIST;
    if (!isThere && flags === EXIST) return -ENOENT;
    if (!isThere && this.entries.size === this.#shape.maxEntries) return -E2BIG;
    this.entries.set(key, fill);
    return 0;
  }

  delete(key: number): number {
    if (!this.#shape.isHash) return -EINVAL;
    return this.entries.delete(key) ? 0 : -ENOENT;
  }
}

/** The map, its keys by number, and values filled with one byte. */
class Real {
  readonly #bpf: BpfSyscalls;
  readonly #fd: number;
  readonly #shape: MapShape;

  constructor(shape: MapShape) {
    const { keySize, valueSize, maxEntries } = shape;
    this.#bpf = testSystem({ nrCpus: NR_CPUS }).bpf;
    this.#shape = shape;
    this.#fd = this.#bpf.mapCreate({
      ...{ type: typeOf(shape), keySize, valueSize, maxEntries, mapFlags: 0 },
    });
    assert.ok(this.#fd > 0);
  }

  /** Long keys differ in their last byte only. */
  #key(key: number): Uint8Array {
    const bytes = new Uint8Array(this.#shape.keySize);
    bytes[this.#shape.isHash ? bytes.length - 1 : 0] = key;
    return bytes;
  }

  update(key: number, fill: number, flags: bigint): number {
    const value = new Uint8Array(valueBytes(this.#shape)).fill(fill);
    return this.#bpf.mapUpdateElem(this.#fd, this.#key(key), value, flags);
  }

  /** What the value is filled with; NaN where it is not the same all over, or too short. */
  lookup(key: number): number {
    return this.#fillOf(this.#bpf.mapLookupElem(this.#fd, this.#key(key), 0n));
  }

  lookupAndDelete(key: number): number {
    return this.#fillOf(this.#bpf.mapLookupAndDeleteElem(this.#fd, this.#key(key), 0n));
  }

  #fillOf(value: Uint8Array | number): number {
    if (typeof value === 'number') return value;
    const isWhole = value.length === valueBytes(this.#shape) && value.every((b) => b === value[0]);
    return isWhole ? value[0]! : Number.NaN;
  }

  delete(key: number): number {
    return this.#bpf.mapDeleteElem(this.#fd, this.#key(key));
  }

  /** Every key from the first to the last. */
  keys(): number[] {
    const keys: number[] = [];
    for (let key: Uint8Array | null = null; keys.length <= this.#shape.maxEntries; ) {
      const next: Uint8Array | number = this.#bpf.mapGetNextKey(this.#fd, key);
      if (typeof next === 'number') {
        assert.is(next, -ENOENT);
        return keys;
      }
      keys.push(next[this.#shape.isHash ? next.length - 1 : 0]!);
      key = next;
    }
    throw new Error(`next_key goes on after ${keys}`);
  }
}

const shape = (isHash: boolean): fc.Arbitrary<MapShape> =>
  fc.record({
    isHash: fc.constant(isHash),
    isPerCpu: fc.boolean(),
    keySize: isHash ? fc.integer({ min: 1, max: 20 }) : fc.constant(4),
    valueSize: fc.integer({ min: 1, max: 20 }),
    maxEntries: fc.integer({ min: 1, max: 6 }),
  });

const key = fc.nat({ max: 8 });
const steps = fc.array(
  fc.oneof(
    { arbitrary: fc.tuple(fc.constant('update'), key), weight: 4 },
    fc.tuple(fc.constantFrom('delete', 'lookup', 'lookupAndDelete', 'keys'), key),
  ),
  { maxLength: 60 },
);
const flags = fc.infiniteStream(
  fc.oneof({ arbitrary: fc.constant(ANY), weight: 3 }, fc.constantFrom(NOEXIST, EXIST, 3n, 8n)),
);

for (const isHash of [true, false]) {
  property(
    `${isHash ? 'HASH and PERCPU_HASH' : 'ARRAY and PERCPU_ARRAY'} give what a model gives`,
    import.meta.filename,
    fc.property(shape(isHash), steps, flags, (map, sequence, flagStream) => {
      const [real, model] = [new Real(map), new Model(map)];
      let fill = 0;
      for (const [what, k] of sequence) {
        const present = model.entries.get(k) ?? -ENOENT;
        if (what === 'update') {
          fill = (fill % 255) + 1;
          const flag = flagStream.next().value;
          assert.is(real.update(k, fill, flag), model.update(k, fill, flag), `flags ${flag}`);
        } else if (what === 'lookup') assert.is(real.lookup(k), present);
        else if (what === 'delete') assert.is(real.delete(k), model.delete(k));
        else if (what === 'keys')
          assert.equal(real.keys().sort(), [...model.entries.keys()].sort());
        else {
          assert.is(real.lookupAndDelete(k), isHash ? present : -ENOTSUPP);
          if (isHash) model.delete(k);
        }
      }
      for (const [k, value] of model.entries) assert.is(real.lookup(k), value);
    }),
    { numRuns: 150 },
  );
}

test('a full HASH refuses a new key and still replaces an old one, as often as asked', () => {
  const real = new Real({
    ...{ isHash: true, isPerCpu: false, keySize: 4, valueSize: 8, maxEntries: 2 },
  });
  real.update(1, 1, ANY);
  real.update(2, 1, ANY);

  for (let fill = 2; fill < 100; fill++) assert.is(real.update(1, fill, ANY), 0);

  assert.is(real.update(3, 1, ANY), -E2BIG);
  assert.equal([real.lookup(1), real.lookup(2)], [99, 1]);
});

test('iteration starts again at the first key where the last one is gone', () => {
  const { bpf } = testSystem();
  const fd = bpf.mapCreate({
    ...{ type: MapType.HASH, keySize: 4, valueSize: 4, maxEntries: 8, mapFlags: 0 },
  });
  for (const key of [1, 2, 3]) bpf.mapUpdateElem(fd, u32s(key), u32s(key), ANY);

  assert.equal(bpf.mapGetNextKey(fd, u32s(77)), bpf.mapGetNextKey(fd, null));
});

test.run();
