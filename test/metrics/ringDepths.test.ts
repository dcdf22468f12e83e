import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { defineXdp, Machine } from '../../src/index.js';
import { ringDepths } from '../../src/metrics/ringDepths.js';

const QSIZE = 5;
const SLOW_DEVICE = 2;

async function withStalledMachine(
  program: Parameters<typeof defineXdp>[0],
  frames: number,
  use: (machine: Machine) => Promise<void>,
): Promise<void> {
  const machine = await Machine.create(
    {
      cpus: 2,
      devices: [{ name: 'eth0', program: 'main' }, { name: 'slow0' }],
      maps: { cpus: { type: 'cpumap', entries: [{ key: 1, qsize: QSIZE }] } },
      traffic: [{ flows: 1, frames }],
    },
    { programs: { main: defineXdp(program) } },
  );
  try {
    machine.system.kthreads.stall(1, true);
    machine.system.stallWires(machine.system.devices.byName('slow0')!, true);
    await machine.run();
    await use(machine);
  } finally {
    await machine.close();
  }
}

for (const [frames, used] of [
  [0, 0],
  [3, 3],
  [QSIZE, QSIZE],
  [QSIZE + 2, QSIZE],
] as const) {
  test(`of ${frames} frames ${used} wait in a cpumap queue of ${QSIZE}`, async () => {
    await withStalledMachine(
      (ctx) => ctx.redirectMap('cpus', 1),
      Math.max(frames, 1),
      async (machine) => {
        if (frames === 0) {
          machine.system.kthreads.stall(1, false);
          await machine.idle();
        }
        const mapId = machine.map('cpus').id;
        assert.equal(ringDepths(machine.system).cpumaps, [{ mapId, cpu: 1, used, size: QSIZE }]);
      },
    );
  });
}

test('a queue whose two ends went round shows what waits', async () => {
  await withStalledMachine(
    (ctx) => ctx.redirectMap('cpus', 1),
    4,
    async (machine) => {
      machine.system.kthreads.stall(1, false);
      await machine.idle();
      machine.system.kthreads.stall(1, true);
      await machine.run();
      assert.is(ringDepths(machine.system).cpumaps[0]!.used, 4);
    },
  );
});

test('frames that a device has not sent yet wait at its far end', async () => {
  await withStalledMachine(
    (ctx) => ctx.redirect(SLOW_DEVICE),
    20,
    async (machine) => {
      const { wires, rxQueues } = ringDepths(machine.system);
      assert.equal(
        wires.map(({ device, used }) => [device, used]),
        [
          ['eth0', 0],
          ['slow0', 20],
        ],
      );
      assert.equal(
        rxQueues.map(({ used }) => used),
        [0, 0],
      );
    },
  );
});

test.run();
