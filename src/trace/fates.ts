import { Fate } from '../arena/layout.generated.js';

/** What a fate's target is: which of device, CPU or socket its number names. */
export type FateTarget = 'device' | 'cpu' | 'socket';

export interface FateInfo {
  readonly id: Fate;
  /** Key in reports. */
  readonly name: string;
  readonly target: FateTarget;
  /** One line for people. */
  readonly text: string;
  /** The frame reached what the program meant it for. */
  readonly delivered?: true;
  /** errno name, where one says why. */
  readonly errno?: string;
}

const redirectErrors: readonly (readonly [Fate, string, string])[] = [
  [
    Fate.REDIRECT_EINVAL,
    'EINVAL',
    'no such device, or the socket is bound to another device or queue',
  ],
  [Fate.REDIRECT_EBADRQC, 'EBADRQC', 'the program returned XDP_REDIRECT without a target'],
  [Fate.REDIRECT_EOPNOTSUPP, 'EOPNOTSUPP', 'the device has no ndo_xdp_xmit, or none for fragments'],
  [Fate.REDIRECT_ENETDOWN, 'ENETDOWN', 'the device is down'],
  [Fate.REDIRECT_EMSGSIZE, 'EMSGSIZE', "longer than the device's MTU allows"],
  [Fate.REDIRECT_ENOSPC, 'ENOSPC', "longer than the socket's chunks"],
  [Fate.REDIRECT_ENOMEM, 'ENOMEM', "the socket's fill ring is empty, or no frame for a copy"],
  [Fate.REDIRECT_ENOBUFS, 'ENOBUFS', "the socket's RX ring is full"],
  [Fate.REDIRECT_ENXIO, 'ENXIO', 'the socket is not bound'],
  [Fate.REDIRECT_EOVERFLOW, 'EOVERFLOW', 'the program used up the headroom'],
  [Fate.REDIRECT_ENOENT, 'ENOENT', 'the map of the broadcast is gone'],
];

/** Every fate, by number. */
export const fates: readonly FateInfo[] = [
  { id: Fate.PASS, name: 'pass', target: 'cpu', text: 'passed to the stack', delivered: true },
  { id: Fate.DROP, name: 'drop', target: 'device', text: 'dropped by the program' },
  { id: Fate.ABORTED, name: 'aborted', target: 'device', text: 'aborted by the program' },
  {
    id: Fate.TRANSMITTED,
    name: 'transmitted',
    target: 'device',
    text: 'transmitted',
    delivered: true,
  },
  {
    id: Fate.SOCKET,
    name: 'socket',
    target: 'socket',
    text: 'delivered to a socket',
    delivered: true,
  },
  { id: Fate.CPUMAP_FULL, name: 'cpumap_full', target: 'cpu', text: 'the cpumap queue was full' },
  {
    id: Fate.CPUMAP_PROG_DROP,
    name: 'cpumap_drop',
    target: 'cpu',
    text: 'dropped by the cpumap program',
  },
  {
    id: Fate.CPUMAP_PROG_REDIRECT_ERR,
    name: 'cpumap_redirect_err',
    target: 'cpu',
    text: "the cpumap program's redirect failed",
  },
  {
    id: Fate.DEVMAP_PROG_DROP,
    name: 'devmap_drop',
    target: 'device',
    text: 'dropped by the devmap program',
  },
  {
    id: Fate.DEVMAP_PROG_ABORTED,
    name: 'devmap_aborted',
    target: 'device',
    text: 'the devmap program neither passed nor dropped it',
  },
  { id: Fate.XMIT_ERROR, name: 'xmit_error', target: 'device', text: 'ndo_xdp_xmit failed' },
  {
    id: Fate.XMIT_DROP,
    name: 'xmit_drop',
    target: 'device',
    text: "not taken by ndo_xdp_xmit: the device's ring was full or the frame too long",
  },
  { id: Fate.TX_ERROR, name: 'tx_error', target: 'device', text: 'XDP_TX failed' },
  { id: Fate.TX_DROP, name: 'tx_drop', target: 'device', text: 'XDP_TX: not taken by the device' },
  {
    id: Fate.BROADCAST_EMPTY,
    name: 'broadcast_empty',
    target: 'device',
    text: 'broadcast without a target',
  },
  { id: Fate.TARGET_GONE, name: 'target_gone', target: 'device', text: 'its target was removed' },
  {
    id: Fate.RX_DROP,
    name: 'rx_drop',
    target: 'device',
    text: 'not received: longer than the MTU allows, or fragments and a program without frags',
  },
  { id: Fate.RX_DOWN, name: 'rx_down', target: 'device', text: 'not received: the device is down' },
  { id: Fate.WORKER_DIED, name: 'worker_died', target: 'cpu', text: 'held by a worker that died' },
  {
    id: Fate.UNDELIVERED,
    name: 'undelivered',
    target: 'device',
    text: 'still on a ring at the end',
  },
  ...redirectErrors.map(
    ([id, errno, text]): FateInfo => ({
      id,
      name: `redirect_err_${errno}`,
      target: 'device',
      text: `redirect failed, ${errno}: ${text}`,
      errno,
    }),
  ),
];

const fatesByName: ReadonlyMap<string, FateInfo> = new Map(fates.map((fate) => [fate.name, fate]));

/** The fate that reports call `name`; undefined where there is none, as in the report of another version. */
export function fateNamed(name: string): FateInfo | undefined {
  return fatesByName.get(name);
}
