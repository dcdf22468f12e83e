import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Machine } from '../../src/machine/machine.js';
import { udpFrame } from '../../src/packet/build.js';
import { defineXdp, XDP } from '../../src/program/define.js';
import type { ModuleScenario } from '../../src/scenario/module.js';
import { failureOf } from './threads.js';

const pass = defineXdp(() => XDP.PASS);
const programs = { pass, frags: pass };
const declared = { frags: { module: '(a value)', frags: true } };

function create(scenario: ModuleScenario): Promise<Machine> {
  return Machine.create({ programs: declared, ...scenario }, { programs });
}

const veths = (program: string, peerMtu: number) => ({
  devices: [
    { name: 'v0', kind: 'veth' as const, peer: 'v1', program },
    { name: 'v1', kind: 'veth' as const, peer: 'v0', mtu: peerMtu },
  ],
});

const nic = (program: string, mtu: number, rxSg = true) => ({
  devices: [{ name: 'eth0', mtu, program, features: { rxSg } }],
});

// The limits and texts of a veth are those of Linux 6.18, asked with `ip link set v0 xdpdrv`.
test('a veth refuses a program without frags where its peer sends more than a page', async () => {
  const error = (await failureOf(create(veths('pass', 3507)))) as Error & { code: string };
  assert.is(error.code, 'ERANGE');
  assert.is(
    error.message,
    'ERANGE: RTM_SETLINK: devices[0].program: Peer MTU is too large to set XDP: expected at most 3506 for a program without frags, found 3507',
  );
  await using linear = await create(veths('pass', 3506));
  assert.throws(() => linear.device('v1').setMtu(3507), /EINVAL: .*greater than device maximum/);
  linear.device('v0').setMtu(9000);
  linear.device('v0').attach('frags');
  linear.device('v1').setMtu(9000);
  assert.throws(() => linear.device('v0').attach('pass'), /ERANGE/);
  linear.device('v0').detach();
  await using fragments = await create(veths('frags', 9000));
  fragments.device('v1').setMtu(65535);
});

test('a NIC refuses one on a large MTU, and any where it does not make fragments', async () => {
  for (const scenario of [nic('pass', 3507), nic('frags', 9000, false)]) {
    const { message } = (await failureOf(create(scenario))) as Error;
    assert.match(
      message,
      /^EINVAL: RTM_SETLINK: devices\[0\]\.program: MTU too large to enable XDP/,
    );
  }
  await using machine = await create(nic('pass', 1500));
  assert.throws(() => machine.device('eth0').setMtu(9000), /EINVAL: .*device eth0: 9000/);
  machine.device('eth0').detach();
  machine.device('eth0').setMtu(9000);
});

test('a veth can be sent to while its peer has a program', async () => {
  const redirect = defineXdp((ctx) => ctx.redirect(2));
  await using machine = await Machine.create(
    {
      devices: [
        { name: 'eth0', ifindex: 1, program: 'redirect' },
        { name: 'v0', ifindex: 2, kind: 'veth', peer: 'v1' },
        { name: 'v1', ifindex: 3, kind: 'veth', peer: 'v0' },
      ],
    },
    { programs: { redirect, pass } },
  );
  const frame = udpFrame({ src: '10.0.0.1', dst: '10.0.0.2', sport: 1, dport: 2 });
  const fate = async () => (await machine.inject('eth0', [frame]))[0]?.fate;
  assert.is(await fate(), 'redirect_err_EOPNOTSUPP');
  machine.device('v1').attach('pass');
  assert.is(await fate(), 'pass');
  machine.device('v1').detach();
  assert.is(await fate(), 'redirect_err_EOPNOTSUPP');
});

test('frames longer than the MTU, and those for a device that is down, end as what they are', async () => {
  await using machine = await create({
    devices: [{ name: 'eth0', program: 'pass' }],
    traffic: [{ device: 'eth0', flows: 1, length: [60, 1518, 1519], frames: 30 }],
  });
  const { frames } = await machine.run();
  assert.equal(frames, { received: 30, fates: { pass: 20, rx_drop: 10 } });
  machine.device('eth0').down();
  assert.equal((await machine.run()).frames.fates, { pass: 20, rx_drop: 20, rx_down: 20 });
  machine.verify();
});

test('fragments and a program that does not take them', async () => {
  await using machine = await create({
    devices: [{ name: 'eth0', mtu: 9000 }],
    traffic: [{ device: 'eth0', flows: 1, length: [5000], frames: 10 }],
  });
  assert.equal((await machine.run()).frames.fates, { pass: 10 });
  machine.device('eth0').setMtu(3000);
  machine.device('eth0').attach('pass');
  assert.equal((await machine.run()).frames.fates, { pass: 10, rx_drop: 10 });
});

test.run();
