import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Machine } from '../../src/machine/machine.js';
import { udpFrame } from '../../src/packet/build.js';
import { formatMac } from '../../src/packet/mac.js';
import type { ScenarioInput } from '../../src/scenario/schema/scenario.js';
import { COMPILERS, fixturePath } from '../bpf/support/fixtures.js';

const table = {
  routes: [
    { to: '10.1.0.0/16', device: 'eth1', via: '10.0.0.2' },
    { to: '10.2.0.0/16', type: 'blackhole' as const },
    { to: '10.3.0.0/16', device: 'eth1' },
  ],
  neighbours: [{ device: 'eth1', address: '10.0.0.2', mac: '02:aa:00:00:00:02' }],
} satisfies Pick<ScenarioInput, 'routes' | 'neighbours'>;

const frameTo = (dst: string) => udpFrame({ src: '10.9.0.1', dst, sport: 1, dport: 2 });

for (const compiler of COMPILERS) {
  const scenario = {
    devices: [{ name: 'eth0', program: 'main' }, { name: 'eth1' }],
    programs: { main: { module: fixturePath('router', compiler) } },
  };

  test(`a router finds its way by the scenario’s routes and neighbours (${compiler})`, async () => {
    const machine = await Machine.create({ ...scenario, ...table });
    const sent: string[] = [];
    machine.record({
      onSink: ({ sink, data }) => {
        if (sink === 'device') sent.push(formatMac(data.subarray(0, 6)));
      },
    });
    const fates = await machine.inject(
      'eth0',
      ['10.1.2.3', '10.2.0.1', '10.3.0.1', '10.4.0.1'].map(frameTo),
    );
    assert.equal(
      fates.map(({ fate, device }) => [fate, device]),
      [
        ['transmitted', 'eth1'],
        ['drop', 'eth0'],
        ['pass', undefined],
        ['pass', undefined],
      ],
    );
    assert.equal(sent, ['02:aa:00:00:00:02']);
    await machine.close();
  });

  test(`without routes no device forwards (${compiler})`, async () => {
    const machine = await Machine.create(scenario);
    const [answer] = await machine.inject('eth0', [frameTo('10.1.2.3')]);
    assert.is(answer?.fate, 'transmitted');
    assert.is(answer?.device, 'eth0');
    await machine.close();
  });
}

test.run();
