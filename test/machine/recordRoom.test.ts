import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { LedgerKeeper } from '../../src/ledger/keeper.js';
import { Machine } from '../../src/machine/machine.js';
import { udpFrame } from '../../src/packet/build.js';
import { defineXdp, XDP } from '../../src/program/define.js';

test('no record is lost where every frame causes as many and as long ones as it can', async () => {
  const names = Array.from({ length: 8 }, (_, i) => `eth${i}`);
  const machine = await Machine.create(
    {
      devices: names.map((name) => ({
        name,
        mtu: 3400,
        ...(name === 'eth0' && { program: 'main' }),
      })),
      programs: { out: { module: '(a value)', attach: 'xdp/devmap' } },
      maps: {
        ports: {
          type: 'devmap',
          entries: names.map((device, key) => ({ key, device, program: 'out' })),
        },
      },
    },
    {
      observe: 'stages',
      programs: {
        main: defineXdp((ctx) => ctx.redirectMap('ports', 0, 8)),
        out: defineXdp(() => XDP.PASS),
      },
    },
  );
  let bytes = 0;
  let ended = 0;
  machine.record({
    stages: true,
    onSink: () => {},
    onTracepoint: () => {},
    onProgram: ({ before, after }) => {
      bytes += before!.data.length + after!.data.length;
    },
  });
  machine.record(new LedgerKeeper(machine.names, () => ended++).listener);
  const frame = udpFrame({ src: '10.0.0.1', dst: '10.0.0.2', sport: 1, dport: 2, length: 3400 });
  await machine.inject(
    'eth0',
    Array.from({ length: 300 }, () => frame),
  );
  machine.verify();
  await machine.close();
  assert.is(machine.lostRecords, 0);
  assert.is(ended, 300 * 8);
  assert.is(bytes, 300 * (1 + 8) * 2 * 3400);
});

test('stages are only for a machine that has room for them', async () => {
  const machine = await Machine.create({ devices: [{ name: 'eth0' }] });
  assert.throws(
    () => machine.record({ stages: true }),
    /expected a machine with observe: 'stages'/,
  );
  await machine.close();
});

test.run();
