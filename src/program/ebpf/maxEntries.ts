import { MapType } from '../../arena/layout.generated.js';
import type { MapSpec } from '../../bpf/spec/objectSpec.js';

/** Maps with an entry a CPU or a device: as many as there are CPUs, which is what libbpf does for PERF_EVENT_ARRAY. */
const ONE_PER_CPU: ReadonlySet<number> = new Set([
  MapType.CPUMAP,
  MapType.DEVMAP,
  MapType.DEVMAP_HASH,
  MapType.XSKMAP,
  MapType.PERF_EVENT_ARRAY,
]);

/** `max_entries` of a map that nobody sets; undefined where only the user can know. */
export function defaultMaxEntries(
  { type, maxEntries }: MapSpec,
  nrCpus: number,
): number | undefined {
  if (maxEntries !== 0) return maxEntries;
  return ONE_PER_CPU.has(type) ? nrCpus : undefined;
}
