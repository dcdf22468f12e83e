import { mapTypeName } from '../../bpf/spec/mapType.js';
import type { MapSpec, ObjectSpec } from '../../bpf/spec/objectSpec.js';
import { errnoName } from '../../maps/errno.js';
import type { FileTable } from '../../maps/files.js';
import type { KernelMap, MapAttributes } from '../../maps/kernelMap.js';
import type { BpfSyscalls } from '../../maps/syscall.js';
import { defaultMaxEntries } from './maxEntries.js';

/** The system calls that loading makes, and what it must know of the machine. */
export interface LoaderHost {
  readonly bpf: BpfSyscalls;
  readonly files: FileTable;
  readonly nrCpus: number;
}

/** A map of an object in one machine, or why there is none: an error only for programs that use it. */
export type ObjectMap =
  | { readonly spec: MapSpec; readonly fd: number; readonly map: KernelMap }
  | { readonly spec: MapSpec; readonly refused: string };

export interface MapSettings {
  /** Instead of what the object says. */
  maxEntries(map: string): number | undefined;
  /** Descriptor of a map that exists already and that this one is. */
  existing(map: MapSpec): number | undefined;
}

/** Kernel names are shorter than C's. */
const NAME_LENGTH_MAX = 15;
/** libbpf keeps this much of the object's name in front of `.bss` (`internal_map_name`). */
const OBJECT_PREFIX_LENGTH = 8;

/** Makes the maps of an object, in order, and fills its global data (libbpf's `bpf_object__create_maps`). */
export function createObjectMaps(
  host: LoaderHost,
  object: ObjectSpec,
  settings: MapSettings,
): ReadonlyMap<string, ObjectMap> {
  return new Map(
    object.maps.map((spec) => [spec.name, createObjectMap(host, object, spec, settings)]),
  );
}

function createObjectMap(
  host: LoaderHost,
  object: ObjectSpec,
  spec: MapSpec,
  settings: MapSettings,
): ObjectMap {
  if (spec.unsupported !== undefined) return { spec, refused: spec.unsupported };
  const maxEntries = settings.maxEntries(spec.name) ?? defaultMaxEntries(spec, host.nrCpus);
  if (maxEntries === undefined) {
    return { spec, refused: 'its max_entries is 0: the scenario has to set maxEntries' };
  }
  const attributes = attributesOf(object, spec, maxEntries);
  const existing = settings.existing(spec);
  if (existing !== undefined) return reuse(host, spec, attributes, existing);
  const fd = host.bpf.mapCreate(attributes);
  if (fd < 0) {
    const what = `${mapTypeName(spec.type) ?? `type ${spec.type}`}, ${maxEntries} entries`;
    return { spec, refused: `BPF_MAP_CREATE (${what}) fails with ${errnoName(fd)}` };
  }
  if (spec.data !== undefined) fill(host, fd, spec.data);
  return opened(host, spec, fd);
}

function attributesOf(object: ObjectSpec, spec: MapSpec, maxEntries: number): MapAttributes {
  return {
    type: spec.type,
    keySize: spec.keySizeBytes,
    valueSize: spec.valueSizeBytes,
    maxEntries,
    mapFlags: spec.flags,
    ...(spec.numaNode !== undefined && { numaNode: spec.numaNode }),
    mapExtra: spec.mapExtra,
    name: kernelName(object, spec),
  };
}

function kernelName(object: ObjectSpec, { name, data }: MapSpec): string {
  const file = object.name.replace(/^.*\//, '').replace(/\.o$/, '');
  const full = data === undefined ? name : `${file.slice(0, OBJECT_PREFIX_LENGTH)}${name}`;
  return full.slice(0, NAME_LENGTH_MAX).replace(/[^A-Za-z0-9_.]/g, '_');
}

/** `bpf_map__reuse_fd`, once the map is known to be of the same kind (`map_is_reuse_compat`). */
function reuse(host: LoaderHost, spec: MapSpec, wanted: MapAttributes, fd: number): ObjectMap {
  const found = opened(host, spec, fd);
  if ('refused' in found) return found;
  const { attributes } = found.map;
  const differing = (['type', 'keySize', 'valueSize', 'maxEntries', 'mapFlags'] as const).filter(
    (key) => attributes[key] !== wanted[key],
  );
  if (differing.length === 0) return found;
  const differences = differing.map(
    (key) => `${key} ${attributes[key]} there and ${wanted[key]} here`,
  );
  return { spec, refused: `a map of that name exists already, with ${differences.join(', ')}` };
}

function opened({ files }: LoaderHost, spec: MapSpec, fd: number): ObjectMap {
  const file = files.map(fd);
  if (typeof file === 'number') throw new TypeError(`map ${spec.name}: descriptor ${fd} is no map`);
  return { spec, fd, map: file.map };
}

/** Global variables are the one value of an array; constants are then frozen, as libbpf does. */
function fill(
  { bpf }: LoaderHost,
  fd: number,
  { bytes, readOnly }: NonNullable<MapSpec['data']>,
): void {
  bpf.mapUpdateElem(fd, new Uint8Array(4), bytes, 0n);
  if (readOnly) bpf.mapFreeze(fd);
}
