import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseScenario } from '../../../src/scenario/parse.js';
import type { ScenarioInput } from '../../../src/scenario/schema/scenario.js';
import { issuesOf } from '../issues.js';

type DeviceInput = NonNullable<ScenarioInput['devices']>[number];

const programs: ScenarioInput['programs'] = {
  main: { module: 'main.js' },
  egress: { module: 'main.js', attach: 'xdp/devmap' },
};

function resolveDevices(...devices: DeviceInput[]) {
  return parseScenario({ devices, programs }).devices;
}

function deviceIssues(...devices: unknown[]): string[] {
  return issuesOf(() => parseScenario({ cpus: 4, devices, programs }));
}

test('a name alone is a nic with the driver defaults', () => {
  const [nic] = resolveDevices({ name: 'eth0' });
  const { rss, ...rest } = nic!;
  assert.equal(rest, {
    name: 'eth0',
    ifindex: 1,
    kind: 'nic',
    up: true,
    mtu: 1500,
    rxQueues: 1,
    txQueues: 1,
    cpus: [0],
    mode: 'native',
    gro: false,
    features: { ndoXdpXmit: true, ndoXdpXmitSg: true, rxSg: true },
    ring: 4096,
    drain: 'flush',
  });
  assert.is(rss.key.length, 80);
  assert.equal(rss.indirection, new Array(128).fill(0));
});

test('ring, drain and features follow the kind', () => {
  const [tap, dummy, veth] = resolveDevices(
    { name: 'tap0', kind: 'tap' },
    { name: 'dummy0', kind: 'dummy' },
    { name: 'veth0', kind: 'veth', peer: 'veth1' },
    { name: 'veth1', kind: 'veth' },
  );
  const none = { ndoXdpXmit: false, ndoXdpXmitSg: false, rxSg: false };
  assert.equal([tap!.ring, tap!.drain], [500, 'always']);
  assert.equal(tap!.features, { ...none, ndoXdpXmit: true });
  assert.equal(dummy!.features, none);
  assert.equal([veth!.ring, veth!.drain], [256, 'flush']);
  assert.equal(veth!.features, { ...none, rxSg: true });
});

test('a veth transmits redirected frames if its peer has a program or gro', () => {
  const devices = resolveDevices(
    { name: 'a0', kind: 'veth', peer: 'a1', program: 'main' },
    { name: 'a1', kind: 'veth' },
    { name: 'b0', kind: 'veth', peer: 'b1' },
    { name: 'b1', kind: 'veth', gro: true },
  );
  assert.equal(
    devices.map(({ name, features }) => [name, features.ndoXdpXmit, features.ndoXdpXmitSg]),
    [
      ['a0', false, false],
      ['a1', true, true],
      ['b0', true, true],
      ['b1', false, false],
    ],
  );
});

test('declared features stand, and fragments need ndo_xdp_xmit', () => {
  const [nic, tap] = resolveDevices(
    { name: 'eth0', features: { ndoXdpXmit: false } },
    { name: 'tap0', kind: 'tap', features: { ndoXdpXmitSg: true } },
  );
  assert.equal(nic!.features, { ndoXdpXmit: false, ndoXdpXmitSg: false, rxSg: true });
  assert.equal(tap!.features, { ndoXdpXmit: true, ndoXdpXmitSg: true, rxSg: false });
});

test('interface indexes are the lowest that no device declares', () => {
  const devices = resolveDevices(
    { name: 'a' },
    { name: 'b', ifindex: 2 },
    { name: 'c' },
    { name: 'd', ifindex: 1 },
  );
  assert.equal(
    devices.map((device) => device.ifindex),
    [3, 2, 4, 1],
  );
});

test('names and interface indexes are unique', () => {
  assert.equal(deviceIssues({ name: 'a', ifindex: 3 }, { name: 'a', ifindex: 3 }), [
    'devices[1].name: expected a name that devices[0] has not, found "a"',
    'devices[1].ifindex: expected an ifindex that devices[0] has not, found 3',
  ]);
});

test('a device name is one that Linux would take', () => {
  for (const name of ['', '.', '..', 'a/b', 'a:b', 'a b', 'sixteen-chars-xx', 'é']) {
    assert.is(deviceIssues({ name }).length, 1, name);
  }
  for (const name of ['...', 'fifteen-chars-x', 'eth0.100@x', '0']) {
    assert.equal(deviceIssues({ name }), [], name);
  }
});

test('one end of a veth pair may leave the peer out', () => {
  const devices = resolveDevices(
    { name: 'veth0', kind: 'veth' },
    { name: 'veth1', kind: 'veth', peer: 'veth0' },
  );
  assert.equal(
    devices.map((device) => device.peer),
    ['veth1', 'veth0'],
  );
});

test('a peer is a veth that names it back', () => {
  assert.equal(
    deviceIssues(
      { name: 'eth0', peer: 'a' },
      { name: 'a', kind: 'veth', peer: 'eth0' },
      { name: 'b', kind: 'veth', peer: 'b' },
      { name: 'c', kind: 'veth', peer: 'd' },
      { name: 'd', kind: 'veth', peer: 'e' },
      { name: 'e', kind: 'veth' },
      { name: 'f', kind: 'veth' },
    ),
    [
      'devices[0].peer: expected no peer: this is a nic, only a veth has one, found "a"',
      'devices[1].peer: expected a veth whose peer is "a", found "eth0", a nic',
      'devices[2].peer: expected a veth whose peer is "b", found itself',
      'devices[3].peer: expected a veth whose peer is "c", found "d", whose peer is "e"',
      'devices[6].peer: expected the name of a device (one of eth0, a, b, c, d, e, f), found nothing',
    ],
  );
});

test('the program of a device has attach type "xdp"', () => {
  assert.equal(deviceIssues({ name: 'a', program: 'egress' }, { name: 'b', program: 'mian' }), [
    'devices[0].program: expected a program whose attach is "xdp", found "egress", whose attach is "xdp/devmap"',
    'devices[1].program: expected the name of a program (did you mean "main"?), found "mian"',
  ]);
});

test('each receive queue has a CPU that exists', () => {
  assert.equal(deviceIssues({ name: 'a', rxQueues: 3, cpus: [0, 4] }), [
    'devices[0].cpus: expected 3 CPUs, one for each receive queue, found 2',
    'devices[0].cpus[1]: expected a CPU below 4, found 4',
  ]);
});

test('without a declared affinity, queues go round the CPUs', () => {
  const { devices } = parseScenario({ cpus: 2, devices: [{ name: 'a', rxQueues: 3 }] });
  assert.equal(devices[0]!.cpus, [0, 1, 0]);
});

test('the indirection table leads to queues that exist and has a power of two of them', () => {
  const rss = { indirection: [0, 2, 1] };
  assert.equal(deviceIssues({ name: 'a', rxQueues: 2, rss }), [
    'devices[0].rss.indirection: expected a list whose length is a power of two, found 3 queues',
    'devices[0].rss.indirection[1]: expected a receive queue below 2, found 2',
  ]);
});

test('the default indirection table reaches every queue', () => {
  const [device] = resolveDevices({ name: 'a', rxQueues: 200 });
  assert.is(device!.rss.indirection.length, 256);
  assert.is(new Set(device!.rss.indirection).size, 200);
});

test.run();
