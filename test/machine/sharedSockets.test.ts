/** A kthread with a program may deliver to sockets beside the receive queues: all of them take the lock by then. */

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { XskBuffPool } from '../../src/arena/layout.generated.js';
import type { System } from '../../src/machine/system.js';
import { ATTACH_TYPE } from '../../src/maps/objects.js';
import { testSystem } from '../support/testSystem.js';

function addSocket(system: System, name: string) {
  return system.addSocket({
    name,
    device: undefined,
    queue: 0,
    rxRing: 2,
    txRing: 1,
    fillRing: 2,
    completionRing: 1,
    chunkSize: 2048,
    chunks: 2,
    headroom: 0,
    fill: 2,
    application: 'manual',
    context: system.socketContext(),
  });
}

function isLocking(system: System, { pool }: { readonly pool: number }): boolean {
  return system.arena.get(pool, XskBuffPool.needsLock) === 1;
}

function load(system: System, expectedAttachType: number): void {
  system.addProgram({ name: 'p', expectedAttachType, hasFrags: false });
}

// Workers answer between two polls that they have the program: none that began before is still at work when an entry
// can be given it, so this is the grace period.
test('receivers take the lock from when a cpumap program is loaded, not from its first entry', () => {
  const system = testSystem({ poolFrames: { control: 1, receive: 1, cpumap: 1, socket: 1 } });
  const early = addSocket(system, 'early');

  load(system, ATTACH_TYPE.XDP);
  assert.not(isLocking(system, early));

  load(system, ATTACH_TYPE.XDP_CPUMAP);
  assert.ok(isLocking(system, early));
  assert.ok(isLocking(system, addSocket(system, 'late')));
});

test.run();
