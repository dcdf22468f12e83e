import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseScenario } from '../../../src/scenario/parse.js';
import type { ScenarioInput } from '../../../src/scenario/schema/scenario.js';
import { issuesOf } from '../issues.js';

type SocketInput = NonNullable<ScenarioInput['sockets']>[number];

const devices = [{ name: 'eth0', rxQueues: 2 }];

function resolveSockets(...sockets: SocketInput[]) {
  return parseScenario({ devices, sockets }).sockets;
}

function socketIssues(...sockets: SocketInput[]): string[] {
  return issuesOf(() => parseScenario({ devices, sockets }));
}

test('a socket has a UMEM of 4096 chunks, and as many posted as the FILL ring holds', () => {
  assert.equal(resolveSockets({ name: 'xsk', device: 'eth0' }), [
    {
      name: 'xsk',
      device: 'eth0',
      queue: 0,
      rxRing: 2048,
      txRing: 2048,
      fillRing: 2048,
      completionRing: 2048,
      chunkSize: 4096,
      chunks: 4096,
      headroom: 0,
      fill: 2048,
      application: 'drop',
    },
  ]);
  const [small] = resolveSockets({ name: 'xsk', device: 'eth0', chunks: 16 });
  assert.is(small!.fill, 16);
});

test('a socket that shares a UMEM has the settings of the one it names', () => {
  const umem = { chunkSize: 2048, chunks: 64, headroom: 8, fill: 3, fillRing: 128 } as const;
  const [first, second] = resolveSockets(
    { name: 'second', device: 'eth0', sharedUmem: 'first', rxRing: 64, chunks: 64 },
    { name: 'first', device: 'eth0', ...umem },
  );
  assert.equal({ ...first }, { ...second, name: 'second', sharedUmem: 'first', rxRing: 64 });
});

test('a second socket on a queue shares the UMEM of the first', () => {
  const again = socketIssues(
    { name: 'a', device: 'eth0', queue: 1 },
    { name: 'b', device: 'eth0', queue: 1 },
  );
  assert.equal(again, [
    'sockets[1]: expected a device and queue that sockets[0] is not bound to, or its name as sharedUmem, ' +
      'found queue 1 of "eth0" again',
  ]);
});

test('a shared UMEM belongs to a socket of the same queue, and is not described twice', () => {
  const issues = socketIssues(
    { name: 'a', device: 'eth0' },
    { name: 'b', device: 'eth0', sharedUmem: 'a', chunkSize: 2048 },
    { name: 'c', device: 'eth0', sharedUmem: 'b' },
    { name: 'd', device: 'eth0', queue: 1, sharedUmem: 'a' },
    { name: 'e', device: 'eth0', sharedUmem: 'zz' },
  );
  assert.equal(issues, [
    'sockets[1].chunkSize: expected 4096, as it is the UMEM of "a", found 2048',
    'sockets[2].sharedUmem: expected a socket with a UMEM of its own, found "b", which shares one',
    'sockets[3].sharedUmem: expected a socket on queue 1 of "eth0", found "a", on queue 0 of "eth0"',
    'sockets[4].sharedUmem: expected the name of a socket (one of a, b, c, d, e), found "zz"',
  ]);
});

test('a socket is bound to a queue that exists, and its numbers fit together', () => {
  const issues = socketIssues(
    { name: 'a', device: 'eth1' },
    { name: 'b', device: 'eth0', queue: 2 },
    { name: 'b', device: 'eth0', chunkSize: 2048, headroom: 1792, chunks: 4, fill: 5 },
  );
  assert.equal(issues, [
    'sockets[2].name: expected a name that sockets[1] has not, found "b"',
    'sockets[0].device: expected the name of a device (did you mean "eth0"?), found "eth1"',
    'sockets[1].queue: expected a receive queue below 2, found 2',
    'sockets[2].headroom: expected a headroom below 1792, found 1792',
    'sockets[2].fill: expected at most 4 chunks, found 5',
  ]);
});

test.run();
