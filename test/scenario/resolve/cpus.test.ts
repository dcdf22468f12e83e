import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseScenario } from '../../../src/scenario/parse.js';

test('there are as many CPUs as receive queues and cpumap keys name', () => {
  const devices = [
    { name: 'eth0', rxQueues: 3 },
    { name: 'eth1', cpus: [5] },
  ];
  assert.is(parseScenario({ devices: devices.slice(0, 1) }).cpus, 3);
  assert.is(parseScenario({ devices }).cpus, 6);
  const maps = { cpus: { type: 'cpumap', entries: [{ key: 7 }, { key: 2 }] } };
  assert.is(parseScenario({ devices, maps }).cpus, 8);
});

test('a cpumap key that can be no CPU does not count', () => {
  const maps = { cpus: { type: 'cpumap', entries: [{ key: 256 }] } };
  assert.is(parseScenario({ maps }).cpus, 1);
});

test('a declared number of CPUs stands, whatever the cpumaps name', () => {
  const maps = { cpus: { type: 'cpumap', entries: [{ key: 7 }] } };
  assert.is(parseScenario({ cpus: 4, maps }).cpus, 4);
});

test.run();
