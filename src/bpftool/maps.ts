import { MapType } from '../arena/layout.generated.js';
import type { Btf } from '../bpf/btf/btf.js';
import type { MapSpec } from '../bpf/spec/objectSpec.js';
import type { Machine } from '../machine/machine.js';
import type { KernelMap } from '../maps/kernelMap.js';
import { btfIds } from './btfIds.js';

/** The types of a map's keys and values. */
export interface MapTypes {
  readonly btf: Btf;
  readonly btfId: number;
  readonly spec: MapSpec;
}

/** A map with what its object knows of it. */
export interface ShownMap {
  readonly map: KernelMap;
  /** Undefined for maps of no object, and of types whose BTF libbpf keeps from the kernel. */
  readonly types: MapTypes | undefined;
}

/** Types that libbpf never names types for (`bpf_object__create_map`), or does without once the kernel has refused them. */
const UNTYPED: ReadonlySet<number> = new Set([
  MapType.PROG_ARRAY,
  MapType.PERF_EVENT_ARRAY,
  MapType.ARRAY_OF_MAPS,
  MapType.HASH_OF_MAPS,
  MapType.DEVMAP,
  MapType.DEVMAP_HASH,
  MapType.CPUMAP,
  MapType.XSKMAP,
]);

/** Every map of a machine, by id. */
export function shownMaps({ system, objects: { objects } }: Machine): ShownMap[] {
  const ids = btfIds(objects);
  const types = new Map<KernelMap, MapTypes>();
  for (const { spec: object, maps } of objects) {
    const { btf } = object;
    if (btf === undefined) continue;
    for (const found of maps.values()) {
      if (!('map' in found) || found.isReused || !isTyped(found.spec)) continue;
      types.set(found.map, { btf, btfId: ids.get(btf)!, spec: found.spec });
    }
  }
  const maps = [...system.bpf.maps()].sort((a, b) => a.id - b.id);
  return maps.map((map) => ({ map, types: types.get(map) }));
}

/** Whether the kernel takes the types (kernel/bpf/syscall.c:map_check_btf): both, but for types that know no keys. */
function isTyped({ type, keyTypeId, valueTypeId, data }: MapSpec): boolean {
  if (data !== undefined) return data.variables.some(({ typeId }) => typeId !== undefined);
  if (UNTYPED.has(type) || valueTypeId === undefined) return false;
  return keyTypeId !== undefined || type === MapType.BLOOM_FILTER;
}

const PER_CPU: ReadonlySet<number> = new Set([
  MapType.PERCPU_HASH,
  MapType.PERCPU_ARRAY,
  MapType.LRU_PERCPU_HASH,
]);

export function isPerCpu({ type }: KernelMap): boolean {
  return PER_CPU.has(type);
}
