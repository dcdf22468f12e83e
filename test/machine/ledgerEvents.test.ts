import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Machine } from '../../src/machine/machine.js';
import type { RecordListener } from '../../src/machine/recorder.js';
import { udpFrame } from '../../src/packet/build.js';
import { defineXdp, XDP } from '../../src/program/define.js';
import type { ModuleScenario } from '../../src/scenario/module.js';

/** Steps of a run's frames as texts: tag, then what happened. */
async function stepsOf(
  scenario: ModuleScenario,
  programs: Parameters<typeof Machine.create>[1],
  frames: number,
  more: RecordListener = {},
): Promise<string[]> {
  const machine = await Machine.create(scenario, { observe: 'stages', ...programs });
  const steps: string[] = [];
  machine.record({
    onReceive: ({ tag, ifindex, queue, length }) =>
      steps.push(`${tag} in ${ifindex}/${queue} ${length}`),
    onProgram: ({ tag, hook, action, target, refusal }) =>
      steps.push(
        `${tag} ${hook} ${action}${target ? ` ${target.mapType}[${target.index}]` : ''}${refusal ? ` refused ${refusal.errno} [${refusal.key}]` : ''}`,
      ),
    onEnqueue: ({ tag, where, target, isTaken, depth, size, bulk, dropped, err }) =>
      steps.push(
        `${tag} ${where} ${target} ${isTaken ? 'taken' : 'not taken'} ${depth}/${size} bulk ${bulk} dropped ${dropped} err ${err}`,
      ),
    onClone: ({ tag, parent }) => steps.push(`${parent} copied ${tag >>> 0}`),
    onFate: ({ tag, fate, target }) => steps.push(`${tag >>> 0} ${fate.name} ${target}`),
    ...more,
  });
  await machine.inject(
    'eth0',
    Array.from({ length: frames }, (_, i) =>
      udpFrame({ src: '10.0.0.1', dst: '10.0.0.2', sport: 1000 + i, dport: 53 }),
    ),
  );
  machine.verify();
  await machine.close();
  assert.is(machine.lostRecords, 0);
  return steps;
}

test('a frame that finds the ring of its cpumap entry full leaves every step of its way', async () => {
  const steps = await stepsOf(
    {
      cpus: 2,
      devices: [{ name: 'eth0', program: 'main' }],
      maps: { cpus: { type: 'cpumap', entries: [{ key: 1, qsize: 5 }] } },
    },
    { programs: { main: defineXdp((ctx) => ctx.redirectMap('cpus', 1)) } },
    8,
  );
  assert.equal(
    steps.filter((step) => step.startsWith('8 ')),
    [
      '8 in 1/0 42',
      '8 xdp 4 cpumap[1]',
      '8 cpumap 1 not taken 0/5 bulk 8 dropped 3 err 0',
      '8 cpumap_full 1',
    ],
  );
  assert.equal(
    steps.filter((step) => step.startsWith('5 ')),
    ['5 in 1/0 42', '5 xdp 4 cpumap[1]', '5 cpumap 1 taken 0/5 bulk 8 dropped 3 err 0', '5 pass 1'],
  );
});

test('a key without an entry is told of, and so is a device that cannot transmit', async () => {
  const steps = await stepsOf(
    {
      devices: [
        { name: 'eth0', program: 'main' },
        { name: 'eth1', up: false },
      ],
      maps: { ports: { type: 'devmap', entries: [{ key: 0, device: 'eth1' }], maxEntries: 8 } },
    },
    {
      programs: {
        main: defineXdp((ctx) => ctx.redirectMap('ports', ctx.u16(34) - 1000, XDP.DROP)),
      },
    },
    2,
  );
  assert.equal(
    steps.filter((step) => step.startsWith('1 ')),
    [
      '1 in 1/0 42',
      '1 xdp 4 devmap[0]',
      '1 device_bulk 2 not taken 0/0 bulk 1 dropped 1 err -100',
      '1 redirect_err_ENETDOWN 1',
    ],
  );
  assert.equal(
    steps.filter((step) => step.startsWith('2 ')),
    ['2 in 1/0 42', '2 xdp 1 refused 2 [1]', '2 drop 1'],
  );
});

test('copies of a broadcast have tags of their own, and say of which frame they are', async () => {
  const steps = await stepsOf(
    {
      devices: [{ name: 'eth0', program: 'main' }, { name: 'eth1' }, { name: 'eth2' }],
      maps: {
        ports: {
          type: 'devmap',
          entries: [
            { key: 0, device: 'eth1' },
            { key: 1, device: 'eth2' },
          ],
        },
      },
    },
    { programs: { main: defineXdp((ctx) => ctx.redirectMap('ports', 0, 8)) } },
    1,
  );
  const copy = 0x80000001;
  assert.ok(steps.includes(`1 copied ${copy}`));
  assert.ok(steps.includes(`${copy} transmitted 2`));
  assert.ok(steps.includes('1 transmitted 3'));
});

test('the bytes before and after a program are those that it saw and left', async () => {
  const lengths: string[] = [];
  await stepsOf(
    { devices: [{ name: 'eth0', program: 'main' }] },
    {
      programs: {
        main: defineXdp((ctx) => {
          ctx.adjustHead(14);
          return XDP.PASS;
        }),
      },
    },
    1,
    {
      stages: true,
      onProgram: ({ before, after }) =>
        lengths.push(`${before?.data.length}/${before?.length} ${after?.data.length}`),
    },
  );
  assert.equal(lengths, ['42/42 28']);
});

test.run();
