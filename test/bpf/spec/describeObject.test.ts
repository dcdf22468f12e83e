import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { describeObject } from '../../../src/bpf/spec/describeObject.js';
import { loadObjectSpec } from '../../../src/bpf/spec/loadObjectSpec.js';
import { readFixture } from '../support/fixtures.js';

const HELPERS = new Map([
  [1, 'map_lookup_elem'],
  [51, 'redirect_map'],
]);

test('a summary has programs with what they use, maps and globals', () => {
  const summary = describeObject(
    loadObjectSpec(readFixture('map_options', 'clang19'), 'map_options.o'),
    (id) => HELPERS.get(id),
  );
  assert.equal(summary.programs, [
    {
      name: 'redirect',
      section: 'xdp',
      programType: 'xdp',
      attachType: 'xdp',
      frags: false,
      autoload: true,
      insnCount: 25,
      subprograms: [],
      helpers: ['map_lookup_elem', 'redirect_map', '#89'],
      kfuncs: [],
      maps: ['pinned', 'bloom', 'on_node', 'user_sized'],
      coreRelocations: 0,
      unsupported: [],
    },
  ]);
  assert.equal(
    summary.maps.map(({ name, type, pinning }) => [name, type, pinning]),
    [
      ['pinned', 'lru_hash', 'byName'],
      ['bloom', 'bloom_filter', 'none'],
      ['on_node', 'array', 'none'],
      ['user_sized', 'cpumap', 'none'],
    ],
  );
});

test('globals have their values', () => {
  const summary = describeObject(
    loadObjectSpec(readFixture('globals', 'clang14'), 'globals.o'),
    () => undefined,
  );
  const values = new Map(
    summary.globals.map(({ section, name, value }) => [`${section} ${name}`, value]),
  );
  assert.is(values.get('.data hidden'), -5);
  assert.is(values.get('.rodata limit'), 0xfffffffffffffff0n);
  assert.equal(values.get('.bss also_zeroed'), [0, 0, 0]);
  assert.is(values.get('.kconfig CONFIG_BPF_JIT'), false);
});

test('helpers of subprograms count, kfuncs are apart', () => {
  const subprograms = describeObject(
    loadObjectSpec(readFixture('subprograms', 'clang19'), 'subprograms.o'),
    () => undefined,
  );
  assert.equal(
    subprograms.programs.map(({ helpers }) => helpers),
    [['#7'], ['#7'], []],
  );
  const kernel = describeObject(
    loadObjectSpec(readFixture('kernel_symbols', 'clang19'), 'kernel_symbols.o'),
    () => undefined,
  );
  assert.equal(
    kernel.programs.map(({ helpers, kfuncs }) => [helpers, kfuncs]),
    [
      [[], ['bpf_xdp_metadata_rx_timestamp']],
      [[], ['bpf_no_such_kfunc']],
    ],
  );
});

test.run();
