import type { DataPlaneExports } from '../arena/exports.generated.js';

/** Names of the data plane's kfuncs. */
export type KfuncExport = Extract<keyof DataPlaneExports, `kfunc${string}`>;

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
    ] as const
  ).map(([name, exportName]) => [name, { name, exportName }]),
);
