import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ScenarioError } from '../../../src/scenario/error.js';
import { parseScenario } from '../../../src/scenario/parse.js';

const devices = [{ name: 'eth0' }];

function problems(document: object): string[] {
  try {
    parseScenario({ devices, ...document });
    return [];
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error;
    return error.issues.map(({ path, expected, found }) => `${path}: ${expected}; ${found}`);
  }
}

test('routes and neighbours of both families are taken as they are', () => {
  const { routes, neighbours } = parseScenario({
    devices,
    routes: [
      { to: '0.0.0.0/0', device: 'eth0', via: '2001:db8::1' },
      { to: '2001:db8::/32', type: 'prohibit', metric: 7 },
    ],
    neighbours: [{ device: 'eth0', address: '2001:db8::1', mac: '02:00:00:00:00:01' }],
  });
  assert.equal(routes, [
    { to: '0.0.0.0/0', device: 'eth0', via: '2001:db8::1', type: 'unicast', table: 254, metric: 0 },
    { to: '2001:db8::/32', type: 'prohibit', table: 254, metric: 7 },
  ]);
  assert.is(neighbours?.length, 1);
  assert.is(parseScenario({ devices }).routes, undefined);
});

test('each mistake in a route is named by its path', () => {
  const found = problems({
    routes: [
      { to: '10.0.0.0/33', device: 'eth0' },
      { to: '10.0.0.0/8/8', type: 'blackhole' },
      { to: '10.0.0/8', device: 'eth1' },
      { to: '10.0.0.0/8' },
      { to: '10.0.0.0/8', device: 'eth0', via: 'router' },
      { to: '10.0.0.0/8', device: 'eth0', src: '2001:db8::1' },
    ],
  });
  assert.equal(
    found.map((problem) => problem.split(':')[0]),
    [
      'routes[0].to',
      'routes[1].to',
      'routes[2].to',
      'routes[2].device',
      'routes[3].device',
      'routes[4].via',
      'routes[5].src',
    ],
  );
  assert.match(found[0]!, /at most 32/);
});

test('each mistake in a neighbour is named by its path', () => {
  const found = problems({ neighbours: [{ device: 'eth1', address: '10', mac: '02:00' }] });
  assert.equal(
    found.map((problem) => problem.split(':')[0]),
    ['neighbours[0].device', 'neighbours[0].address', 'neighbours[0].mac'],
  );
});

test.run();
