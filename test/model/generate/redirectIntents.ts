/**
 * The parts of a generated redirect document, before it is known which maps and devices there are: references are
 * numbers that are resolved against what the document has, so that every shrunk document is valid too.
 */

import fc from 'fast-check';
import type { U64 } from '../u64.js';

export type CallIntent =
  | { readonly to: 'map'; readonly map: number; readonly key: KeyIntent; readonly flags: U64 }
  | { readonly to: 'ifindex'; readonly device: number; readonly flags: U64 };

/** The key of an entry of the map, or any other. */
export type KeyIntent = { readonly entry: number } | { readonly key: number };

export interface ActionIntent {
  readonly calls: readonly CallIntent[];
  /** Needed where there is no call; with one it replaces what the call returned. */
  readonly ret: number | undefined;
}

/** `repeat` frames of the same kind, so that bulk queues fill. */
export interface StepIntent {
  readonly action: ActionIntent;
  readonly repeat: number;
  readonly lengthBytes: number | undefined;
}

export interface ProgramIntent {
  readonly default: ActionIntent;
  readonly steps: readonly (readonly [frame: number, action: ActionIntent])[];
}

export interface EntryIntent {
  readonly key: number;
  readonly target: number;
  readonly qsize: number;
  readonly program: ProgramIntent | undefined;
}

export interface MapIntent {
  readonly type: 'cpumap' | 'devmap' | 'devmap_hash' | 'xskmap';
  readonly maxEntries: number;
  readonly entries: readonly EntryIntent[];
}

export interface SocketIntent {
  readonly ringExponents: readonly [rx: number, fill: number];
  readonly posted: number;
  readonly chunk: number;
  readonly headroom: number;
  readonly batch: boolean;
  readonly queue: number;
}

export interface RedirectIntent {
  readonly mode: 'test-run' | 'native' | 'native-skb';
  readonly cpu: number;
  readonly length: number;
  /** Receive queues of the ingress device. */
  readonly queues: number;
  readonly plainDevices: number;
  /** Which of the peculiar devices there are. */
  readonly peculiar: readonly boolean[];
  readonly tap: { readonly ring: number; readonly drain: 'batch' | 'end' } | undefined;
  readonly maps: readonly MapIntent[];
  readonly sockets: readonly SocketIntent[];
  readonly kthreadsRedirect: boolean;
  readonly steps: readonly StepIntent[];
  readonly batches: readonly number[];
}

const nat = fc.nat({ max: 40 });

function mostly<T>(usual: fc.Arbitrary<T>, ...rare: readonly T[]): fc.Arbitrary<T> {
  return fc.oneof(
    { weight: 8, arbitrary: usual },
    { weight: 1, arbitrary: fc.constantFrom(...rare) },
  );
}

const keyIntent: fc.Arbitrary<KeyIntent> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ entry: nat }) },
  { weight: 1, arbitrary: fc.record({ key: fc.nat({ max: 10 }) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      key: fc.constantFrom(4242, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 32 + 1),
    }),
  },
);

const mapCall: fc.Arbitrary<CallIntent> = fc.record({
  to: fc.constant('map'),
  map: nat,
  key: keyIntent,
  flags: mostly<U64>(
    fc.constantFrom<U64>(0, 0, 1, 2, 3, 8, 24, 10),
    ...[4, 5, 12, 16, 17, 27, 64, 2 ** 31, 2 ** 32, '0xffffffffffffffff'],
  ),
});
const ifindexCall: fc.Arbitrary<CallIntent> = fc.record({
  to: fc.constant('ifindex'),
  device: nat,
  flags: mostly<U64>(fc.constant(0), 1, 2, 8, 2 ** 31, 2 ** 32),
});
const call = fc.oneof({ weight: 5, arbitrary: mapCall }, { weight: 1, arbitrary: ifindexCall });

const ret = mostly(fc.constantFrom(0, 1, 2, 3, 4), 5, 7, 100, 2 ** 32 - 2);

function action(calls: fc.Arbitrary<CallIntent>): fc.Arbitrary<ActionIntent> {
  const one = fc.tuple(calls);
  return fc.oneof(
    { weight: 12, arbitrary: fc.record({ calls: one, ret: fc.constant(undefined) }) },
    { weight: 3, arbitrary: fc.record({ calls: fc.constant([]), ret }) },
    {
      weight: 2,
      arbitrary: fc.record({ calls: fc.tuple(calls, calls), ret: fc.constant(undefined) }),
    },
    { weight: 1, arbitrary: fc.record({ calls: one, ret }) },
  );
}

const step: fc.Arbitrary<StepIntent> = fc.record({
  action: action(call),
  repeat: mostly(fc.integer({ min: 1, max: 3 }), 7, 9, 17, 33),
  lengthBytes: mostly<number | undefined>(
    fc.constant(undefined),
    ...[60, 100, 217, 218, 219, 600, 1500, 1518, 1519, 1792, 1793, 2000, 3000],
  ),
});

/** Programs of entries mostly decide without a helper. */
const plainAction: fc.Arbitrary<ActionIntent> = fc.record({
  calls: fc.constant([]),
  ret: fc.constantFrom(0, 1, 2, 2, 2, 3, 7),
});

/** Helper calls that an entry's program makes: by index, and to maps where the document has some for it. */
const redirectingAction: fc.Arbitrary<ActionIntent> = fc
  .constantFrom<CallIntent>(
    { to: 'ifindex', device: 0, flags: 0 },
    { to: 'ifindex', device: 1, flags: 0 },
    { to: 'ifindex', device: 2, flags: 0 },
    { to: 'map', map: 0, key: { entry: 0 }, flags: 0 },
    { to: 'map', map: 0, key: { entry: 1 }, flags: 8 },
    { to: 'map', map: 1, key: { entry: 0 }, flags: 2 },
    { to: 'map', map: 1, key: { entry: 1 }, flags: 0 },
  )
  .map((call) => ({ calls: [call], ret: undefined }));

function entries(redirectWeight: number): fc.Arbitrary<EntryIntent[]> {
  const action = fc.oneof(
    { weight: 8, arbitrary: plainAction },
    { weight: redirectWeight, arbitrary: redirectingAction },
  );
  const program = fc.record({
    default: action,
    steps: fc.array(fc.tuple(fc.nat({ max: 120 }), action), { maxLength: 12 }),
  });
  const entry = fc.record({
    key: mostly(fc.nat({ max: 8 }), 16, 1000, 1004, 2 ** 31, 1873579958),
    target: nat,
    qsize: mostly(fc.constantFrom(8, 64, 512), 1, 4, 7, 12, 20, 100),
    program: fc.option(program, { nil: undefined, freq: 2 }),
  });
  return fc.array(entry, { maxLength: 8 });
}

/** Kthreads carry redirects out; a devmap program's only leaves its mark in the redirect state. */
const map: fc.Arbitrary<MapIntent> = fc.oneof(
  fc.record({ type: fc.constant('cpumap'), maxEntries: fc.constant(2), entries: entries(16) }),
  fc.record({
    type: fc.constantFrom('devmap', 'devmap', 'devmap_hash', 'devmap_hash', 'xskmap'),
    maxEntries: fc.constantFrom(1, 2, 3, 4, 5, 8, 12, 16),
    entries: entries(1),
  }),
);

const socket: fc.Arbitrary<SocketIntent> = fc.record({
  ringExponents: fc.tuple(fc.integer({ min: 2, max: 6 }), fc.integer({ min: 3, max: 7 })),
  posted: fc.nat({ max: 80 }),
  chunk: fc.constantFrom(2048, 4096),
  headroom: fc.constantFrom(0, 0, 128),
  batch: fc.boolean(),
  queue: fc.nat({ max: 1 }),
});

export const redirectIntent: fc.Arbitrary<RedirectIntent> = fc.record({
  mode: fc.constantFrom('test-run', 'test-run', 'test-run', 'native', 'native-skb'),
  cpu: mostly(fc.constant(0), 1),
  length: fc.constantFrom(60, 64, 100, 300),
  queues: mostly(fc.constant(1), 2),
  plainDevices: fc.integer({ min: 1, max: 4 }),
  peculiar: fc.array(fc.boolean(), { minLength: 6, maxLength: 6 }),
  tap: fc.option(
    fc.record({
      ring: fc.constantFrom(3, 8, 16, 20, 50),
      drain: fc.constantFrom('batch', 'end'),
    }),
    { nil: undefined },
  ),
  maps: fc.array(map, { minLength: 1, maxLength: 4 }),
  sockets: fc.array(socket, { maxLength: 3 }),
  kthreadsRedirect: fc.boolean(),
  steps: fc.array(step, { minLength: 1, maxLength: 60, size: 'max' }),
  batches: fc.array(fc.constantFrom(1, 2, 3, 8, 15, 16, 17, 30, 64), {
    minLength: 1,
    maxLength: 8,
  }),
});
