import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type ModuleScenario, XDP } from '../../src/index.js';
import { Machine } from '../../src/machine/machine.js';
import { udpFrame } from '../../src/packet/build.js';
import { defineXdp, type XdpFunction } from '../../src/program/define.js';
import type { Report } from '../../src/report/report.js';
import { summaryText } from '../../src/report/text.js';

const FRAME = udpFrame({ src: '10.0.0.1', dst: '10.0.0.2', sport: 1000, dport: 53 });

/** The summary of a machine that ran `main` on a few frames. */
async function summary(
  parts: ModuleScenario,
  main: XdpFunction,
  more: Partial<Report> = {},
): Promise<string> {
  const [first = { name: 'eth0' }, ...others] = parts.devices ?? [];
  const devices = [{ ...first, program: 'main' }, ...others];
  const scenario = { ...parts, devices };
  const machine = await Machine.create(scenario, { programs: { main: defineXdp(main) } });
  await machine.inject('eth0', [FRAME, FRAME, FRAME]);
  const counters = await machine.close();
  const report: Report = {
    ...counters,
    kernel: machine.scenario.kernel,
    seed: 1,
    elapsedNs: 1e6,
    stoppedBy: null,
    faults: [],
    deaths: [],
    ...more,
  };
  return summaryText(report, machine.scenario);
}

test('fates come with their share and a hint where there is one', async () => {
  const text = await summary({ devices: [{ name: 'eth0' }, { name: 'eth1', up: false }] }, (ctx) =>
    ctx.redirect(2),
  );
  assert.match(text, /^ {2}redirect_err_ENETDOWN +3 {2}100\.0 % {2}redirect failed, ENETDOWN/m);
  assert.match(text, /^ {6}- eth1 is down$/m);
});

const veths = [
  { name: 'eth0' },
  { name: 'veth0', kind: 'veth', peer: 'veth1' },
  { name: 'veth1', kind: 'veth' },
] as const;

test('a veth whose peer cannot receive is told by name, on both kernels', async () => {
  const deaf = /^ {6}- veth0: its peer veth1 cannot receive: attach a program to veth1/m;
  const redirect: XdpFunction = (ctx) => ctx.redirect(2);
  const now = await summary({ devices: [...veths] }, redirect);
  assert.match(now, /redirect_err_EOPNOTSUPP/);
  assert.match(now, deaf);
  const then = await summary({ kernel: '6.1', devices: [...veths] }, redirect);
  assert.match(then, /xmit_error/);
  assert.match(then, deaf);
});

test('a socket of another queue, an empty FILL ring and a full RX ring each have a hint', async () => {
  const steer: XdpFunction = (ctx) => ctx.redirectMap('xsks', 0);
  const withSocket = (more: object, rxQueues = 1): ModuleScenario => ({
    devices: [{ name: 'eth0', rxQueues, rss: { indirection: [0] } }],
    sockets: [{ name: 's', device: 'eth0', ...more }],
    maps: { xsks: { type: 'xskmap', entries: [{ key: 0, socket: 's' }] } },
  });
  assert.match(
    await summary(withSocket({ queue: 1 }, 2), steer),
    /EINVAL.*\n {6}- socket s takes frames of queue 1 of eth0 only: use ctx\.rxQueueIndex/,
  );
  assert.match(
    await summary(withSocket({ fill: 0 }), steer),
    /ENOMEM.*\n {6}- socket s: its FILL ring ran empty/,
  );
  assert.match(
    await summary(withSocket({ rxRing: 2, application: 'manual' }), steer),
    /ENOBUFS.*\n {6}- socket s: its RX ring was full/,
  );
});

test('XDP_REDIRECT without a target, and a frame longer than an MTU', async () => {
  assert.match(await summary({}, () => XDP.REDIRECT), /EBADRQC.*\n {6}- return what redirect/);
  const devices = [{ name: 'eth0' }, { name: 'eth1', mtu: 68 }];
  const long: XdpFunction = (ctx) => (ctx.adjustTail(60) === 0 ? ctx.redirect(2) : XDP.DROP);
  assert.match(await summary({ devices }, long), /EMSGSIZE.*\n {6}- eth1: its MTU is 68/);
});

test('what aborts frames: an exception, a missing key, a number that is no action', async () => {
  const noAction =
    /aborted by the program\n {6}- a number that is no XDP action counts as XDP_ABORTED\n/;
  assert.match(await summary({}, () => 77), noAction);
  const maps = { ports: { type: 'devmap', maxEntries: 1 } } as const;
  assert.match(
    await summary({ maps }, (ctx) => ctx.redirectMap('ports', 0)),
    /aborted by the program\n {6}- redirectMap\(\) to a key without an entry returns flags & 3/,
  );
  const faults = [{ program: 'main', message: 'Error: no', at: undefined, count: 3 }];
  const thrown = await summary({ maps }, () => 77, { faults });
  assert.match(thrown, /aborted by the program\n {6}- see the exceptions below\n {2}all/);
});

test('faults, a signal and the name of the scenario are told', async () => {
  const faults = [{ program: 'main', message: 'Error: no', at: 'at run (a.ts:1:2)', count: 1234 }];
  const text = await summary({ name: 'lab' }, () => XDP.PASS, { faults, stoppedBy: 'SIGINT' });
  assert.match(text, /^stopped by SIGINT\n3 frames received/);
  assert.match(text, /^lab, kernel 6\.18, seed 1$/m);
  assert.match(text, /^ {2}main +1,234 {2}Error: no at run \(a\.ts:1:2\)$/m);
});

test('that all frames have a fate is said only if it is so', async () => {
  const frames = { received: 4, fates: { pass: 3 } };
  const text = await summary({}, () => XDP.PASS, { frames });
  assert.match(text, /^ {2}all .* of 4 that were received: 1 have no fate$/m);
});

test.run();
