import fc from 'fast-check';
import type { ScenarioInput } from '../../src/scenario/schema/scenario.js';

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

const PROGRAMS = {
  main: { module: './main.js' },
  'on-cpu': { module: './main.js', export: 'onCpu', attach: 'xdp/cpumap' },
  on_device: { module: './main.js', export: 'onDevice', attach: 'xdp/devmap', frags: true },
} as const;

const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });

const device = fc.record(
  {
    kind: fc.constantFrom('nic' as const, 'tap' as const, 'dummy' as const),
    up: fc.boolean(),
    mtu: fc.integer({ min: 68, max: 65535 }),
    rxQueues: fc.integer({ min: 1, max: 8 }),
    txQueues: fc.integer({ min: 1, max: 8 }),
    program: fc.constant('main'),
    mode: fc.constantFrom('native' as const, 'test-run' as const),
    features: fc.record({ ndoXdpXmit: fc.boolean(), rxSg: fc.boolean() }, { requiredKeys: [] }),
    ring: fc.integer({ min: 1, max: 16384 }),
    xmitError: fc.constantFrom('ENXIO' as const, 'ENOSPC' as const),
    drain: fc.constantFrom('flush' as const, 'always' as const),
    rss: fc.record({ indirection: fc.constant([0, 0]) }, { requiredKeys: [] }),
  },
  { requiredKeys: [] },
);

/** Two veths that are each other's peer; one or both say so. */
const vethPair = fc.record({ said: fc.constantFrom('first', 'second', 'both'), gro: fc.boolean() });

const traffic = fc.oneof(
  fc.record({ capture: fc.constant('lan.pcap'), loop: fc.integer({ min: 1, max: 9 }) }),
  fc.record(
    {
      flows: fc.integer({ min: 1, max: 1_000_000 }),
      length: fc.oneof(
        fc.constant(74),
        fc.array(fc.integer({ min: 74, max: 9014 }), { minLength: 1 }),
      ),
      protocol: fc.constantFrom('udp' as const, 'tcp' as const),
      ipVersion: fc.constantFrom(4 as const, 6 as const),
      frames: fc.integer({ min: 1, max: 1e9 }),
    },
    { requiredKeys: [] },
  ),
);

const plainEntry = fc.record({
  key: fc.oneof(fc.nat(), fc.constant('00 01:02ff')),
  value: fc.oneof(fc.nat(), fc.constant('0011223344556677')),
});

/** Documents that keep to every rule, in many of the ways in which they can. */
export const scenarioDocument: fc.Arbitrary<ScenarioInput> = fc
  .record({
    nics: fc.array(device, { minLength: 1, maxLength: 4 }),
    veths: fc.array(vethPair, { maxLength: 2 }),
    kernel: optional(fc.constantFrom('6.18' as const, '6.1' as const)),
    seed: optional(fc.nat()),
    plainEntries: fc.array(plainEntry, { maxLength: 4 }),
    cpuKeys: fc.array(fc.nat(11), { maxLength: 4 }),
    targets: fc.array(fc.nat(3), { maxLength: 5 }),
    shared: fc.boolean(),
    traffic: fc.array(traffic, { maxLength: 2 }),
  })
  .map(({ nics, veths, kernel, seed, plainEntries, cpuKeys, targets, shared, traffic }) => {
    const names = nics.map((_, index) => `eth${index}`);
    const nameOf = (index: number) => names[index % names.length]!;
    const umem = { name: 'xsk', device: 'eth0' };
    return withoutUndefined({
      kernel,
      seed,
      devices: [
        ...nics.map((nic, index) => ({ ...nic, name: nameOf(index) })),
        ...veths.flatMap(({ said, gro }, index) => [
          { name: `a${index}`, kind: 'veth', gro, ...(said !== 'second' && { peer: `b${index}` }) },
          { name: `b${index}`, kind: 'veth', ...(said !== 'first' && { peer: `a${index}` }) },
        ]),
      ],
      programs: PROGRAMS,
      maps: {
        plain: { type: 'percpu_hash', valueSize: 8, maxEntries: 16, entries: plainEntries },
        cpus: { type: 'cpumap', entries: cpuKeys.map((key) => ({ key, program: 'on-cpu' })) },
        tx: {
          type: 'devmap_hash',
          entries: targets.map((target, key) => ({ key, device: nameOf(target) })),
        },
        routes: { type: 'lpm_trie', keySize: 8, valueSize: 8, maxEntries: 4 },
        recent: { type: 'lru_percpu_hash', valueSize: 8, maxEntries: 16, entries: plainEntries },
        waiting: {
          type: 'queue',
          valueSize: 8,
          maxEntries: 16,
          entries: plainEntries.map(({ value }) => ({ value })),
        },
        records: { type: 'ringbuf', maxEntries: 4096 },
        events: { type: 'perf_event_array' },
        calls: { type: 'prog_array', entries: [{ key: 2, program: 'on-cpu' }] },
        inner: { type: 'hash_of_maps', maxEntries: 3 },
        xsks: { type: 'xskmap', entries: [{ key: 3, socket: 'xsk' }] },
      },
      routes: [{ to: '10.0.0.0/8', device: 'eth0', via: '10.0.0.1', mtu: 1400 }],
      neighbours: [{ device: 'eth0', address: '10.0.0.1', mac: '02:00:00:00:00:02' }],
      sockets: shared ? [umem, { ...umem, name: 'other', sharedUmem: 'xsk' }] : [umem],
      traffic,
    }) as ScenarioInput;
  });

/** A document, and the same with one to three places replaced, removed or added to. */
export const mutatedDocument: fc.Arbitrary<unknown> = fc
  .tuple(
    scenarioDocument,
    fc.array(fc.tuple(fc.nat(), fc.nat(), replacement()), { minLength: 1, maxLength: 3 }),
  )
  .map(([document, mutations]) => {
    const root = { root: structuredClone(document) as Json };
    for (const [place, kind, value] of mutations) mutate(root, place, kind, structuredClone(value));
    return root.root;
  });

/** Values that are wrong in most places and right in some: JSON of any shape, and words and numbers of the schema. */
function replacement(): fc.Arbitrary<Json> {
  const words = [
    'eth0',
    'main',
    'cpumap',
    'array',
    'veth',
    'udp',
    'nic',
    'xsk',
    '00',
    '',
    '__proto__',
  ];
  const numbers = [0, 1, 2, 3, 4, 8, 60, 256, 2048, 4096, 65536, 2 ** 32, -1, 1.5, 1e300];
  return fc.oneof(
    fc.constantFrom<Json>(...words, ...numbers, true, null),
    fc.constantFrom<Json>([], {}, [0], [1, 2], { name: 'eth9' }),
    fc.jsonValue() as fc.Arbitrary<Json>,
  );
}

const NEW_KEYS = ['name', 'cpus', 'rxqueues', 'capture', 'length', 'peer', 'constructor', 'x'];

function mutate(root: { root: Json }, place: number, kind: number, value: Json): void {
  const slots = slotsOf(root);
  const [owner, key] = slots[place % slots.length]!;
  const target = owner as Record<string, Json>;
  const old = target[key];
  if (kind % 4 === 0 && key !== 'root') {
    if (Array.isArray(owner)) owner.splice(Number(key), 1);
    else delete target[key];
  } else if (kind % 4 === 1 && typeof old === 'object' && old !== null && !Array.isArray(old)) {
    old[NEW_KEYS[kind % NEW_KEYS.length]!] = value;
  } else target[key] = value;
}

/** Every place in a document as the object that holds it and its key there. */
function slotsOf(owner: object): [object, string][] {
  return Object.entries(owner).flatMap(([key, value]) => [
    [owner, key] as [object, string],
    ...(typeof value === 'object' && value !== null ? slotsOf(value) : []),
  ]);
}

function withoutUndefined(document: object): Json {
  return JSON.parse(JSON.stringify(document)) as Json;
}
