import fc from 'fast-check';
import type {
  CreateAttributes,
  Descriptor,
  DeviceDeclaration,
  MapOp,
  MapTraceHeader,
  ValueInput,
} from '../mapTrace.js';
import { choose, take } from './choose.js';
import {
  type DescriptorIntent,
  goodAttributes,
  type MapIntent,
  mapIntent,
  type ValueIntent,
} from './mapIntents.js';
import { DEVICE_GROUPS, INITIAL_DEVICES, MapWorld, PROGS, SOCKETS, STRAYS } from './mapWorld.js';

/** A map trace without its results. */
export interface MapTraceInput {
  readonly header: MapTraceHeader;
  readonly ops: readonly MapOp[];
}

function u32Hex(...values: readonly number[]): string {
  const bytes = values.flatMap((value) => [0, 8, 16, 24].map((shift) => (value >>> shift) & 255));
  return bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

function keyHex(key: number | null): string | null {
  return key === null ? null : u32Hex(key);
}

function chooseMap(
  world: MapWorld,
  { among, n }: DescriptorIntent,
): { readonly symbol: Descriptor; readonly attributes: CreateAttributes | undefined } {
  const declared = choose(world.maps, n);
  if (among === 'fit' && declared) return declared;
  return { symbol: choose(world.descriptorsOfNoMap(), n) ?? 'badfd', attributes: undefined };
}

function chooseProg(world: MapWorld, type: string, { among, n }: DescriptorIntent): Descriptor {
  if (among === 'any') return choose(world.descriptors(), n) ?? 'badfd';
  const name = type === 'cpumap' ? 'p_cpumap' : 'p_devmap';
  return choose<Descriptor>([0, name, -1, name, `${name}_frags`], n) ?? 0;
}

function chooseSocket(world: MapWorld, { among, n }: DescriptorIntent): Descriptor {
  const all = world.descriptors();
  return choose<Descriptor>(among === 'any' ? all : ['s0', 's1', 'n0'], n) ?? 'badfd';
}

/** A descriptor as bytes has to be a number that means the same everywhere. */
function strayNumber(n: number): number {
  return choose(
    STRAYS.filter((stray) => typeof stray === 'number'),
    n,
  ) as number;
}

/** The form that the map's type and value size ask for; any, where there is no such map. */
function makeValue(
  world: MapWorld,
  attributes: CreateAttributes | undefined,
  { form, qsize, ifindex, descriptor }: ValueIntent,
): ValueInput {
  if (form === 'null') return null;
  const { type = 'cpumap', valueSize = 4 } = attributes ?? {};
  const fd = strayNumber(descriptor.n);
  if (type === 'xskmap') {
    return form === 'raw' ? u32Hex(fd) : { socket: chooseSocket(world, descriptor) };
  }
  const first = type === 'cpumap' ? { qsize } : { ifindex };
  const number = type === 'cpumap' ? qsize : ifindex;
  if (form === 'raw') return valueSize === 8 ? u32Hex(number, fd) : u32Hex(number);
  return valueSize === 8 ? { ...first, prog: chooseProg(world, type, descriptor) } : first;
}

function makeBatch(world: MapWorld, intent: Extract<MapIntent, { op: 'batch' }>): MapOp {
  const { which, elemFlags, flags } = intent;
  const { symbol, attributes } = chooseMap(world, intent.map);
  const keys = intent.keys.map((key) => u32Hex(key));
  const common = { map: symbol, count: keys.length, elemFlags, flags };
  if (which === 'update_batch') {
    const value = makeValue(world, attributes, intent.value);
    return { op: which, keys, values: keys.map(() => value), ...common };
  }
  if (which === 'delete_batch') return { op: which, keys, ...common };
  return { op: which, ...(keys[0] !== undefined && { inBatch: keys[0] }), ...common };
}

/** Of a pair one end may be gone, or moved away. */
function unregister(world: MapWorld, n: number, moved: boolean): MapOp | undefined {
  const [, ...candidates] = world.devices;
  const device = choose(candidates, n);
  if (!device) return undefined;
  // A bridge cannot leave its namespace.
  const how = moved && device.kind === 'veth' ? { how: 'netns' as const } : {};
  const isGone = ({ ifindex }: DeviceDeclaration): boolean =>
    ifindex === device.ifindex || (!('how' in how) && ifindex === device.peer);
  const staying = world.devices.filter((each) => !isGone(each));
  world.devices.splice(0, world.devices.length, ...staying);
  return { op: 'unregister_device', ifindex: device.ifindex, ...how };
}

function register(world: MapWorld, n: number): MapOp | undefined {
  const present = new Set(world.devices.map(({ ifindex }) => ifindex));
  const absent = DEVICE_GROUPS.filter((group) =>
    group.every(({ ifindex }) => !present.has(ifindex)),
  );
  const devices = choose(absent, n);
  if (!devices) return undefined;
  world.devices.push(...devices);
  return { op: 'register_device', devices };
}

function close(
  world: MapWorld,
  op: 'close_map' | 'close_prog' | 'close_socket',
  n: number,
): MapOp | undefined {
  if (op === 'close_map') {
    const map = take(world.openMaps, n)?.symbol;
    return map === undefined ? undefined : { op, map };
  }
  if (op === 'close_prog') {
    const prog = take(world.openProgs, n);
    return prog === undefined ? undefined : { op, prog };
  }
  const socket = take(world.openSockets, n);
  return socket === undefined ? undefined : { op, socket };
}

function open(world: MapWorld, n: number, flags: number | string): MapOp | undefined {
  const map = choose(world.openMaps, n);
  if (!map) return undefined;
  const as = world.nextMapSymbol();
  world.maps.push({ symbol: as, attributes: map.attributes });
  return { op: 'open', map: map.symbol, as, flags };
}

function loadProg(
  world: MapWorld,
  { attach, frags, maps }: Extract<MapIntent, { op: 'load_prog' }>,
): MapOp | undefined {
  const symbols = maps.map((n) => choose(world.openMaps, n)?.symbol);
  const known = symbols.filter((symbol) => symbol !== undefined);
  if (known.length === 0) return undefined;
  world.loaded++;
  const prog = `q${world.loaded}`;
  world.progs.push(prog);
  return { op: 'load_prog', prog, progId: 200 + world.loaded, attach, frags, maps: known };
}

/** The operation that an intent comes to; undefined where there is nothing to do it to. */
function makeOp(world: MapWorld, intent: MapIntent): MapOp | undefined {
  switch (intent.op) {
    case 'create': {
      const map = world.nextMapSymbol();
      world.maps.push({ symbol: map, attributes: intent.attributes });
      return { op: 'create', map, ...intent.attributes };
    }
    case 'update': {
      const { symbol, attributes } = chooseMap(world, intent.map);
      const value = makeValue(world, attributes, intent.value);
      return { op: 'update', map: symbol, key: keyHex(intent.key), value, flags: intent.flags };
    }
    case 'lookup':
    case 'lookup_and_delete': {
      const { op, flags } = intent;
      return { op, map: chooseMap(world, intent.map).symbol, key: keyHex(intent.key), flags };
    }
    case 'delete':
    case 'next_key': {
      const { op } = intent;
      return { op, map: chooseMap(world, intent.map).symbol, key: keyHex(intent.key) };
    }
    case 'batch':
      return makeBatch(world, intent);
    case 'freeze':
      return { op: 'freeze', map: chooseMap(world, intent.map).symbol };
    case 'info':
      // A program's or socket's information is nothing that the format can hold.
      return { op: 'info', map: chooseMap(world, { ...intent.map, among: 'fit' }).symbol };
    case 'open':
      return open(world, intent.map, intent.flags);
    case 'load_prog':
      return loadProg(world, intent);
    case 'close_map':
    case 'close_prog':
    case 'close_socket':
      return close(world, intent.op, intent.n);
    case 'unregister_device':
      return unregister(world, intent.n, intent.moved);
    case 'register_device':
      return register(world, intent.n);
    case 'set_device': {
      const ifindex = choose(world.devices.slice(1), intent.n)?.ifindex;
      return ifindex === undefined ? undefined : { op: 'set_device', ifindex, up: intent.up };
    }
  }
}

function makeHeader(ops: readonly MapOp[], types: readonly string[]): MapTraceHeader {
  return {
    format: 'xdp-map-trace',
    version: 1,
    title: 'generated',
    theme: 'random',
    kernel: '6.18',
    machine: 'x86_64, little-endian',
    seed: 0,
    possibleCpus: 2,
    nrCpus: 256,
    ops: ops.length,
    opKinds: [...new Set(ops.map(({ op }) => op))].sort(),
    mapTypes: [...new Set(types)].sort(),
    devices: INITIAL_DEVICES,
    progs: PROGS,
    sockets: SOCKETS,
  };
}

function makeTrace(
  maps: readonly CreateAttributes[],
  intents: readonly MapIntent[],
): MapTraceInput {
  const world = new MapWorld();
  const creates = maps.map((attributes): MapOp => {
    const symbol = world.nextMapSymbol();
    world.maps.push({ symbol, attributes });
    world.openMaps.push({ symbol, attributes });
    return { op: 'create', map: symbol, ...attributes };
  });
  const others = intents.map((intent) => makeOp(world, intent)).filter((op) => op !== undefined);
  const ops = [...creates, ...others];
  const types = world.maps.map(({ attributes }) => attributes.type);
  return { header: makeHeader(ops, types), ops };
}

/** Map traces without results, of the kind of the recordings' `random-*` files. Each shrinks to fewer operations. */
export function mapTraceInputs(
  constraints: { readonly maxOps?: number } = {},
): fc.Arbitrary<MapTraceInput> {
  const { maxOps = 150 } = constraints;
  const maps = fc.array(goodAttributes, { minLength: 1, maxLength: 4 });
  const intents = fc.array(mapIntent, { maxLength: maxOps, size: 'max' });
  return fc.tuple(maps, intents).map(([good, rest]) => makeTrace(good, rest));
}
