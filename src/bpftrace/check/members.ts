import { type MemberType, SYSTEM, type TracepointInfo } from '../../trace/tracepoints.js';
import type { Type } from '../language/types.js';

/** What every record starts with; programs have no access to it. */
export const commonFields: readonly string[] = [
  ...['common_type', 'common_flags', 'common_preempt_count', 'common_pid'],
];

/** The struct that bpftrace makes of a tracepoint's record. */
export function structName({ name }: TracepointInfo): string {
  return `struct _tracepoint_${SYSTEM}_${name}`;
}

const types: Readonly<Record<MemberType, Type>> = {
  int: { kind: 'integer', bytes: 4, isSigned: true },
  u32: { kind: 'integer', bytes: 4, isSigned: false },
  'unsigned int': { kind: 'integer', bytes: 4, isSigned: false },
  'const void *': { kind: 'pointer', to: 'void', isContext: false },
  'const struct xdp_mem_allocator *': {
    kind: 'pointer',
    to: 'struct xdp_mem_allocator',
    isContext: false,
  },
  'const struct xdp_rxq_info *': { kind: 'pointer', to: 'struct xdp_rxq_info', isContext: false },
  // The place and the length of the text in the record.
  '__data_loc char[]': { kind: 'integer', bytes: 4, isSigned: true },
};

/** The type of a member of the event's record; undefined where there is none of that name. */
export function memberType({ members }: TracepointInfo, field: string): Type | undefined {
  const member = members.find(({ name }) => name === field);
  return member && types[member.type];
}
