import { mapTypeName } from '../../bpf/spec/mapType.js';
import type { MapSpec, ObjectSpec } from '../../bpf/spec/objectSpec.js';
import { errnoName } from '../../maps/errno.js';
import type { FileTable } from '../../maps/files.js';
import { type KernelMap, type MapAttributes, u32ToBytes } from '../../maps/kernelMap.js';
import type { BpfSyscalls } from '../../maps/syscall.js';
import { ProgramLoadError } from '../loadError.js';
import { defaultMaxEntries } from './maxEntries.js';
import { spinLockOffset } from './spinLock.js';

/** The system calls that loading makes, and what it must know of the machine. */
export interface LoaderHost {
  readonly bpf: BpfSyscalls;
  readonly files: FileTable;
  readonly nrCpus: number;
}

/** A map of an object in one machine, or why there is none: an error only for programs that use it. */
export type ObjectMap =
  | {
      readonly spec: MapSpec;
      readonly fd: number;
      readonly map: KernelMap;
      readonly isReused: boolean;
    }
  | { readonly spec: MapSpec; readonly refused: string };

export interface MapSettings {
  /** Instead of what the object says. */
  maxEntries(map: string): number | undefined;
  /** Descriptor of a map that exists already and that this one is. */
  existing(map: MapSpec): number | undefined;
}

/** Kernel names are shorter than C's. */
const NAME_LENGTH_MAX = 15;
/** libbpf leaves room for at least this much of a data section's name behind the object's. */
const SECTION_ROOM = 7;

/** Makes the maps of an object, in order, and fills its global data (libbpf's `bpf_object__create_maps`). */
export function createObjectMaps(
  host: LoaderHost,
  object: ObjectSpec,
  settings: MapSettings,
): ReadonlyMap<string, ObjectMap> {
  const maps = new Map(
    object.maps.map((spec) => [spec.name, createObjectMap(host, object, spec, settings)]),
  );
  for (const map of maps.values()) if (isOwn(map)) fillInnerMaps(host, map, maps);
  return maps;
}

type OwnMap = Extract<ObjectMap, { readonly fd: number }>;

/** Whether the object made the map: one that was there already has its contents. */
function isOwn(map: ObjectMap): map is OwnMap {
  return 'fd' in map && !map.isReused;
}

/** The `values` of a map of maps (`init_map_in_map_slots`). */
function fillInnerMaps(host: LoaderHost, map: OwnMap, maps: ReadonlyMap<string, ObjectMap>): void {
  for (const { index, kind, name } of map.spec.initialSlots) {
    const inner = kind === 'map' ? maps.get(name) : undefined;
    if (inner !== undefined && 'fd' in inner) fillSlot(host, map, index, inner.fd);
  }
}

/**
 * The `values` of PROG_ARRAYs (libbpf's `bpf_object_init_prog_arrays`), once there are programs.
 *
 * @param programFd descriptor of the program of the object that the function is
 * @throws {ProgramLoadError} there is none, or the kernel refuses it
 */
export function fillProgramArrays(
  host: LoaderHost,
  object: ObjectSpec,
  maps: ReadonlyMap<string, ObjectMap>,
  programFd: (name: string) => number | undefined,
): void {
  for (const map of maps.values()) {
    if (!isOwn(map)) continue;
    for (const { index, kind, name } of map.spec.initialSlots) {
      if (kind !== 'program') continue;
      const fd = programFd(name);
      const err = fd === undefined ? undefined : fillSlot(host, map, index, fd);
      if (err === 0) continue;
      const reason = err === undefined ? 'it could not be loaded' : errnoName(err);
      throw new ProgramLoadError(
        `${object.name}: map ${map.spec.name}: program ${name} at ${index}: ${reason}`,
      );
    }
  }
}

function fillSlot({ bpf }: LoaderHost, { fd }: OwnMap, index: number, value: number): number {
  return bpf.mapUpdateElem(fd, u32ToBytes(index), u32ToBytes(value), 0n);
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
  const fd = createWithInner(host, object, spec, attributes);
  if (fd < 0) {
    const what = `${mapTypeName(spec.type) ?? `type ${spec.type}`}, ${maxEntries} entries`;
    return { spec, refused: `BPF_MAP_CREATE (${what}) fails with ${errnoName(fd)}` };
  }
  if (spec.data !== undefined) fill(host, fd, spec.data);
  return opened(host, spec, fd);
}

/** A map of maps is made after the model of an inner map, which is needed for no longer than that. */
function createWithInner(
  host: LoaderHost,
  object: ObjectSpec,
  { inner }: MapSpec,
  attributes: MapAttributes,
): number {
  if (inner === undefined) return host.bpf.mapCreate(attributes);
  const innerMapFd = host.bpf.mapCreate(
    attributesOf(object, inner, defaultMaxEntries(inner, host.nrCpus) ?? 0),
  );
  if (innerMapFd < 0) return innerMapFd;
  const fd = host.bpf.mapCreate({ ...attributes, innerMapFd });
  host.files.close(innerMapFd);
  return fd;
}

function attributesOf(object: ObjectSpec, spec: MapSpec, maxEntries: number): MapAttributes {
  const spinLock = spinLockOffset(object.btf, spec);
  return {
    ...(spinLock !== undefined && { spinLock }),
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

/** A data section's map has the object's name in front of its own, unless the section is a custom one (`internal_map_name`). */
function kernelName(object: ObjectSpec, { name, data }: MapSpec): string {
  const isCustom = name.indexOf('.', 1) >= 0;
  const file = object.name.replace(/^.*\//, '').replace(/\..*$/, '');
  const room = Math.max(0, NAME_LENGTH_MAX - Math.max(SECTION_ROOM, name.length));
  const full = data === undefined || isCustom ? name : `${file.slice(0, room)}${name}`;
  return full.slice(0, NAME_LENGTH_MAX).replace(/[^A-Za-z0-9_.]/g, '_');
}

/** `bpf_map__reuse_fd`, once the map is known to be of the same kind (`map_is_reuse_compat`). */
function reuse(host: LoaderHost, spec: MapSpec, wanted: MapAttributes, fd: number): ObjectMap {
  const found = { ...opened(host, spec, fd), isReused: true };
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

function opened({ files }: LoaderHost, spec: MapSpec, fd: number): OwnMap {
  const file = files.map(fd);
  if (typeof file === 'number') throw new TypeError(`map ${spec.name}: descriptor ${fd} is no map`);
  return { spec, fd, map: file.map, isReused: false };
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
