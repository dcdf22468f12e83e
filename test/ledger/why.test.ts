import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { hintsOf } from '../../src/ledger/hint.js';
import { sentenceOf } from '../../src/ledger/rules.js';
import { wayOf } from '../../src/ledger/way.js';
import { defineXdp, XDP } from '../../src/program/define.js';
import type { ModuleScenario } from '../../src/scenario/module.js';
import { PACKAGE_FOLDER } from '../cli/support/cli.js';
import { frameOf, ledgerOf } from './support.js';

/** How the last of `frames` went: its way, the sentence of the last step that is told, and the hints. */
async function whyOf(
  scenario: ModuleScenario,
  main: ReturnType<typeof defineXdp>,
  frames: readonly Uint8Array[] = [frameOf(0)],
): Promise<{ way: string; sentence: string; hints: readonly string[] }> {
  const { entries, run } = await ledgerOf(scenario, { main }, frames);
  assert.is(entries.length, frames.length);
  const entry = entries.find(({ frame }) => frame === frames.length)!;
  const told = entry.steps.filter((step) => step.do !== 'redirect_err' || entry.steps.length === 3);
  return {
    way: wayOf(entry),
    sentence: sentenceOf(told.at(-1)!, false),
    hints: hintsOf(entry, run),
  };
}

const eth0 = { name: 'eth0', program: 'main' } as const;

test('the queue of a cpumap entry is full', async () => {
  const { way, sentence, hints } = await whyOf(
    {
      cpus: 4,
      devices: [eth0],
      maps: {
        cpu_map: {
          type: 'cpumap',
          entries: [
            { key: 2, qsize: 2 },
            { key: 3, qsize: 5 },
          ],
        },
      },
    },
    defineXdp((ctx) => ctx.redirectMap('cpu_map', 3)),
    Array.from({ length: 8 }, (_, i) => frameOf(i)),
  );
  assert.is(
    way,
    'eth0 q0 -> main XDP_REDIRECT cpu_map[3] -> ring of cpu:3 full -> cpumap_full cpu:3',
  );
  assert.is(
    sentence,
    'cpumap entry 3 of cpu_map had 0 of 5 slots taken: bulk of 8, 3 dropped, this frame among them; raise qsize or add CPUs',
  );
  assert.equal(hints, [
    'map cpu_map: its smallest queue holds 5 frames; raise qsize, or spread over more CPUs',
  ]);
});

test('the peer of a veth has no program', async () => {
  const { way, sentence, hints } = await whyOf(
    {
      devices: [
        eth0,
        { name: 'veth0', kind: 'veth', peer: 'veth1' },
        { name: 'veth1', kind: 'veth', peer: 'veth0' },
        { name: 'dum0', kind: 'dummy' },
      ],
    },
    defineXdp((ctx) => ctx.redirect(2)),
  );
  assert.is(
    way,
    'eth0 q0 -> main XDP_REDIRECT veth0 -> veth0 EOPNOTSUPP -> EOPNOTSUPP -> redirect_err_EOPNOTSUPP eth0',
  );
  assert.is(sentence, 'veth0 has no ndo_xdp_xmit that would take this frame (-95, EOPNOTSUPP)');
  assert.equal(hints, [
    'veth0: its peer veth1 cannot receive: attach a program to veth1 (XDP_PASS will do), or set gro',
  ]);
});

test('the device is down', async () => {
  const { sentence, hints } = await whyOf(
    { devices: [eth0, { name: 'eth1', up: false }, { name: 'eth2', up: false }] },
    defineXdp((ctx) => ctx.redirect(2)),
  );
  assert.is(sentence, 'eth1 is down (-100, ENETDOWN)');
  assert.equal(hints, ['eth1 is down']);
});

test('the frame is longer than the MTU allows', async () => {
  const { sentence, hints } = await whyOf(
    { devices: [eth0, { name: 'eth1', mtu: 600 }, { name: 'eth2', mtu: 500 }] },
    defineXdp((ctx) => ctx.redirect(2)),
    [frameOf(0, 700)],
  );
  assert.is(
    sentence,
    'eth1 takes 618 bytes at most (its MTU, 14 and 4), the frame has 742 (-90, EMSGSIZE)',
  );
  assert.equal(hints, ['eth1: its MTU is 600']);
});

/** eth0 with two queues, and a socket on queue 1 with `fill` chunks posted, which nobody reads. */
const socketScenario = (fill: number): ModuleScenario => ({
  devices: [
    { ...eth0, rxQueues: 1 },
    { name: 'eth1', rxQueues: 2 },
  ],
  maps: { socks: { type: 'xskmap', entries: [{ key: 0, socket: 'xsk0' }] } },
  sockets: [
    {
      name: 'xsk0',
      device: fill < 0 ? 'eth1' : 'eth0',
      queue: 0,
      fill: Math.max(fill, 1),
      application: 'manual',
    },
  ],
});

test('the FILL ring of the socket is empty', async () => {
  const { way, sentence, hints } = await whyOf(
    socketScenario(1),
    defineXdp((ctx) => ctx.redirectMap('socks', 0)),
    [frameOf(0), frameOf(1)],
  );
  assert.is(
    way,
    'eth0 q0 -> main XDP_REDIRECT socks[0] -> xsk0 ENOMEM -> ENOMEM -> redirect_err_ENOMEM eth0',
  );
  assert.is(sentence, 'socket xsk0 had no buffer to fill: its FILL ring was empty (-12, ENOMEM)');
  assert.equal(hints, ['socket xsk0: its FILL ring ran empty: post more chunks, or read faster']);
});

test('the socket is bound to another device or queue', async () => {
  const { sentence, hints } = await whyOf(
    socketScenario(-1),
    defineXdp((ctx) => ctx.redirectMap('socks', 0)),
  );
  assert.is(
    sentence,
    'socket xsk0 is bound to queue 0 of its device, and the frame did not come in there (-22, EINVAL)',
  );
  assert.equal(hints, [
    'socket xsk0 takes frames of queue 0 of eth1 only: use ctx.rxQueueIndex as the key',
  ]);
});

test('the map has no entry for the key', async () => {
  const { way, sentence, hints } = await whyOf(
    {
      devices: [eth0, { name: 'eth1' }],
      maps: { ports: { type: 'devmap', maxEntries: 8, entries: [{ key: 0, device: 'eth1' }] } },
    },
    defineXdp((ctx) => ctx.redirectMap('ports', 5)),
  );
  assert.is(way, 'eth0 q0 -> main XDP_ABORTED (ports[5]: ENOENT) -> aborted eth0');
  assert.is(
    sentence,
    'main(), the XDP program of eth0, asked for ports[5], which has no entry, and returned XDP_ABORTED: bpf_redirect_map() then returns the action in its flags, XDP_ABORTED if they are 0',
  );
  assert.equal(hints, [
    'map ports: in the scenario it has key 0; add one for key 5, or return an action for keys that are missing (flags of bpf_redirect_map)',
  ]);
});

test('the program returned XDP_REDIRECT without a target', async () => {
  const { way, sentence, hints } = await whyOf(
    { devices: [eth0] },
    defineXdp(() => XDP.REDIRECT),
  );
  assert.is(way, 'eth0 q0 -> main XDP_REDIRECT nowhere -> EBADRQC -> redirect_err_EBADRQC eth0');
  assert.is(
    sentence,
    'xdp_do_redirect failed (-56, EBADRQC): the program returned XDP_REDIRECT without a target',
  );
  assert.equal(hints, [
    'return what redirect() or redirectMap() returned: XDP_REDIRECT alone has no target',
  ]);
});

test('the program returned what is no action', async () => {
  const { way, hints } = await whyOf(
    { devices: [eth0], maps: { ports: { type: 'devmap', maxEntries: 1 } } },
    defineXdp(() => 77),
  );
  assert.is(way, 'eth0 q0 -> main 77 -> aborted eth0');
  assert.equal(hints, ['return one of the XDP actions, 0 to 4: 77 counts as XDP_ABORTED']);
});

test('the program threw, or returned XDP_ABORTED of itself', async () => {
  const { entries, run } = await ledgerOf(
    { devices: [eth0] },
    { main: defineXdp(() => XDP.ABORTED) },
    [frameOf(0)],
  );
  assert.equal(hintsOf(entries[0]!, run), []);
  const other = { program: 'other', message: 'Error: b', at: undefined, count: 1 };
  const faults = [{ program: 'main', message: 'Error: a', at: 'at a.ts:1:2', count: 7 }, other];
  assert.equal(hintsOf(entries[0]!, { ...run, faults }), [
    'an exception in main aborted 7 frames of the run: Error: a at a.ts:1:2',
  ]);
});

test('there is no such device', async () => {
  const { sentence, hints } = await whyOf(
    { devices: [eth0] },
    defineXdp((ctx) => ctx.redirect(9)),
  );
  assert.match(sentence, /^xdp_do_redirect failed \(-22, EINVAL\): no such device/);
  assert.equal(hints, ['redirect() takes one of 1 (eth0)']);
});

test('a broadcast passes over the targets that cannot have the frame, and says so', async () => {
  const { entries } = await ledgerOf(
    {
      devices: [eth0, { name: 'eth1', up: false }, { name: 'eth2' }, { name: 'eth3' }],
      maps: {
        ports: {
          type: 'devmap',
          entries: [1, 2, 3].map((key) => ({ key, device: `eth${key}` })),
        },
      },
    },
    { main: defineXdp((ctx) => ctx.redirectMap('ports', 0, 8)) },
    [frameOf(0)],
  );
  assert.equal(entries.map(wayOf).sort(), [
    'copy -> ring of eth2 -> transmitted eth2',
    'eth0 q0 -> main XDP_REDIRECT every entry of ports -> eth1 ENETDOWN -> copy -> ring of eth3 -> transmitted eth3',
  ]);
  assert.equal(
    entries.map(({ frame, copy, flow }) => ({ frame, copy, flow })),
    [
      { frame: 1, copy: undefined, flow: '10.0.0.1:1000>10.0.0.2:53/udp' },
      { frame: 1, copy: 1, flow: '10.0.0.1:1000>10.0.0.2:53/udp' },
    ],
  );
});

test('a frame that a veth hands to its peer is followed to where that sends it', async () => {
  const { entries } = await ledgerOf(
    {
      devices: [
        eth0,
        { name: 'veth0', kind: 'veth', peer: 'veth1' },
        { name: 'veth1', kind: 'veth', peer: 'veth0', program: 'far' },
      ],
    },
    {
      main: defineXdp((ctx) => ctx.redirect(2)),
      far: defineXdp(() => XDP.PASS),
    },
    [frameOf(0)],
  );
  assert.equal(entries.map(wayOf), [
    'eth0 q0 -> main XDP_REDIRECT veth0 -> ring of veth0 -> veth1 q0 -> far XDP_PASS -> pass cpu:0',
  ]);
});

test('frames are numbered as they came in, from 1', async () => {
  const { entries } = await ledgerOf(
    { devices: [eth0] },
    { main: defineXdp(() => XDP.PASS) },
    Array.from({ length: 100 }, (_, i) => frameOf(i)),
  );
  assert.equal(
    entries.map(({ frame, flow }) => `${frame} ${flow}`),
    Array.from({ length: 100 }, (_, i) => `${i + 1} 10.0.0.1:${1000 + i}>10.0.0.2:53/udp`),
  );
  assert.ok(entries.every(({ steps }) => steps.every(({ t }) => t >= 0)));
});

test('a compiled program tells of the key that it missed', async () => {
  const { entries } = await ledgerOf(
    {
      cpus: 2,
      devices: [{ name: 'eth0', program: 'balance' }],
      programs: { balance: { module: join(PACKAGE_FOLDER, 'examples/bpf/cpumap-lb.o') } },
      maps: { cpus: { type: 'cpumap', maxEntries: 4, entries: [{ key: 1, qsize: 64 }] } },
    },
    {},
    Array.from({ length: 16 }, (_, i) => frameOf(i)),
  );
  const missed = entries.flatMap(({ steps }) =>
    steps.flatMap((step) => (step.do === 'program' && step.refused ? [step.refused] : [])),
  );
  assert.is(missed.length, entries.filter(({ fate }) => fate !== 'pass').length);
  assert.ok(missed.length > 0 && missed.length < 16);
  for (const { errno, map, key } of missed) {
    assert.equal([errno, map], ['ENOENT', 'cpus']);
    assert.ok(key < 4 && key !== 1, String(key));
  }
});

test('what a socket sends is a frame of its own, from the ring of its device on', async () => {
  const { entries } = await ledgerOf(
    {
      devices: [eth0],
      maps: { socks: { type: 'xskmap', entries: [{ key: 0, socket: 'xsk0' }] } },
      sockets: [{ name: 'xsk0', device: 'eth0', queue: 0, application: 'forward' }],
    },
    { main: defineXdp((ctx) => ctx.redirectMap('socks', 0)) },
    [frameOf(0)],
  );
  assert.equal(entries.map(wayOf), [
    'eth0 q0 -> main XDP_REDIRECT socks[0] -> socket xsk0',
    'sent on eth0 -> ring of eth0 -> transmitted eth0',
  ]);
});

test.run();
