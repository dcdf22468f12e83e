/** An entry with a program makes its kthread a second receiver of sockets: not before all others know of the lock. */

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Context, MapType, Packet, XskBuffPool } from '../../src/arena/layout.generated.js';
import type { NetDevice } from '../../src/machine/devices.js';
import type { System } from '../../src/machine/system.js';
import { ATTACH_TYPE } from '../../src/maps/objects.js';
import { XDP } from '../../src/program/define.js';
import { installProgram } from '../../src/program/trampoline.js';
import { testSystem, u32s } from '../support/testSystem.js';

function addDevice(system: System): NetDevice {
  return system.addDevice({
    name: 'in0',
    ifindex: 7,
    up: true,
    mtu: 1500,
    ndoXdpXmit: false,
    ndoXdpXmitSg: false,
    rxSg: false,
    hasNdo: false,
    mode: 'native',
    rxContexts: [system.receiveContext(0), system.receiveContext(1)],
    rxSlots: 8,
    needsFlush: false,
    wires: 0,
    wireSlots: 1,
    xmitError: 0,
    xmitMaxLength: 0,
  });
}

function addSocket(system: System, device: NetDevice) {
  return system.addSocket({
    name: 's',
    device,
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

/** CPU 1 receives; its frames go to the kthread of CPU 0, whose program passes them. */
function setUp() {
  const system = testSystem({ poolFrames: { control: 8, receive: 8, cpumap: 8, socket: 8 } });
  const { arena, bpf, dp, files, kernel } = system;
  const device = addDevice(system);
  const socket = addSocket(system, device);
  const attributes = { keySize: 4, valueSize: 8, maxEntries: 2, mapFlags: 0 };
  const fd = bpf.mapCreate({ ...attributes, type: MapType.CPUMAP });
  const file = files.map(fd);
  assert.type(file, 'object');
  const map = (file as Exclude<typeof file, number>).map.address;
  const addProgram = (name: string, expectedAttachType: number, run: () => number) => {
    const program = system.addProgram({ name, expectedAttachType, hasFrags: false });
    installProgram(dp.table, program.tableIndex, run);
    return program;
  };
  const toCpu = addProgram('main', ATTACH_TYPE.XDP, () => dp.redirectMap32(map, 0, 0));
  const pass = addProgram('pass', ATTACH_TYPE.XDP_CPUMAP, () => XDP.PASS);
  system.devices.setProgram(device, toCpu.address);
  const kthreads = system.cpumapContext(0);
  const packet = arena.allocate(Packet.SIZE);
  arena.assign(packet, Packet, { head: arena.allocate(128), headLength: 60, length: 60 } as never);
  return {
    system,
    /** Context of CPU 0, where a poll may be on its way. */
    poller: system.receiveContext(0).address,
    addEntry() {
      const program = files.open({ kind: 'program', program: pass });
      assert.is(bpf.mapUpdateElem(fd, u32s(0), u32s(8, program), 0n), 0);
    },
    receiveOne() {
      dp.injectFrame(kernel.control.address, device.rxQueues[1]!, packet, 1, 0);
      assert.is(dp.contextStep(system.receiveContext(1).address), 1);
    },
    stepKthread: () => dp.contextStep(kthreads.address),
    hasWork: () => dp.contextHasWork(kthreads.address) !== 0,
    isLocking: () => arena.get(socket.pool, XskBuffPool.needsLock) === 1,
  };
}

test('a kthread takes its first frame once every poll that may not know of the lock is over', () => {
  const { system, poller, addEntry, receiveOne, stepKthread, hasWork, isLocking } = setUp();
  const { arena } = system;
  arena.storeShared(poller, Context.seq, 1);

  addEntry();
  assert.ok(isLocking(), 'from now on polls take the lock');
  receiveOne();
  system.housekeep();
  assert.not(hasWork());
  assert.is(stepKthread(), 0, 'one that has begun may not have seen that');

  arena.storeShared(poller, Context.seq, 2);
  system.housekeep();
  assert.ok(hasWork());
  assert.is(stepKthread(), 1);
});

test('where no poll is on its way the kthread starts at once', () => {
  const { addEntry, receiveOne, stepKthread } = setUp();

  addEntry();
  receiveOne();

  assert.is(stepKthread(), 1);
});

test.run();
