import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseScenario } from '../../../src/scenario/parse.js';
import type { DevmapSpec } from '../../../src/scenario/scenario.js';
import type { ScenarioInput } from '../../../src/scenario/schema/scenario.js';
import { issuesOf } from '../issues.js';

const REST: ScenarioInput = {
  devices: [{ name: 'eth0', rxQueues: 2 }, { name: 'eth1' }],
  programs: {
    main: { module: 'main.js' },
    on_cpu: { module: 'main.js', attach: 'xdp/cpumap' },
    on_device: { module: 'main.js', attach: 'xdp/devmap' },
  },
  sockets: [{ name: 'xsk', device: 'eth0' }],
};

function resolveMap(map: NonNullable<ScenarioInput['maps']>[string]) {
  const { resolved } = parseScenario({ ...REST, maps: { resolved: map } }).maps;
  return resolved;
}

function mapIssues(map: unknown): string[] {
  return issuesOf(() => parseScenario({ ...REST, maps: { map } }));
}

test('keys and values become hex bytes of their size', () => {
  const entries = [
    { key: 1, value: 0x1234 },
    { key: 'FF 00:00 01', value: 'abcd' },
  ];
  assert.equal(resolveMap({ type: 'hash', valueSize: 2, maxEntries: 8, entries }), {
    type: 'hash',
    keySize: 4,
    valueSize: 2,
    maxEntries: 8,
    entries: [
      { key: '01000000', value: '3412' },
      { key: 'ff000001', value: 'abcd' },
    ],
  });
});

test('keys and values have the size of the map', () => {
  const entries = [
    { key: '00', value: 256 },
    { key: 0, value: '0000' },
  ];
  assert.equal(mapIssues({ type: 'array', valueSize: 1, maxEntries: 1, entries }), [
    'maps.map.entries[0].key: expected 4 bytes, found 1 byte, "00"',
    'maps.map.entries[0].value: expected a number that fits into 1 byte, found 256',
    'maps.map.entries[1].value: expected 1 byte, found 2 bytes, "0000"',
  ]);
});

test('a cpumap has room for every CPU', () => {
  assert.equal(
    resolveMap({ type: 'cpumap', entries: [{ key: 3, program: 'on_cpu' }, { key: 0 }] }),
    {
      type: 'cpumap',
      maxEntries: 4,
      valueSize: 8,
      entries: [
        { key: 3, qsize: 2048, program: 'on_cpu' },
        { key: 0, qsize: 2048 },
      ],
    },
  );
});

test('a devmap has room for its highest index, a devmap_hash for its entries', () => {
  const entries = [
    { key: 7, device: 'eth1' },
    { key: 2, device: 'eth0' },
  ];
  assert.is(resolveMap({ type: 'devmap', entries })!.maxEntries, 8);
  assert.is(resolveMap({ type: 'devmap_hash', entries })!.maxEntries, 2);
  assert.is(resolveMap({ type: 'devmap_hash' })!.maxEntries, 1);
  const sockets = [{ key: 3, socket: 'xsk' }];
  assert.is(resolveMap({ type: 'xskmap', entries: sockets })!.maxEntries, 4);
});

test('entries keep their order, and keys that the map will refuse are let through', () => {
  const entries = [9, 1, 9].map((key) => ({ key, device: 'eth0' }));
  const resolved = resolveMap({ type: 'devmap', maxEntries: 2, entries }) as DevmapSpec;
  assert.equal(resolved.entries, entries);
});

test('entries name devices and sockets that exist', () => {
  assert.equal(mapIssues({ type: 'devmap', entries: [{ key: 0, device: 'eth7' }] }), [
    'maps.map.entries[0].device: expected the name of a device (did you mean "eth0"?), found "eth7"',
  ]);
  assert.equal(mapIssues({ type: 'xskmap', entries: [{ key: 0, socket: 'other' }] }), [
    'maps.map.entries[0].socket: expected the name of a socket (one of xsk), found "other"',
  ]);
});

test('maps of the other types have what makes sense for them', () => {
  assert.equal(
    resolveMap({ type: 'stack', valueSize: 2, maxEntries: 4, entries: [{ value: 0x0102 }] }),
    { type: 'stack', valueSize: 2, maxEntries: 4, entries: [{ value: '0201' }] },
  );
  assert.equal(
    mapIssues({ type: 'queue', valueSize: 1, maxEntries: 4, entries: [{ value: 256 }] }),
    ['maps.map.entries[0].value: expected a number that fits into 1 byte, found 256'],
  );
  assert.equal(resolveMap({ type: 'perf_event_array' }), {
    type: 'perf_event_array',
    maxEntries: 2,
  });
  assert.is(resolveMap({ type: 'ringbuf', maxEntries: 4096 })!.maxEntries, 4096);
  assert.equal(mapIssues({ type: 'hash_of_maps', maxEntries: 4, entries: [] }), [
    'maps.map.entries: expected a known key (one of type, maxEntries), found "entries"',
  ]);
});

test('a prog_array has room for its highest index, and its programs are of any kind that exists', () => {
  const entries = [
    { key: 3, program: 'on_cpu' },
    { key: 0, program: 'main' },
  ];
  assert.equal(resolveMap({ type: 'prog_array', entries }), {
    type: 'prog_array',
    maxEntries: 4,
    entries,
  });
  assert.equal(mapIssues({ type: 'prog_array', entries: [{ key: 0, program: 'mian' }] }), [
    'maps.map.entries[0].program: expected the name of a program (did you mean "main"?), found "mian"',
  ]);
});

test("the program of an entry has the map's attach type", () => {
  const cpumap = { type: 'cpumap', entries: [{ key: 0, program: 'on_device' }] };
  assert.equal(mapIssues(cpumap), [
    'maps.map.entries[0].program: expected a program whose attach is "xdp/cpumap", found "on_device", whose attach is "xdp/devmap"',
  ]);
  const devmap = { type: 'devmap', entries: [{ key: 0, device: 'eth0', program: 'main' }] };
  assert.equal(mapIssues(devmap), [
    'maps.map.entries[0].program: expected a program whose attach is "xdp/devmap", found "main", whose attach is "xdp"',
  ]);
});

test('values of 4 bytes have no room for a program', () => {
  const map = { type: 'cpumap', valueSize: 4, entries: [{ key: 0, program: 'on_cpu' }] };
  assert.equal(mapIssues(map), [
    'maps.map.entries[0].program: expected no program, since valueSize is 4, found "on_cpu"',
  ]);
});

test.run();
