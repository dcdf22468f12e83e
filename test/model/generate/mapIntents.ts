/**
 * What a generated map operation is meant to do, before it is known which symbols there are: references are numbers
 * that are resolved against what exists at that point of the document, so that any shorter list of intents is a valid
 * document too.
 */

import fc from 'fast-check';
import type { CreateAttributes, MapType } from '../mapTrace.js';
import type { U64 } from '../u64.js';

/** `fit` picks among what suits the position, `any` among all descriptors there are, and some there are not. */
export interface DescriptorIntent {
  readonly among: 'fit' | 'any';
  readonly n: number;
}

export interface ValueIntent {
  readonly form: 'fields' | 'raw' | 'null';
  readonly qsize: number;
  readonly ifindex: number;
  readonly descriptor: DescriptorIntent;
}

export type MapIntent =
  | { readonly op: 'create'; readonly attributes: CreateAttributes }
  | {
      readonly op: 'update';
      readonly map: DescriptorIntent;
      readonly key: number | null;
      readonly value: ValueIntent;
      readonly flags: U64;
    }
  | {
      readonly op: 'lookup' | 'lookup_and_delete';
      readonly map: DescriptorIntent;
      readonly key: number | null;
      readonly flags: U64;
    }
  | {
      readonly op: 'delete' | 'next_key';
      readonly map: DescriptorIntent;
      readonly key: number | null;
    }
  | {
      readonly op: 'batch';
      readonly which: 'lookup_batch' | 'lookup_and_delete_batch' | 'update_batch' | 'delete_batch';
      readonly map: DescriptorIntent;
      readonly keys: readonly number[];
      readonly value: ValueIntent;
      readonly elemFlags: U64;
      readonly flags: U64;
    }
  | { readonly op: 'freeze' | 'info'; readonly map: DescriptorIntent }
  | { readonly op: 'open'; readonly map: number; readonly flags: U64 }
  | {
      readonly op: 'load_prog';
      readonly attach: string;
      readonly frags: boolean;
      readonly maps: readonly number[];
    }
  | { readonly op: 'close_map' | 'close_prog' | 'close_socket'; readonly n: number }
  | { readonly op: 'unregister_device'; readonly n: number; readonly moved: boolean }
  | { readonly op: 'register_device'; readonly n: number }
  | { readonly op: 'set_device'; readonly n: number; readonly up: boolean };

const nat = fc.nat({ max: 40 });

function mostly<T>(usual: fc.Arbitrary<T>, ...rare: readonly T[]): fc.Arbitrary<T> {
  return fc.oneof(
    { weight: 8, arbitrary: usual },
    { weight: 1, arbitrary: fc.constantFrom(...rare) },
  );
}

const descriptor: fc.Arbitrary<DescriptorIntent> = fc.record({
  among: mostly<'fit' | 'any'>(fc.constant('fit'), 'any'),
  n: nat,
});

const key: fc.Arbitrary<number | null> = mostly<number | null>(
  fc.nat({ max: 9 }),
  ...[null, 15, 16, 255, 256, 1000, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1],
);

const updateFlags = mostly<U64>(
  fc.constantFrom<U64>(0, 0, 0, 1, 2),
  ...[3, 4, 5, 8, 2 ** 31, 2 ** 32, 2 ** 32 + 1, '0xffffffffffffffff'],
);
const readFlags = mostly<U64>(fc.constant(0), 1, 2, 4, 5, 8, 2 ** 32, '0xffffffffffffffff');

const value: fc.Arbitrary<ValueIntent> = fc.record({
  form: mostly<ValueIntent['form']>(fc.constant('fields'), 'raw', 'null'),
  qsize: mostly(fc.constantFrom(0, 1, 8, 192, 512), 16384, 16385, 2 ** 31, 2 ** 32 - 1),
  ifindex: mostly(fc.nat({ max: 10 }), 999, 65536, 2 ** 31, 2 ** 32 - 1),
  descriptor,
});

export const MAP_TYPES: readonly MapType[] = ['cpumap', 'devmap', 'devmap_hash', 'xskmap'];

/** Attributes with which `BPF_MAP_CREATE` succeeds. */
export const goodAttributes: fc.Arbitrary<CreateAttributes> = fc
  .record({
    type: fc.constantFrom(...MAP_TYPES),
    valueSize: fc.constantFrom(8, 8, 8, 4),
    maxEntries: mostly(fc.integer({ min: 1, max: 9 }), 16, 37),
    mode: mostly(fc.constant(0), 8, 16),
    name: mostly(fc.constant(''), 'fifteen_chars.x'),
  })
  .map(({ type, valueSize, maxEntries, mode, name }) => ({
    type,
    keySize: 4,
    valueSize: type === 'xskmap' ? 4 : valueSize,
    maxEntries,
    mapFlags: type === 'cpumap' ? 0 : mode,
    ...(name !== '' && { name }),
  }));

/** An attribute, or two that go together, that may make it fail. */
const oddity: fc.Arbitrary<Partial<CreateAttributes>> = fc.oneof(
  fc.record({ keySize: fc.constantFrom(0, 3, 5, 8) }),
  fc.record({ valueSize: fc.constantFrom(0, 3, 4, 8, 12) }),
  // Nothing in between: whether it fits depends on the machine's memory.
  fc.record({ maxEntries: fc.constantFrom(0, 256, 257, 2 ** 32 - 1) }),
  fc.record({ mapFlags: fc.constantFrom(1, 2, 24, 128, 65536, 2 ** 31) }),
  fc.record({ mapFlags: fc.constant(4), numaNode: fc.constantFrom(0, 1, 2 ** 31, 2 ** 32 - 1) }),
  fc.record({ name: fc.constantFrom('ok.Name_1', 'has space', 'sixteen_chars.xy', 'ü') }),
  fc.record({ mapExtra: fc.constantFrom<U64>(1, '0xffffffffffffffff') }),
  fc.record({ mapIfindex: fc.constantFrom(1, 99) }),
  fc.record({ btfKeyTypeId: fc.constantFrom(0, 1), btfValueTypeId: fc.constantFrom(0, 1) }),
);

const createAttributes: fc.Arbitrary<CreateAttributes> = fc
  .tuple(goodAttributes, fc.array(oddity, { maxLength: 2 }))
  .map(([good, oddities]) => Object.assign({}, good, ...oddities));

const OPS = {
  create: fc.record({ op: fc.constant('create'), attributes: createAttributes }),
  update: fc.record({
    op: fc.constant('update'),
    map: descriptor,
    key,
    value,
    flags: updateFlags,
  }),
  lookup: fc.record({
    op: fc.constantFrom('lookup', 'lookup', 'lookup', 'lookup_and_delete'),
    map: descriptor,
    key,
    flags: readFlags,
  }),
  key: fc.record({ op: fc.constantFrom('delete', 'next_key', 'next_key'), map: descriptor, key }),
  batch: fc.record({
    op: fc.constant('batch'),
    which: fc.constantFrom(
      ...(['lookup_batch', 'lookup_and_delete_batch', 'update_batch', 'delete_batch'] as const),
    ),
    map: descriptor,
    keys: fc.array(fc.nat({ max: 9 }), { maxLength: 3 }),
    value,
    elemFlags: readFlags,
    flags: readFlags,
  }),
  whole: fc.record({ op: fc.constantFrom('freeze', 'info', 'info'), map: descriptor }),
  open: fc.record({
    op: fc.constant('open'),
    map: nat,
    // 32 bits: `open_flags` has no more.
    flags: mostly<U64>(fc.constantFrom(0, 8, 16), 24, 1, 2 ** 31),
  }),
  loadProg: fc.record({
    op: fc.constant('load_prog'),
    attach: fc.constantFrom('xdp', 'xdp/cpumap', 'xdp/devmap'),
    frags: fc.boolean(),
    maps: fc.array(nat, { minLength: 1, maxLength: 3 }),
  }),
  close: fc.record({
    op: fc.constantFrom('close_map', 'close_prog', 'close_socket', 'close_socket'),
    n: nat,
  }),
  unregister: fc.record({
    op: fc.constant('unregister_device'),
    n: nat,
    moved: mostly(fc.constant(false), true),
  }),
  register: fc.record({ op: fc.constant('register_device'), n: nat }),
  setDevice: fc.record({ op: fc.constant('set_device'), n: nat, up: fc.boolean() }),
};

export const mapIntent: fc.Arbitrary<MapIntent> = fc.oneof(
  { weight: 30, arbitrary: OPS.update },
  { weight: 20, arbitrary: OPS.lookup },
  { weight: 20, arbitrary: OPS.key },
  { weight: 3, arbitrary: OPS.batch },
  { weight: 3, arbitrary: OPS.whole },
  { weight: 3, arbitrary: OPS.create },
  { weight: 2, arbitrary: OPS.open },
  { weight: 2, arbitrary: OPS.loadProg },
  { weight: 2, arbitrary: OPS.close },
  { weight: 2, arbitrary: OPS.unregister },
  { weight: 2, arbitrary: OPS.register },
  { weight: 1, arbitrary: OPS.setDevice },
);
