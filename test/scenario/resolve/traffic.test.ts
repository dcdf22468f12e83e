import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseScenario } from '../../../src/scenario/parse.js';
import type { TrafficInput } from '../../../src/scenario/schema/scenario.js';
import { issuesOf } from '../issues.js';

const devices = [{ name: 'eth0' }, { name: 'eth1' }];

function resolveTraffic(...traffic: TrafficInput[]) {
  return parseScenario({ devices, traffic }).traffic;
}

function trafficIssues(...traffic: TrafficInput[]): string[] {
  return issuesOf(() => parseScenario({ devices, traffic }));
}

test('traffic is 64 flows of short UDP frames without end, into the first device', () => {
  const flows = { flows: 64, length: [60], protocol: 'udp', ipVersion: 4, stamps: false };
  assert.equal(resolveTraffic({}), [{ device: 'eth0', ...flows }]);
});

test('a capture is replayed once', () => {
  assert.equal(resolveTraffic({ device: 'eth1', capture: 'lan.pcap' }), [
    { device: 'eth1', capture: 'lan.pcap', loop: 1 },
  ]);
});

test('frames are long enough for their headers', () => {
  const [udp, tcp] = resolveTraffic({ ipVersion: 6 }, { ipVersion: 6, protocol: 'tcp' });
  assert.equal(
    [udp, tcp].map((traffic) => 'length' in traffic! && traffic.length),
    [[62], [74]],
  );
  assert.equal(trafficIssues({ ipVersion: 6, length: 61 }, { ipVersion: 6, length: [62, 60] }), [
    "traffic[0].length: expected at least 62, the headers' length, found 61",
    "traffic[1].length[1]: expected at least 62, the headers' length, found 60",
  ]);
});

test('a capture and flows have keys of their own', () => {
  assert.equal(trafficIssues({ capture: 'lan.pcap', flows: 3, stamps: false }, { loop: 2 }), [
    'traffic[0].flows: expected no flows beside a capture, found 3',
    'traffic[0].stamps: expected no stamps beside a capture, found false',
    'traffic[1].loop: expected no loop without a capture, found 2',
  ]);
});

test('only UDP over IPv4 has room for stamps', () => {
  assert.equal(trafficIssues({ stamps: true, protocol: 'tcp' }), [
    'traffic[0].stamps: expected stamps in udp over IPv4 only, found stamps in tcp over IPv4',
  ]);
});

test('traffic needs a device', () => {
  assert.equal(trafficIssues({ device: 'eth2' }), [
    'traffic[0].device: expected the name of a device (did you mean "eth0"?), found "eth2"',
  ]);
  assert.equal(
    issuesOf(() => parseScenario({ traffic: [{}] })),
    ['traffic[0].device: expected the name of a device (there are none), found nothing'],
  );
});

test.run();
