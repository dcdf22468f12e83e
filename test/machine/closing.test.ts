import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Machine } from '../../src/machine/machine.js';
import { udpFrame } from '../../src/packet/build.js';
import { defineXdp, XDP } from '../../src/program/define.js';

const frame = udpFrame({ src: '10.0.0.1', dst: '10.0.0.2', sport: 1, dport: 2 });

async function messageOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'nothing was thrown',
    (error: Error) => error.message,
  );
}

test('a closed machine is closed: closing again gives the same counters, and no frame gets in', async () => {
  const machine = await Machine.create({ devices: [{ name: 'eth0' }] });
  const [first, second] = await Promise.all([machine.close(), machine.close()]);

  assert.is(first, second);
  assert.is(await messageOf(machine.inject('eth0', [frame])), 'the machine is closed');
  assert.is(await messageOf(machine.run()), 'the machine is closed');
});

test('the descriptor of a closed socket is no good any more, until it is opened again', async () => {
  const main = defineXdp((ctx) => ctx.redirectMap('xsks', 0, XDP.DROP));
  await using machine = await Machine.create(
    {
      devices: [{ name: 'eth0', program: 'main' }],
      sockets: [{ name: 's', device: 'eth0' }],
      maps: { xsks: { type: 'xskmap', entries: [{ key: 0, socket: 's' }] } },
    },
    { programs: { main } },
  );
  const enter = () => machine.map('xsks').update(0, { socket: 's' });
  const fate = async () => (await machine.inject('eth0', [frame]))[0]?.fate;

  machine.closeSocket('s');
  assert.throws(enter, (error: { code: string }) => error.code === 'EBADF');
  assert.throws(() => machine.closeSocket('s'), /socket s is closed/);
  assert.is(await fate(), 'drop');

  machine.openSocket('s');
  assert.throws(() => machine.openSocket('s'), /socket s is open/);
  assert.is(await fate(), 'drop', 'it is in no map yet');
  enter();
  assert.is(await fate(), 'socket');
});

test('a socket whose device is gone cannot be opened again', async () => {
  await using machine = await Machine.create({
    devices: [{ name: 'eth0' }],
    sockets: [{ name: 's', device: 'eth0' }],
  });
  machine.device('eth0').remove();
  machine.closeSocket('s');
  assert.throws(() => machine.openSocket('s'), /socket s: expected device eth0/);
});

test('closing a machine ends its run', async () => {
  const machine = await Machine.create({
    devices: [{ name: 'eth0' }],
    traffic: [{ device: 'eth0', flows: 1 }],
  });
  const running = messageOf(machine.run());
  await machine.inject('eth0', [frame]);
  await machine.close();
  assert.is(await running, 'the machine is closed');
});

test('a veth that is removed takes its peer along', async () => {
  await using machine = await Machine.create({
    devices: [
      { name: 'v0', kind: 'veth', peer: 'v1' },
      { name: 'v1', kind: 'veth', peer: 'v0' },
    ],
  });

  machine.device('v0').remove();

  assert.throws(() => machine.device('v1'), /no device v1/);
});

test('frames that go round for ever do not keep a run from ending', async () => {
  const back = defineXdp(() => XDP.TX);
  const machine = await Machine.create(
    {
      devices: [
        { name: 'v0', kind: 'veth', peer: 'v1', program: 'back' },
        { name: 'v1', kind: 'veth', peer: 'v0', program: 'back' },
      ],
      traffic: [{ device: 'v0', frames: 5 }],
    },
    { programs: { back } },
  );

  const { isDrained } = await machine.run({ drainTimeoutMs: 50 });
  const { frames } = await machine.close();

  assert.is(isDrained, false);
  assert.equal(frames, { received: 5, fates: { undelivered: 5 } });
});

test.run();
