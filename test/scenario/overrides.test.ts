import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { resolveScenario } from '../../src/scenario/overrides.js';
import { parseScenario } from '../../src/scenario/parse.js';
import type { CpumapSpec } from '../../src/scenario/scenario.js';
import type { ScenarioInput } from '../../src/scenario/schema/scenario.js';
import { issuesOf } from './issues.js';

const DOCUMENT: ScenarioInput = {
  cpus: 2,
  devices: [
    { name: 'eth0', rxQueues: 2, cpus: [1, 0], rss: { indirection: [1, 1] } },
    { name: 'eth1', rxQueues: 2 },
  ],
  maps: { empty: { type: 'cpumap' }, full: { type: 'cpumap', entries: [{ key: 1 }] } },
  traffic: [{ device: 'eth0' }],
};

test('without overrides a document resolves as it is', () => {
  assert.equal(resolveScenario(DOCUMENT), parseScenario(DOCUMENT));
  assert.equal(resolveScenario(DOCUMENT, { rx: undefined }), parseScenario(DOCUMENT));
});

test('kernel, seed and traffic replace what the document says', () => {
  const traffic = [{ device: 'eth1', frames: 5 }];
  const scenario = resolveScenario(DOCUMENT, { kernel: '6.1', seed: 9, traffic });
  assert.equal(scenario, parseScenario({ ...DOCUMENT, kernel: '6.1', seed: 9, traffic }));
});

test('rx sets the queues of the device with traffic, on CPUs 0 to rx - 1', () => {
  const { cpus, devices } = resolveScenario(DOCUMENT, { rx: 4 });
  assert.is(cpus, 4);
  assert.equal(devices[0]!.cpus, [0, 1, 2, 3]);
  assert.equal(devices[0]!.rss.indirection.slice(0, 5), [0, 1, 2, 3, 0]);
  assert.is(devices[1]!.rxQueues, 2);
});

test('rx follows the traffic of the command line', () => {
  const { devices } = resolveScenario(DOCUMENT, { rx: 3, traffic: [{ device: 'eth1' }] });
  assert.equal(
    devices.map((device) => device.rxQueues),
    [2, 3],
  );
});

test('rx sets the queues of the first device where there is no traffic', () => {
  const { devices } = resolveScenario({ ...DOCUMENT, traffic: [] }, { rx: 3 });
  assert.equal(
    devices.map((device) => device.rxQueues),
    [3, 2],
  );
});

test('cpus fills the cpumaps that have no entries', () => {
  const { cpus, maps } = resolveScenario(DOCUMENT, { cpus: 3 });
  const { empty, full } = maps;
  assert.is(cpus, 3);
  assert.equal(empty, {
    type: 'cpumap',
    maxEntries: 3,
    valueSize: 8,
    entries: [0, 1, 2].map((key) => ({ key, qsize: 2048 })),
  });
  assert.equal((full as CpumapSpec).entries, [{ key: 1, qsize: 2048 }]);
});

test('cpus goes no further than the maxEntries of a cpumap', () => {
  const maps = { small: { type: 'cpumap', maxEntries: 2 } };
  const { small } = resolveScenario({ maps }, { cpus: 8 }).maps;
  assert.is((small as CpumapSpec).entries.length, 2);
});

test('more receive queues than CPUs share them', () => {
  const { cpus, devices } = resolveScenario(DOCUMENT, { rx: 4, cpus: 2 });
  assert.is(cpus, 2);
  assert.equal(devices[0]!.cpus, [0, 1, 0, 1]);
});

test('overrides are checked like a document', () => {
  const overrides = { rx: 0, kernel: '5.4' } as never;
  assert.equal(
    issuesOf(() => resolveScenario(DOCUMENT, overrides)),
    [
      'rx: expected an integer from 1 to 256, found 0',
      'kernel: expected one of "6.18", "6.1", found "5.4"',
    ],
  );
  const traffic = [{ device: 'eth9' }];
  assert.equal(
    issuesOf(() => resolveScenario(DOCUMENT, { traffic })),
    ['traffic[0].device: expected the name of a device (did you mean "eth0"?), found "eth9"'],
  );
});

test.run();
