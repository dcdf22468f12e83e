import type { DataPlaneExports } from '../arena/exports.generated.js';

/** Names of the data plane's kfuncs. */
export type KfuncExport = Extract<keyof DataPlaneExports, `kfunc${string}` | 'helperZero'>;

/** A kernel function that XDP programs may call by name (`__ksym`). */
export interface Kfunc {
  readonly name: string;
  /** The data plane's function, which takes r1..r5 and gives r0. */
  readonly exportName: KfuncExport;
}

/** The kfuncs that the emulator has; those of the kernel since 6.3. */
export const kfuncTable: ReadonlyMap<string, Kfunc> = new Map(
  (
    [
      ['bpf_xdp_metadata_rx_timestamp', 'kfuncXdpMetadataRxTimestamp'],
      ['bpf_xdp_metadata_rx_hash', 'kfuncXdpMetadataRxHash'],
      ['bpf_xdp_metadata_rx_vlan_tag', 'kfuncXdpMetadataRxVlanTag'],
      ['bpf_dynptr_from_xdp', 'kfuncDynptrFromXdp'],
      ['bpf_dynptr_slice', 'kfuncDynptrSlice'],
      ['bpf_dynptr_slice_rdwr', 'kfuncDynptrSliceRdwr'],
      ['bpf_dynptr_adjust', 'kfuncDynptrAdjust'],
      ['bpf_dynptr_is_null', 'kfuncDynptrIsNull'],
      ['bpf_dynptr_is_rdonly', 'kfuncDynptrIsRdonly'],
      ['bpf_dynptr_size', 'kfuncDynptrSize'],
      ['bpf_dynptr_clone', 'kfuncDynptrClone'],
      ['bpf_iter_num_new', 'kfuncIterNumNew'],
      ['bpf_iter_num_next', 'kfuncIterNumNext'],
      ['bpf_iter_num_destroy', 'kfuncIterNumDestroy'],
      ['bpf_rcu_read_lock', 'helperZero'],
      ['bpf_rcu_read_unlock', 'helperZero'],
      ['bpf_preempt_disable', 'helperZero'],
      ['bpf_preempt_enable', 'helperZero'],
    ] as const
  ).map(([name, exportName]) => [name, { name, exportName }]),
);
