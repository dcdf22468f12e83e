import { Tracepoint } from '../arena/layout.generated.js';

/** The tracepoints' system, a folder under tracefs' `events`. */
export const SYSTEM = 'xdp';

/** C types of record members. */
export type MemberType = 'int' | 'u32' | 'unsigned int' | PointerType | '__data_loc char[]';
type PointerType =
  | 'const void *'
  | 'const struct xdp_mem_allocator *'
  | 'const struct xdp_rxq_info *';

/** A member of the kernel's record, in the order of the record. */
export interface TracepointMember {
  readonly type: MemberType;
  readonly name: string;
}

/** A field of a tracepoint in the order of its print format. Values are 32-bit. */
export interface TracepointField {
  /** What the print format calls it. */
  readonly name: string;
  /** The member of the record that it shows. */
  readonly member: string;
  /** How the kernel prints it: a number (%d, %u), an XDP action's name, a memory type's, or %p. */
  readonly print: 'signed' | 'unsigned' | 'action' | 'memType' | 'pointer' | 'string';
}

export interface TracepointInfo {
  /** A `Tracepoint`; those that no data plane counts come after them. */
  readonly id: number;
  readonly name: string;
  /** What the print format starts with. */
  readonly prefix: string;
  readonly fields: readonly TracepointField[];
  readonly members: readonly TracepointMember[];
  /** The kernel version (`major * 100 + minor`) that brought it, where it was not always there. */
  readonly since?: number;
  /** The last kernel version that has it, where it was removed. */
  readonly until?: number;
}

const int = (name: string): TracepointMember => ({ type: 'int', name });
const u32 = (name: string): TracepointMember => ({ type: 'u32', name });
const uint = (name: string): TracepointMember => ({ type: 'unsigned int', name });
const pointer = (type: PointerType, name: string): TracepointMember => ({ type, name });

const signed = (name: string): TracepointField => ({ name, member: name, print: 'signed' });
const unsigned = (name: string): TracepointField => ({ name, member: name, print: 'unsigned' });
const shownAs = (print: TracepointField['print'], name: string, member = name) => ({
  name,
  member,
  print,
});
const action = shownAs('action', 'action', 'act');

const redirect = {
  members: [
    int('prog_id'),
    u32('act'),
    int('ifindex'),
    int('err'),
    int('to_ifindex'),
    u32('map_id'),
    int('map_index'),
  ],
  fields: [
    signed('prog_id'),
    action,
    signed('ifindex'),
    signed('to_ifindex'),
    signed('err'),
    signed('map_id'),
    signed('map_index'),
  ],
} as const;

const allocator = {
  members: [
    pointer('const struct xdp_mem_allocator *', 'xa'),
    u32('mem_id'),
    u32('mem_type'),
    pointer('const void *', 'allocator'),
  ],
  fields: [signed('mem_id'), shownAs('memType', 'mem_type'), shownAs('pointer', 'allocator')],
} as const;

/** What 6.18 no longer has. */
const gone = { until: 617 } as const;

/**
 * The 12 tracepoints of the `xdp` system that the data plane counts (include/trace/events/xdp.h), by number. 6.1 has all of
 * them, 6.18 has 9.
 */
export const tracepoints: readonly TracepointInfo[] = [
  {
    id: Tracepoint.XDP_EXCEPTION,
    name: 'xdp_exception',
    prefix: '',
    members: [int('prog_id'), u32('act'), int('ifindex')],
    fields: [signed('prog_id'), action, signed('ifindex')],
  },
  {
    id: Tracepoint.XDP_BULK_TX,
    name: 'xdp_bulk_tx',
    prefix: '',
    members: [int('ifindex'), u32('act'), int('drops'), int('sent'), int('err')],
    fields: [signed('ifindex'), action, signed('sent'), signed('drops'), signed('err')],
  },
  { id: Tracepoint.XDP_REDIRECT, name: 'xdp_redirect', prefix: '', ...redirect },
  { id: Tracepoint.XDP_REDIRECT_ERR, name: 'xdp_redirect_err', prefix: '', ...redirect },
  { id: Tracepoint.XDP_REDIRECT_MAP, name: 'xdp_redirect_map', prefix: '', ...redirect, ...gone },
  {
    id: Tracepoint.XDP_REDIRECT_MAP_ERR,
    name: 'xdp_redirect_map_err',
    prefix: '',
    ...redirect,
    ...gone,
  },
  {
    id: Tracepoint.XDP_CPUMAP_KTHREAD,
    name: 'xdp_cpumap_kthread',
    prefix: 'kthread',
    members: [
      int('map_id'),
      u32('act'),
      int('cpu'),
      uint('drops'),
      uint('processed'),
      int('sched'),
      uint('xdp_pass'),
      uint('xdp_drop'),
      uint('xdp_redirect'),
    ],
    fields: [
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
  },
  {
    id: Tracepoint.XDP_CPUMAP_ENQUEUE,
    name: 'xdp_cpumap_enqueue',
    prefix: 'enqueue',
    members: [
      int('map_id'),
      u32('act'),
      int('cpu'),
      uint('drops'),
      uint('processed'),
      int('to_cpu'),
    ],
    fields: [
      signed('cpu'),
      signed('map_id'),
      action,
      unsigned('processed'),
      unsigned('drops'),
      signed('to_cpu'),
    ],
  },
  {
    id: Tracepoint.XDP_DEVMAP_XMIT,
    name: 'xdp_devmap_xmit',
    prefix: 'ndo_xdp_xmit',
    members: [
      int('from_ifindex'),
      u32('act'),
      int('to_ifindex'),
      int('drops'),
      int('sent'),
      int('err'),
    ],
    fields: [
      signed('from_ifindex'),
      signed('to_ifindex'),
      action,
      signed('sent'),
      signed('drops'),
      signed('err'),
    ],
  },
  { id: Tracepoint.MEM_DISCONNECT, name: 'mem_disconnect', prefix: '', ...allocator },
  {
    id: Tracepoint.MEM_CONNECT,
    name: 'mem_connect',
    prefix: '',
    members: [...allocator.members, pointer('const struct xdp_rxq_info *', 'rxq'), int('ifindex')],
    fields: [...allocator.fields, signed('ifindex')],
  },
  {
    id: Tracepoint.MEM_RETURN_FAILED,
    name: 'mem_return_failed',
    prefix: '',
    members: [pointer('const void *', 'page'), u32('mem_id'), u32('mem_type')],
    fields: [signed('mem_id'), shownAs('memType', 'mem_type'), shownAs('pointer', 'page')],
    ...gone,
  },
];

/** Fires where a driver refuses a program with a message: outside of the data plane, which does not count it. */
export const linkAttachFailed: TracepointInfo = {
  id: Tracepoint.COUNT,
  name: 'bpf_xdp_link_attach_failed',
  prefix: '',
  members: [{ type: '__data_loc char[]', name: 'msg' }],
  fields: [shownAs('string', 'errmsg', 'msg')],
  since: 602,
};

const inVersion =
  (version: number) =>
  ({ since = 0, until = version }: TracepointInfo): boolean =>
    since <= version && version <= until;

/** Those that the data plane counts and the kernel `version` (`major * 100 + minor`) has. */
export function tracepointsOf(version: number): readonly TracepointInfo[] {
  return tracepoints.filter(inVersion(version));
}

/** Everything under `events/xdp` of the kernel `version`. */
export function xdpEventsOf(version: number): readonly TracepointInfo[] {
  return [...tracepoints, linkAttachFailed].filter(inVersion(version));
}
