import type { DeviceSpec, Scenario } from '../scenario/scenario.js';
import { count, whole } from './format.js';
import type { Report } from './report.js';

const redirectMapTypes: ReadonlySet<string> = new Set([
  'cpumap',
  'devmap',
  'devmap_hash',
  'xskmap',
]);

type Hint = (report: Report, scenario: Scenario) => string[];

/** What the counters of a run and its scenario tell of the usual causes, by fate. */
const hints: Readonly<Record<string, Hint>> = {
  aborted: ({ faults, frames }, { maps }) => {
    const thrown = faults.reduce((sum, fault) => sum + fault.count, 0);
    const seen = thrown > 0 ? ['see the exceptions below'] : [];
    if (thrown >= (frames.fates['aborted'] ?? 0)) return seen;
    return [
      ...seen,
      ...(Object.values(maps).some(({ type }) => redirectMapTypes.has(type))
        ? ['redirectMap() to a key without an entry returns flags & 3, XDP_ABORTED by default']
        : []),
      'a number that is no XDP action counts as XDP_ABORTED',
    ];
  },
  rx_down: (_, { devices }) => devices.filter(({ up }) => !up).map(({ name }) => `${name} is down`),
  rx_drop: (_, { devices, programs }) =>
    devices.map(({ name, mtu, program }) => {
      const takesFrags = program !== undefined && programs[program]?.frags === true;
      const what =
        takesFrags || program === undefined ? '' : `, and program ${program} takes no fragments`;
      return `${name}: its MTU is ${mtu}${what}`;
    }),
  cpumap_full: (_, { maps }) =>
    Object.entries(maps).flatMap(([name, map]) => {
      if (map.type !== 'cpumap' || map.entries.length === 0) return [];
      const least = Math.min(...map.entries.map(({ qsize }) => qsize));
      return [
        `map ${name}: its smallest queue holds ${count(least, 'frame')}; raise qsize, or spread over more CPUs`,
      ];
    }),
  xmit_error: (_, { devices, kernel }) =>
    devices.flatMap((device) => {
      if (device.xmitError !== undefined)
        return [`${device.name}: its xmitError is ${device.xmitError}`];
      if (kernel === '6.1' && isDeafVeth(device)) return [deafVeth(device)];
      return [];
    }),
  xmit_drop: (_, { devices }) =>
    devices
      .filter(({ kind, ring, xmitMaxLength }) => kind !== 'dummy' && (ring < 1024 || xmitMaxLength))
      .map(({ name, ring }) => `${name}: its transmit ring has ${whole(ring)} slots`),
  redirect_err_EOPNOTSUPP: (_, { devices }) =>
    devices.flatMap((device) => {
      if (isDeafVeth(device)) return [deafVeth(device)];
      if (!device.features.ndoXdpXmit)
        return [`${device.name} (${device.kind}) has no ndo_xdp_xmit`];
      if (!device.features.ndoXdpXmitSg)
        return [`${device.name} transmits no frames with fragments`];
      return [];
    }),
  redirect_err_ENETDOWN: (_, { devices }) =>
    devices.filter(({ up }) => !up).map(({ name }) => `${name} is down`),
  redirect_err_EMSGSIZE: (_, { devices }) => {
    const least = Math.min(...devices.map(({ mtu }) => mtu));
    return devices
      .filter(({ mtu }) => mtu === least)
      .map(({ name }) => `${name}: its MTU is ${least}`);
  },
  redirect_err_ENOSPC: (_, { sockets }) =>
    sockets.map(({ name, chunkSize }) => `socket ${name}: its chunks have ${chunkSize} bytes`),
  redirect_err_ENOMEM: ({ sockets }) =>
    sockets
      .filter((socket) => socket.rxFillRingEmptyDescs > 0)
      .map(
        ({ name }) => `socket ${name}: its FILL ring ran empty: post more chunks, or read faster`,
      ),
  redirect_err_ENOBUFS: ({ sockets }) =>
    sockets
      .filter(({ rxRingFull }) => rxRingFull > 0)
      .map(
        ({ name }) => `socket ${name}: its RX ring was full: make rxRing larger, or read faster`,
      ),
  redirect_err_EINVAL: (_, { sockets, devices }) =>
    sockets.length === 0
      ? [`redirect() takes one of ${devices.map((d) => `${d.ifindex} (${d.name})`).join(', ')}`]
      : sockets.map(
          ({ name, device, queue }) =>
            `socket ${name} takes frames of queue ${queue} of ${device} only: use ctx.rxQueueIndex as the key`,
        ),
  redirect_err_EBADRQC: () => [
    'return what redirect() or redirectMap() returned: XDP_REDIRECT alone has no target',
  ],
  undelivered: (_, { sockets }) =>
    sockets
      .filter(({ application }) => application === 'manual')
      .map(({ name }) => `socket ${name}: nobody reads it, its application is "manual"`),
};

/** Hints that one fate gets at most: a machine may have hundreds of devices. */
const HINTS_MAX = 4;

/** One line for each likely cause of `fate`; empty where nothing is known. */
export function hintsFor(fate: string, report: Report, scenario: Scenario): string[] {
  const all = hints[fate]?.(report, scenario) ?? [];
  if (all.length <= HINTS_MAX) return all;
  return [...all.slice(0, HINTS_MAX), `and ${all.length - HINTS_MAX} more like these`];
}

/** A veth receives redirected frames in its peer's NAPI, which runs only with a program or GRO there. */
function isDeafVeth({ kind, features }: DeviceSpec): boolean {
  return kind === 'veth' && !features.ndoXdpXmit;
}

function deafVeth({ name, peer }: DeviceSpec): string {
  if (peer === undefined) return `${name} is a veth without a peer`;
  return `${name}: its peer ${peer} cannot receive: attach a program to ${peer} (XDP_PASS will do), or set gro`;
}
