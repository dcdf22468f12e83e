import type { DataPlaneExports } from '../arena/exports.generated.js';
import { type HelperName, helperNames } from './helperNames.js';

/** What a helper leaves in r0. */
export type HelperResult =
  /** 0 or a negative errno, or a count. */
  | 'integer'
  /** An XDP action. */
  | 'action'
  /** Address of a map value or other memory that the program may use, or 0. */
  | 'memoryOrNull'
  /** Nothing of use. */
  | 'void';

/** A helper that XDP programs may call. */
export interface Helper {
  /** Its number in `enum bpf_func_id`: what a call instruction holds. */
  readonly id: number;
  /** Without `bpf_`. */
  readonly name: HelperName;
  /** The data plane's function, which takes r1..r5 and gives r0; undefined where the emulator has none. */
  readonly exportName: HelperExport | undefined;
  readonly returns: HelperResult;
  /** `base`: for programs of every type (`bpf_base_func_proto`); `xdp`: `xdp_func_proto`'s own. */
  readonly programs: 'base' | 'xdp';
}

/** Names of the data plane's helpers. */
export type HelperExport = Extract<keyof DataPlaneExports, `helper${string}`>;

type Row = readonly [name: HelperName, exportName: HelperExport | undefined, returns: HelperResult];

const base: readonly Row[] = [
  ['map_lookup_elem', 'helperMapLookupElem', 'memoryOrNull'],
  ['map_update_elem', 'helperMapUpdateElem', 'integer'],
  ['map_delete_elem', 'helperMapDeleteElem', 'integer'],
  ['map_lookup_percpu_elem', 'helperMapLookupPercpuElem', 'memoryOrNull'],
  ['map_push_elem', 'helperMapPushElem', 'integer'],
  ['map_pop_elem', 'helperMapPopElem', 'integer'],
  ['map_peek_elem', 'helperMapPeekElem', 'integer'],
  ['for_each_map_elem', 'helperForEachMapElem', 'integer'],
  ['loop', 'helperLoop', 'integer'],
  ['tail_call', 'helperTailCall', 'action'],
  ['spin_lock', 'helperSpinLock', 'void'],
  ['spin_unlock', 'helperSpinUnlock', 'void'],
  ['ringbuf_output', 'helperRingbufOutput', 'integer'],
  ['ringbuf_reserve', 'helperRingbufReserve', 'memoryOrNull'],
  ['ringbuf_submit', 'helperRingbufSubmit', 'void'],
  ['ringbuf_discard', 'helperRingbufDiscard', 'void'],
  ['ringbuf_query', 'helperRingbufQuery', 'integer'],
  ['trace_printk', 'helperTracePrintk', 'integer'],
  ['trace_vprintk', 'helperTraceVprintk', 'integer'],
  ['snprintf', 'helperSnprintf', 'integer'],
  ['strncmp', 'helperStrncmp', 'integer'],
  ['strtol', 'helperStrtol', 'integer'],
  ['strtoul', 'helperStrtoul', 'integer'],
  ['snprintf_btf', undefined, 'integer'],
  ['per_cpu_ptr', undefined, 'memoryOrNull'],
  ['this_cpu_ptr', undefined, 'memoryOrNull'],
  ['timer_init', undefined, 'integer'],
  ['timer_set_callback', undefined, 'integer'],
  ['timer_start', undefined, 'integer'],
  ['timer_cancel', undefined, 'integer'],
  ['kptr_xchg', undefined, 'memoryOrNull'],
  ['user_ringbuf_drain', undefined, 'integer'],
  ['ringbuf_reserve_dynptr', 'helperRingbufReserveDynptr', 'integer'],
  ['ringbuf_submit_dynptr', 'helperRingbufSubmitDynptr', 'void'],
  ['ringbuf_discard_dynptr', 'helperRingbufDiscardDynptr', 'void'],
  ['dynptr_from_mem', 'helperDynptrFromMem', 'integer'],
  ['dynptr_read', 'helperDynptrRead', 'integer'],
  ['dynptr_write', 'helperDynptrWrite', 'integer'],
  ['dynptr_data', 'helperDynptrData', 'memoryOrNull'],
  ['get_current_task', undefined, 'integer'],
  ['get_current_task_btf', undefined, 'memoryOrNull'],
  ['task_pt_regs', undefined, 'memoryOrNull'],
  ['probe_read_user', 'helperProbeReadUser', 'integer'],
  ['probe_read_kernel', 'helperProbeReadKernel', 'integer'],
  ['probe_read_user_str', 'helperProbeReadUser', 'integer'],
  ['probe_read_kernel_str', 'helperProbeReadKernelStr', 'integer'],
  ['ktime_get_ns', 'helperKtimeGetNs', 'integer'],
  ['ktime_get_boot_ns', 'helperKtimeGetBootNs', 'integer'],
  ['ktime_get_coarse_ns', 'helperKtimeGetCoarseNs', 'integer'],
  ['ktime_get_tai_ns', 'helperKtimeGetTaiNs', 'integer'],
  ['jiffies64', 'helperJiffies64', 'integer'],
  ['get_prandom_u32', 'helperGetPrandomU32', 'integer'],
  ['get_smp_processor_id', 'helperGetSmpProcessorId', 'integer'],
  ['get_numa_node_id', 'helperGetNumaNodeId', 'integer'],
  ['get_current_pid_tgid', 'helperZero', 'integer'],
  ['get_current_uid_gid', 'helperZero', 'integer'],
  ['get_current_comm', 'helperGetCurrentComm', 'integer'],
  ['get_cgroup_classid', 'helperZero', 'integer'],
  ['get_current_cgroup_id', 'helperGetCurrentCgroupId', 'integer'],
  ['get_current_ancestor_cgroup_id', 'helperGetCurrentAncestorCgroupId', 'integer'],
  ['get_ns_current_pid_tgid', 'helperGetNsCurrentPidTgid', 'integer'],
  ['send_signal', 'helperSendSignal', 'integer'],
  ['send_signal_thread', 'helperSendSignal', 'integer'],
  ['current_task_under_cgroup', undefined, 'integer'],
  ['perf_event_read', undefined, 'integer'],
  ['perf_event_read_value', undefined, 'integer'],
  ['get_task_stack', undefined, 'integer'],
  ['task_storage_get', undefined, 'memoryOrNull'],
  ['task_storage_delete', undefined, 'integer'],
  ['cgrp_storage_get', undefined, 'memoryOrNull'],
  ['cgrp_storage_delete', undefined, 'integer'],
  ['copy_from_user', undefined, 'integer'],
  ['copy_from_user_task', undefined, 'integer'],
  ['get_branch_snapshot', undefined, 'integer'],
  ['find_vma', undefined, 'integer'],
];

const xdp: readonly Row[] = [
  ['perf_event_output', 'helperPerfEventOutput', 'integer'],
  ['csum_diff', 'helperCsumDiff', 'integer'],
  ['check_mtu', 'helperCheckMtu', 'integer'],
  ['fib_lookup', 'helperFibLookup', 'integer'],
  ['tcp_raw_gen_syncookie_ipv4', 'helperTcpRawGenSyncookieIpv4', 'integer'],
  ['tcp_raw_gen_syncookie_ipv6', 'helperTcpRawGenSyncookieIpv6', 'integer'],
  ['tcp_raw_check_syncookie_ipv4', 'helperTcpRawCheckSyncookieIpv4', 'integer'],
  ['tcp_raw_check_syncookie_ipv6', 'helperTcpRawCheckSyncookieIpv6', 'integer'],
  ['sk_lookup_tcp', 'helperSkLookup', 'memoryOrNull'],
  ['sk_lookup_udp', 'helperSkLookup', 'memoryOrNull'],
  ['skc_lookup_tcp', 'helperSkLookup', 'memoryOrNull'],
  ['sk_release', 'helperOfSocket', 'integer'],
  ['tcp_check_syncookie', 'helperOfSocket', 'integer'],
  ['tcp_gen_syncookie', 'helperOfSocket', 'integer'],
  ['skc_to_tcp_sock', 'helperOfSocket', 'memoryOrNull'],
  ['skc_to_tcp6_sock', 'helperOfSocket', 'memoryOrNull'],
  ['skc_to_tcp_timewait_sock', 'helperOfSocket', 'memoryOrNull'],
  ['skc_to_tcp_request_sock', 'helperOfSocket', 'memoryOrNull'],
  ['skc_to_udp6_sock', 'helperOfSocket', 'memoryOrNull'],
  ['skc_to_unix_sock', 'helperOfSocket', 'memoryOrNull'],
  ['skc_to_mptcp_sock', 'helperOfSocket', 'memoryOrNull'],
  ['redirect', 'helperRedirect', 'action'],
  ['redirect_map', 'helperRedirectMap', 'action'],
  ['xdp_adjust_head', 'helperXdpAdjustHead', 'integer'],
  ['xdp_adjust_meta', 'helperXdpAdjustMeta', 'integer'],
  ['xdp_adjust_tail', 'helperXdpAdjustTail', 'integer'],
  ['xdp_get_buff_len', 'helperXdpGetBuffLen', 'integer'],
  ['xdp_load_bytes', 'helperXdpLoadBytes', 'integer'],
  ['xdp_store_bytes', 'helperXdpStoreBytes', 'integer'],
];

function helper([name, exportName, returns]: Row, programs: Helper['programs']): Helper {
  return { id: helperNames.indexOf(name), name, exportName, returns, programs };
}

/**
 * The one table of helpers: every one that the kernel lets an XDP program call, by id. What is not in it the kernel's
 * verifier refuses; what has no `exportName` the emulator does.
 */
export const helperTable: ReadonlyMap<number, Helper> = new Map(
  [...base.map((row) => helper(row, 'base')), ...xdp.map((row) => helper(row, 'xdp'))]
    .sort((a, b) => a.id - b.id)
    .map((row) => [row.id, row]),
);

/** `bpf_map_lookup_elem` for 1; undefined for a number that no helper has. */
export function helperName(id: number): string | undefined {
  const name = id === 0 ? undefined : helperNames[id];
  return name && `bpf_${name}`;
}
