import { MapType } from '../arena/layout.generated.js';
import type { KernelVersion } from '../machine/kernel.js';
import { u32ToBytes } from '../maps/kernelMap.js';
import type { MapInfo } from '../maps/syscall.js';
import { toHex } from './fields.js';
import {
  MAP_TYPE_NAMES,
  type MapOperation,
  type MapResult,
  type MapTraceHeader,
  type ValueInput,
} from './mapTrace.js';
import { MapWorld } from './mapWorld.js';

type MapTypeName = (typeof MAP_TYPE_NAMES)[number];
type OperationOf<Op extends MapOperation['op']> = Extract<MapOperation, { op: Op }>;

const MAP_TYPES: Readonly<Record<MapTypeName, number>> = {
  cpumap: MapType.CPUMAP,
  devmap: MapType.DEVMAP,
  devmap_hash: MapType.DEVMAP_HASH,
  xskmap: MapType.XSKMAP,
};

/** Performs the operations in order on a fresh machine; what came of each, in the words of the format. */
export function replayMaps(
  header: MapTraceHeader,
  operations: readonly MapOperation[],
  kernel: KernelVersion,
): MapResult[] {
  const world = new MapWorld(header, kernel);
  return operations.map((operation) => perform(world, operation));
}

function perform(world: MapWorld, operation: MapOperation): MapResult {
  const { bpf } = world.system;
  const fd = 'map' in operation ? world.descriptors.number(operation.map) : -1;
  switch (operation.op) {
    case 'create':
      return create(world, operation);
    case 'update': {
      const { key, value, flags } = operation;
      return errnoOf(bpf.mapUpdateElem(fd, key, encodeValue(world, value), flags));
    }
    case 'lookup': {
      const { key, flags, nullValue } = operation;
      return withValue(bpf.mapLookupElem(fd, key, flags, !nullValue));
    }
    case 'delete':
      return errnoOf(bpf.mapDeleteElem(fd, operation.key));
    case 'next_key': {
      const next = bpf.mapGetNextKey(fd, operation.key);
      return typeof next === 'number' ? errnoOf(next) : { errno: 0, next: toHex(next) };
    }
    case 'lookup_and_delete':
      return withValue(bpf.mapLookupAndDeleteElem(fd, operation.key, operation.flags));
    case 'lookup_batch':
    case 'lookup_and_delete_batch':
    case 'update_batch':
    case 'delete_batch': {
      const command = BATCH_COMMANDS[operation.op];
      const { count } = operation;
      const result = bpf.mapBatch(fd, command, { count });
      return { ...errnoOf(result.err), countOut: result.count };
    }
    case 'freeze':
      return errnoOf(bpf.mapFreeze(fd));
    case 'info': {
      const info = bpf.mapInfo(fd);
      return typeof info === 'number' ? errnoOf(info) : { errno: 0, info: describe(info) };
    }
    case 'open':
      return open(world, operation);
    case 'load_prog':
      return errnoOf(world.loadProgram(operation));
    default:
      return changeWorld(world, operation);
  }
}

const BATCH_COMMANDS = {
  lookup_batch: 'lookup',
  lookup_and_delete_batch: 'lookup_and_delete',
  update_batch: 'update',
  delete_batch: 'delete',
} as const;

function create(world: MapWorld, operation: OperationOf<'create'>): MapResult {
  const { op: _, map, type, btfFd, ...attributes } = operation;
  const fd = world.system.bpf.mapCreate({
    ...attributes,
    type: MAP_TYPES[type],
    btfFd: world.descriptors.number(btfFd),
  });
  world.descriptors.set(map, fd);
  return errnoOf(fd);
}

/** A second descriptor of the same map, by the map's id. */
function open(world: MapWorld, { map, as, flags }: OperationOf<'open'>): MapResult {
  const { bpf, files } = world.system;
  const file = files.map(world.descriptors.number(map));
  const fd = bpf.mapGetFdById(typeof file === 'number' ? 0 : file.map.id, Number(flags));
  world.descriptors.set(as, fd);
  return errnoOf(fd);
}

/** What happens around the maps. */
function changeWorld(
  world: MapWorld,
  operation: OperationOf<
    | 'close_map'
    | 'close_prog'
    | 'close_socket'
    | 'unregister_device'
    | 'register_device'
    | 'set_device'
  >,
): MapResult {
  switch (operation.op) {
    case 'close_map':
      world.close(operation.map);
      return {};
    case 'close_prog':
      world.close(operation.prog);
      return {};
    case 'close_socket':
      world.close(operation.socket);
      return {};
    case 'unregister_device': {
      const left = world.unregister(operation.ifindex, operation.how === 'netns');
      return { removed: left.map(({ ifindex }) => ifindex) };
    }
    case 'register_device':
      world.register(operation.devices);
      return {};
    case 'set_device':
      world.setUp(operation.ifindex, operation.up);
      return {};
  }
}

/** The bytes that user space would pass. */
function encodeValue({ descriptors }: MapWorld, value: ValueInput): Uint8Array | null {
  if (value === null || value instanceof Uint8Array) return value;
  if ('socket' in value) return u32ToBytes(descriptors.number(value.socket));
  const first = 'qsize' in value ? value.qsize : value.ifindex;
  return value.prog === undefined
    ? u32ToBytes(first)
    : u32ToBytes(first, descriptors.number(value.prog));
}

/** `result`: 0 or a descriptor, or a negative errno. */
function errnoOf(result: number): MapResult {
  return { errno: result < 0 ? -result : 0 };
}

function withValue(value: Uint8Array | number): MapResult {
  return typeof value === 'number' ? errnoOf(value) : { errno: 0, value: { raw: toHex(value) } };
}

function describe({ id: _, type, ...info }: MapInfo): Record<string, unknown> {
  return { type: MAP_TYPE_NAMES.find((name) => MAP_TYPES[name] === type), ...info };
}
