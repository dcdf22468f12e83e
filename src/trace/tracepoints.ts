import { Tracepoint } from '../arena/layout.generated.js';

/** A field of a tracepoint in the order of its print format. Values are 32-bit; `err` and `act` are signed. */
export interface TracepointField {
  readonly name: string;
  /** How the kernel prints it: a number, an XDP action's name, or a memory type's. */
  readonly print: 'signed' | 'unsigned' | 'action' | 'memType' | 'pointer';
}

export interface TracepointInfo {
  readonly id: Tracepoint;
  readonly name: string;
  /** What the print format starts with. */
  readonly prefix: string;
  readonly fields: readonly TracepointField[];
  /** The last kernel version (`major * 100 + minor`) that has it, where it was removed. */
  readonly until?: number;
}

const signed = (name: string): TracepointField => ({ name, print: 'signed' });
const unsigned = (name: string): TracepointField => ({ name, print: 'unsigned' });
const action: TracepointField = { name: 'action', print: 'action' };

const redirectFields = [
  signed('prog_id'),
  action,
  signed('ifindex'),
  signed('to_ifindex'),
  signed('err'),
  signed('map_id'),
  signed('map_index'),
];
const memFields = [
  signed('mem_id'),
  { name: 'mem_type', print: 'memType' },
  { name: 'allocator', print: 'pointer' },
] as const;

function info(
  id: Tracepoint,
  name: string,
  fields: readonly TracepointField[],
  rest: { prefix?: string; until?: number } = {},
): TracepointInfo {
  return { prefix: '', ...rest, id, name, fields };
}

/** The 12 tracepoints of the `xdp` system (include/trace/events/xdp.h), by number. 6.18 has 10 of them. */
export const tracepoints: readonly TracepointInfo[] = [
  info(Tracepoint.XDP_EXCEPTION, 'xdp_exception', [signed('prog_id'), action, signed('ifindex')]),
  info(Tracepoint.XDP_BULK_TX, 'xdp_bulk_tx', [
    signed('ifindex'),
    action,
    signed('sent'),
    signed('drops'),
    signed('err'),
  ]),
  info(Tracepoint.XDP_REDIRECT, 'xdp_redirect', redirectFields),
  info(Tracepoint.XDP_REDIRECT_ERR, 'xdp_redirect_err', redirectFields),
  info(Tracepoint.XDP_REDIRECT_MAP, 'xdp_redirect_map', redirectFields, { until: 617 }),
  info(Tracepoint.XDP_REDIRECT_MAP_ERR, 'xdp_redirect_map_err', redirectFields, { until: 617 }),
  info(
    Tracepoint.XDP_CPUMAP_KTHREAD,
    'xdp_cpumap_kthread',
    [
      signed('cpu'),
      signed('map_id'),
      action,
      unsigned('processed'),
      unsigned('drops'),
      signed('sched'),
      unsigned('xdp_pass'),
      unsigned('xdp_drop'),
      unsigned('xdp_redirect'),
    ],
    { prefix: 'kthread' },
  ),
  info(
    Tracepoint.XDP_CPUMAP_ENQUEUE,
    'xdp_cpumap_enqueue',
    [
      signed('cpu'),
      signed('map_id'),
      action,
      unsigned('processed'),
      unsigned('drops'),
      signed('to_cpu'),
    ],
    { prefix: 'enqueue' },
  ),
  info(
    Tracepoint.XDP_DEVMAP_XMIT,
    'xdp_devmap_xmit',
    [
      signed('from_ifindex'),
      signed('to_ifindex'),
      action,
      signed('sent'),
      signed('drops'),
      signed('err'),
    ],
    { prefix: 'ndo_xdp_xmit' },
  ),
  info(Tracepoint.MEM_DISCONNECT, 'mem_disconnect', memFields),
  info(Tracepoint.MEM_CONNECT, 'mem_connect', [...memFields, signed('ifindex')]),
  info(Tracepoint.MEM_RETURN_FAILED, 'mem_return_failed', [
    signed('mem_id'),
    { name: 'mem_type', print: 'memType' },
    { name: 'page', print: 'pointer' },
  ]),
];

/** Those that the kernel `version` (`major * 100 + minor`) has. */
export function tracepointsOf(version: number): readonly TracepointInfo[] {
  return tracepoints.filter(({ until }) => until === undefined || version <= until);
}
