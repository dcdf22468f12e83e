import type { RedirectDevice } from '../redirectTrace.js';
import type { RedirectIntent } from './redirectIntents.js';

/** What kthreads redirect to, and nothing else does. */
export const KTHREAD_DEVICES = ['k0', 'k1'] as const;

const HEADER_BYTES = 18;
const VETH_RING = 256;
const ENXIO = -6;

interface Peculiarity {
  readonly up?: boolean;
  readonly mtu?: number;
  readonly peerUp?: boolean;
  readonly peerMtu?: number;
  readonly receive?: 'xdp' | 'gro';
}

function veth(name: string, peculiarity: Peculiarity = {}): RedirectDevice {
  const { up = true, mtu = 1500, peerUp = true, peerMtu = mtu, receive = 'xdp' } = peculiarity;
  return {
    name,
    kind: 'veth',
    up,
    mtu,
    queues: 1,
    peer: { up: peerUp, mtu: peerMtu, receive },
    ndoXdpXmit: true,
    ndoXdpXmitFrags: true,
    xmit: {
      error: peerUp ? 0 : ENXIO,
      maxLength: peerMtu + HEADER_BYTES,
      ring: VETH_RING,
      drain: 'flush',
    },
  };
}

function without(kind: 'veth' | 'ifb', name: string): RedirectDevice {
  const peer = { up: true, mtu: 1500, receive: 'none' };
  return {
    name,
    kind,
    up: true,
    mtu: 1500,
    queues: 1,
    ...(kind === 'veth' && { peer }),
    ndoXdpXmit: false,
    ndoXdpXmitFrags: false,
  };
}

/** Devices that refuse frames, or take longer or shorter ones than others. */
const PECULIAR: readonly RedirectDevice[] = [
  without('veth', 'nx'),
  veth('dn', { up: false }),
  veth('sp', { peerMtu: 200 }),
  veth('sm', { mtu: 200 }),
  veth('pd', { peerUp: false }),
  veth('g0', { receive: 'gro' }),
];

/** The place of the device that receives by GRO. */
export const PECULIAR_GRO = PECULIAR.findIndex(({ name }) => name === 'g0');

function tap(ring: number, drain: 'batch' | 'end', mtu: number): RedirectDevice {
  return {
    name: 't0',
    kind: 'tap',
    up: true,
    mtu,
    queues: 1,
    ndoXdpXmit: true,
    ndoXdpXmitFrags: false,
    xmit: { error: 0, maxLength: null, ring, drain },
  };
}

/** The ingress device first. Socket buffers come in on devices with a larger MTU. */
export function makeDevices(intent: RedirectIntent): RedirectDevice[] {
  const mtu = intent.mode === 'native-skb' ? 9000 : 1500;
  const plain = Array.from({ length: intent.plainDevices }, (_, i) => veth(`v${i}`, { mtu }));
  const peculiar = PECULIAR.filter((_, i) => intent.peculiar[i]);
  const taps = intent.tap ? [tap(intent.tap.ring, intent.tap.drain, mtu)] : [];
  const kthreads = intent.kthreadsRedirect
    ? KTHREAD_DEVICES.map((name) => veth(name, { mtu }))
    : [];
  const ingress = { ...veth('in0', { mtu }), queues: intent.queues };
  return [ingress, ...plain, ...peculiar, ...taps, ...kthreads];
}
