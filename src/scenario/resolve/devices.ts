import { MICROSOFT_RSS_KEY } from '../../packet/toeplitz.js';
import { normalizeHex } from '../hex.js';
import type { DeviceSpec, FeaturesSpec, RssSpec } from '../scenario.js';
import type { DeviceDeclared, ScenarioDeclared } from '../schema/scenario.js';
import { type Checks, compact } from './checks.js';
import { resolveAffinity } from './cpus.js';
import { resolvePeers } from './peers.js';

/** VETH_RING_SIZE, and the default `tx_queue_len` of a tun device (drivers/net/tun.c:TUN_READQ_SIZE). */
const RING_SLOTS = { nic: 4096, veth: 256, tap: 500, dummy: 4096 } as const;

const RSS_KEY = Buffer.from(MICROSOFT_RSS_KEY).toString('hex');

export function resolveDevices(
  declared: ScenarioDeclared,
  cpuCount: number,
  checks: Checks,
): readonly DeviceSpec[] {
  const { devices } = declared;
  const ifindexes = resolveIfindexes(devices, checks);
  const peers = resolvePeers(declared, checks);
  return devices.map((device, index) => {
    checks.program(['devices', index, 'program'], device.program, 'xdp');
    const peer = peers[index] === undefined ? undefined : devices[peers[index]];
    return compact({
      ...device,
      ifindex: ifindexes[index]!,
      cpus: resolveAffinity(declared, index, cpuCount, checks),
      peer: peer?.name,
      features: resolveFeatures(device, peer),
      ring: device.ring ?? RING_SLOTS[device.kind],
      drain: device.drain ?? (device.kind === 'tap' ? 'always' : 'flush'),
      rss: resolveRss(device, index, checks),
    });
  });
}

/** Declared interface indexes, and for the others the lowest that are free. */
function resolveIfindexes(devices: readonly DeviceDeclared[], checks: Checks): readonly number[] {
  const owners = new Map<number, number>();
  for (const [index, { ifindex }] of devices.entries()) {
    if (ifindex === undefined) continue;
    const owner = owners.get(ifindex);
    if (owner === undefined) owners.set(ifindex, index);
    else {
      const expected = `an ifindex that devices[${owner}] has not`;
      checks.report(['devices', index, 'ifindex'], expected, `${ifindex}`);
    }
  }
  let next = 1;
  return devices.map(({ ifindex }) => {
    if (ifindex !== undefined) return ifindex;
    while (owners.has(next)) next++;
    return next++;
  });
}

function resolveFeatures(device: DeviceDeclared, peer: DeviceDeclared | undefined): FeaturesSpec {
  const defaults = defaultFeatures(device, peer);
  const { ndoXdpXmit = defaults.ndoXdpXmit, ndoXdpXmitSg, rxSg } = device.features ?? {};
  return {
    ndoXdpXmit,
    ndoXdpXmitSg: ndoXdpXmitSg ?? (ndoXdpXmit && defaults.ndoXdpXmitSg),
    rxSg: rxSg ?? defaults.rxSg,
  };
}

function defaultFeatures(device: DeviceDeclared, peer: DeviceDeclared | undefined): FeaturesSpec {
  switch (device.kind) {
    case 'nic':
      return { ndoXdpXmit: true, ndoXdpXmitSg: true, rxSg: true };
    case 'tap':
      return { ndoXdpXmit: true, ndoXdpXmitSg: false, rxSg: false };
    case 'dummy':
      return { ndoXdpXmit: false, ndoXdpXmitSg: false, rxSg: false };
    case 'veth': {
      // drivers/net/veth.c:veth_set_xdp_features. The peer's NAPI takes the frames.
      const napi = peer !== undefined && (peer.program !== undefined || peer.gro);
      return { ndoXdpXmit: napi, ndoXdpXmitSg: napi, rxSg: true };
    }
  }
}

function resolveRss(
  { rss = {}, rxQueues }: DeviceDeclared,
  index: number,
  checks: Checks,
): RssSpec {
  const indirection = rss.indirection ?? defaultIndirection(rxQueues);
  const path = ['devices', index, 'rss', 'indirection'];
  const { length } = indirection;
  if (!Number.isInteger(Math.log2(length))) {
    checks.report(path, 'a list whose length is a power of two', `${length} queues`);
  }
  for (const [slot, queue] of indirection.entries()) {
    if (queue < rxQueues) continue;
    checks.report([...path, slot], `a receive queue below ${rxQueues}`, `${queue}`);
  }
  return { key: normalizeHex(rss.key ?? RSS_KEY), indirection };
}

/** `ethtool_rxfh_indir_default`: the queues in turn; at least as long as common hardware has it. */
function defaultIndirection(rxQueues: number): readonly number[] {
  const length = Math.max(128, 2 ** Math.ceil(Math.log2(rxQueues)));
  return Array.from({ length }, (_, slot) => slot % rxQueues);
}
