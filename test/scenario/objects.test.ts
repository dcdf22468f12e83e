import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ObjectFiles } from '../../src/program/ebpf/objectFile.js';
import { scenarioOfModule } from '../../src/scenario/module.js';
import { withObjects } from '../../src/scenario/objects.js';
import { resolveScenario } from '../../src/scenario/overrides.js';
import { parseScenario } from '../../src/scenario/parse.js';
import type { CpumapSpec } from '../../src/scenario/scenario.js';
import { fixturePath } from '../bpf/support/fixtures.js';

const files = new ObjectFiles('.');
const complete = (document: unknown) => withObjects(document, (module) => files.read(module));
const steer = fixturePath('steer', 'clang14');
const sections = fixturePath('sections', 'clang14');

test("an object's programs join under their own names, with what their sections say", () => {
  const document = complete(
    scenarioOfModule(sections, { programs: { main: { export: 'frags' } } }),
  );
  const { programs } = parseScenario(document);
  const of = (name: string) => [programs[name]?.attach, programs[name]?.frags];
  assert.equal(of('main'), ['xdp', true]);
  assert.equal(of('cpumap'), ['xdp/cpumap', false]);
  assert.equal(of('devmap_frags'), ['xdp/devmap', true]);
  // It is there as main, on_demand wants to be asked for, and named_freely may be anything.
  for (const absent of ['frags', 'on_demand', 'named_freely'])
    assert.is(programs[absent], undefined);
});

test('a program whose section says nothing is the one that the document names', () => {
  const main = { module: sections, export: 'named_freely', attach: 'xdp/cpumap' };
  const { programs } = parseScenario(complete({ programs: { main } }));
  assert.is(programs['main']!.attach, 'xdp/cpumap');
});

test("the document's own programs keep their names", () => {
  const programs = { main: { module: steer, export: 'to_cpu' }, on_cpu: { module: 'other.js' } };
  const scenario = parseScenario(complete({ programs }));
  assert.is(scenario.programs['on_cpu']!.module, 'other.js');
  assert.is(scenario.programs['on_port']!.module, steer);
});

test("a map needs no more said of it than what the object leaves open; cpumaps are the CPUs' number", () => {
  const programs = { main: { module: steer, export: 'to_cpu' } };
  const { maps } = parseScenario(complete({ cpus: 3, programs, maps: { counts: {} } }));
  assert.equal(maps['counts'], {
    type: 'percpu_array',
    keySize: 4,
    valueSize: 8,
    maxEntries: 4,
    entries: [],
  });
  assert.is(maps['cpus']!.maxEntries, 3);
  assert.equal(Object.keys(maps), ['counts', 'cpus']);
  const filled = resolveScenario(complete({ programs }), { cpus: 2 }).maps['cpus'] as CpumapSpec;
  assert.equal(
    filled.entries.map(({ key }) => key),
    [0, 1],
  );
});

test('completing twice changes nothing, and a resolved scenario is complete', () => {
  const once = complete(scenarioOfModule(steer, { programs: { main: { export: 'to_cpu' } } }));
  assert.equal(complete(once), once);
  const scenario = parseScenario(once);
  assert.equal(parseScenario(complete(scenario)), scenario);
});

test('what is out of shape is left for the validation to say', () => {
  for (const document of [null, 7, [], { programs: 7 }, { programs: { main: null } }])
    assert.is(complete(document), document);
  const maps = 'none';
  const programs = { main: { module: steer, export: 'to_cpu' } };
  assert.throws(() => parseScenario(complete({ programs, maps })), /maps: expected an object/);
});

test('globals are for objects, any JSON by name', () => {
  const globals = { target: 1, option: { on: true, ports: [1, 2] }, name: 'x' };
  const main = { module: steer, export: 'to_cpu', globals };
  assert.equal(parseScenario({ programs: { main } }).programs['main']!.globals, globals);
  const wrong = { module: steer, globals: [1] };
  assert.throws(
    () => parseScenario({ programs: { main: wrong } }),
    /programs.main.globals: expected/,
  );
});

test.run();
