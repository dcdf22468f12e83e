import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { LedgerStep } from '../../src/ledger/entry.js';
import { type Rule, rules, sentenceOf } from '../../src/ledger/rules.js';

const program = {
  do: 'program',
  t: 1,
  cpu: 0,
  program: 'lb',
  hook: 'xdp',
  on: 'eth0',
  took: 1,
} as const;
const ring = {
  do: 'enqueue',
  t: 1,
  cpu: 0,
  depth: 5,
  size: 8,
  bulk: 8,
  dropped: 0,
  taken: true,
} as const;
const toCpu = { ...ring, ring: 'cpumap', sink: 'cpu:3', map: 'cpus', key: 3 } as const;
const toDevice = { ...ring, ring: 'device', sink: 'eth1', queue: 0 } as const;
const refused = {
  do: 'enqueue',
  t: 1,
  cpu: 0,
  ring: 'device_bulk',
  sink: 'eth1',
  taken: false,
} as const;
const toSocket = {
  do: 'enqueue',
  t: 1,
  cpu: 0,
  ring: 'socket',
  sink: 'xsk0',
  queue: 1,
  depth: 2,
  size: 64,
  filled: 7,
  taken: true,
} as const;
const notTo = { ...toSocket, taken: false } as const;

/** For each rule, by its name, a step that it is for and what it says of it. */
const cases: Readonly<Record<string, readonly [step: LedgerStep, sentence: string]>> = {
  'redirect without a target': [
    { ...program, action: 'XDP_REDIRECT', to: {} },
    'lb(), the XDP program of eth0, returned XDP_REDIRECT, but no helper had set a target',
  ],
  'missing key, redirected all the same': [
    {
      ...program,
      action: 'XDP_REDIRECT',
      to: { ifindex: 7, device: 'ifindex 7' },
      refused: { errno: 'ENOENT', map: 'cpus', key: 9 },
    },
    'lb(), the XDP program of eth0, asked for cpus[9], which has no entry, and returned XDP_REDIRECT to ifindex 7',
  ],
  redirect: [
    {
      ...program,
      hook: 'cpumap',
      on: 'cpu:3',
      action: 'XDP_REDIRECT',
      to: { map: 'ports', key: 1 },
    },
    'lb(), the program of cpumap entry 3, returned XDP_REDIRECT to ports[1]',
  ],
  'missing key': [
    { ...program, action: 'XDP_PASS', refused: { errno: 'ENOENT', map: 'cpus', key: 9 } },
    'lb(), the XDP program of eth0, asked for cpus[9], which has no entry, and returned XDP_PASS: bpf_redirect_map() then returns the action in its flags, XDP_ABORTED if they are 0',
  ],
  'flags that the helper does not take': [
    { ...program, action: 'XDP_ABORTED', refused: { errno: 'EINVAL', key: 2 } },
    'lb(), the XDP program of eth0, asked for ifindex 2 with flags that bpf_redirect() does not take, and returned XDP_ABORTED',
  ],
  'an action that does not exist': [
    { ...program, action: '77' },
    'lb(), the XDP program of eth0, returned 77, which is no XDP action: as XDP_ABORTED',
  ],
  'any other action': [
    { ...program, hook: 'devmap', on: 'eth1', action: 'XDP_DROP' },
    'lb(), the devmap program of eth1, returned XDP_DROP',
  ],
  'cpumap entry takes it': [
    toCpu,
    'cpumap entry 3 of cpus had 5 of 8 slots taken: bulk of 8, all taken',
  ],
  'cpumap entry is full': [
    { ...toCpu, taken: false, dropped: 5 },
    'cpumap entry 3 of cpus had 5 of 8 slots taken: bulk of 8, 5 dropped, this frame among them; raise qsize or add CPUs',
  ],
  'the device has no ndo_xdp_xmit': [
    { ...refused, err: -95, errno: 'EOPNOTSUPP' },
    'eth1 has no ndo_xdp_xmit that would take this frame (-95, EOPNOTSUPP)',
  ],
  'the device is down': [
    { ...refused, err: -100, errno: 'ENETDOWN' },
    'eth1 is down (-100, ENETDOWN)',
  ],
  'longer than the MTU': [
    { ...refused, err: -90, errno: 'EMSGSIZE', longest: 1518, length: 2000 },
    'eth1 takes 1,518 bytes at most (its MTU, 14 and 4), the frame has 2,000 (-90, EMSGSIZE)',
  ],
  'ndo_xdp_xmit fails': [
    { ...refused, ring: 'device', err: -6, errno: 'ENXIO', bulk: 16, dropped: 16 },
    'ndo_xdp_xmit of eth1 failed and took none of 16 frames (-6, ENXIO)',
  ],
  'the device takes it': [
    toDevice,
    'ndo_xdp_xmit of eth1 found 5 of 8 slots of its ring taken: bulk of 8, all taken',
  ],
  'ndo_xdp_xmit stops at a longer frame': [
    { ...toDevice, depth: 0, taken: false, dropped: 5, longest: 1000, length: 1200 },
    'ndo_xdp_xmit of eth1 stopped at a frame of 1,200 bytes, it takes 1,000 at most: bulk of 8, 5 dropped',
  ],
  'the ring of the device is full': [
    { ...toDevice, taken: false, dropped: 5 },
    'ndo_xdp_xmit of eth1 found 5 of 8 slots of its ring taken: bulk of 8, 5 dropped, this frame among them',
  ],
  'the socket takes it': [
    toSocket,
    'socket xsk0 had 2 of 64 slots of its RX ring taken and 7 buffers to fill',
  ],
  'the fill ring is empty': [
    { ...notTo, err: -12, errno: 'ENOMEM' },
    'socket xsk0 had no buffer to fill: its FILL ring was empty (-12, ENOMEM)',
  ],
  'the RX ring is full': [
    { ...notTo, depth: 64, err: -105, errno: 'ENOBUFS' },
    'socket xsk0 had 64 of 64 slots of its RX ring taken (-105, ENOBUFS)',
  ],
  'longer than the chunks': [
    { ...notTo, err: -28, errno: 'ENOSPC', longest: 1792, length: 2000 },
    'socket xsk0 takes 1,792 bytes at most (a chunk without its headroom), the frame has 2,000 (-28, ENOSPC)',
  ],
  'wrong queue': [
    { ...notTo, err: -22, errno: 'EINVAL' },
    'socket xsk0 is bound to queue 1 of its device, and the frame did not come in there (-22, EINVAL)',
  ],
  'the socket is not bound': [
    { ...notTo, err: -6, errno: 'ENXIO' },
    'socket xsk0 is not bound (-6, ENXIO)',
  ],
  'xdp_do_redirect fails': [
    { do: 'redirect_err', t: 1, cpu: 0, err: -100, errno: 'ENETDOWN' },
    'xdp_do_redirect failed (-100, ENETDOWN): the device is down',
  ],
};

for (const [kind, ofKind] of Object.entries(rules)) {
  for (const { name } of ofKind) {
    test(`${kind}: ${name}`, () => {
      assert.ok(cases[name], 'expected a case for the rule');
      const [step, sentence] = cases[name];
      const found = (ofKind as readonly Rule<LedgerStep>[]).find(({ holds }) => holds(step));
      assert.is(found?.name, name);
      assert.is(sentenceOf(step, false), sentence);
    });
  }
}

test.run();
