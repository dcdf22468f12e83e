import {
  Context,
  ContextKind,
  MACHINE_ADDRESS,
  Machine as MachineStruct,
  MapType,
} from '../arena/layout.generated.js';
import { BpfError, ERRNO, type ErrnoName } from '../maps/errno.js';
import { BPF_F_NO_PREALLOC } from '../maps/mapFlags.js';
import { ATTACH_TYPE } from '../maps/objects.js';
import type { ObjectFiles } from '../program/ebpf/objectFile.js';
import { ProgramLoadError } from '../program/loadError.js';
import { formatPath } from '../scenario/error.js';
import { bytesOfHex } from '../scenario/hex.js';
import type {
  MapSpec,
  Scenario,
  DeviceSpec as ScenarioDevice,
  SocketSpec,
} from '../scenario/scenario.js';
import type { NetDevice } from './devices.js';
import { entryRefusal } from './entryRefusal.js';
import type { ContextHandle } from './kernel.js';
import type { LoadedProgram } from './loadedProgram.js';
import { MapHandle, type MapValueInput, type ObjectNames } from './mapHandle.js';
import { MachineObjects } from './objects.js';
import {
  longestFrame,
  PRINT_BYTES_PER_FRAME,
  recordBytesPerFrame,
  traceRingBytes,
} from './recordRoom.js';
import { addRoutes } from './routes.js';
import { SocketFiles } from './socketFiles.js';
import type { XskSocket } from './sockets.js';
import { System, type SystemOptions } from './system.js';
import { XdpAttachment } from './xdpAttachment.js';

/** Slots of a receive queue's ring: a NIC's, and a veth's (VETH_RING_SIZE). */
const NIC_RX_SLOTS = 4096;
const VETH_RX_SLOTS = 256;
/** What a kernel before 6.3 says of a veth whose peer cannot receive: only its ndo_xdp_xmit knows. */
const PEER_CANNOT_RECEIVE = ERRNO.ENXIO;

const mapTypes = {
  array: MapType.ARRAY,
  hash: MapType.HASH,
  percpu_array: MapType.PERCPU_ARRAY,
  percpu_hash: MapType.PERCPU_HASH,
  cpumap: MapType.CPUMAP,
  devmap: MapType.DEVMAP,
  devmap_hash: MapType.DEVMAP_HASH,
  xskmap: MapType.XSKMAP,
  lru_hash: MapType.LRU_HASH,
  lru_percpu_hash: MapType.LRU_PERCPU_HASH,
  lpm_trie: MapType.LPM_TRIE,
  queue: MapType.QUEUE,
  stack: MapType.STACK,
  bloom_filter: MapType.BLOOM_FILTER,
  ringbuf: MapType.RINGBUF,
  perf_event_array: MapType.PERF_EVENT_ARRAY,
  prog_array: MapType.PROG_ARRAY,
  array_of_maps: MapType.ARRAY_OF_MAPS,
  hash_of_maps: MapType.HASH_OF_MAPS,
} as const;

const KEYLESS_TYPES: ReadonlySet<MapSpec['type']> = new Set([
  'queue',
  'stack',
  'bloom_filter',
  'ringbuf',
]);

const attachTypes = {
  xdp: ATTACH_TYPE.XDP,
  'xdp/cpumap': ATTACH_TYPE.XDP_CPUMAP,
  'xdp/devmap': ATTACH_TYPE.XDP_DEVMAP,
} as const;

/** A scenario's system and its objects by name. */
export interface Assembly {
  readonly system: System;
  readonly objects: MachineObjects;
  readonly programs: ReadonlyMap<string, LoadedProgram>;
  readonly attachment: XdpAttachment;
  readonly maps: ReadonlyMap<string, MapHandle>;
  readonly socketFiles: SocketFiles;
  readonly names: ObjectNames;
}

/**
 * Makes everything that the scenario names. Throws `BpfError` where the kernel would refuse a map or an entry,
 * `ProgramLoadError` where an eBPF object cannot be used.
 */
export function assemble(
  scenario: Scenario,
  files: ObjectFiles,
  options: Omit<SystemOptions, 'kernel' | 'nrCpus'>,
): Assembly {
  const system = new System({
    seed: scenario.seed,
    ...options,
    kernel: scenario.kernel === '6.1' ? 601 : 618,
    nrCpus: scenario.cpus,
  });
  system.arena.set(MACHINE_ADDRESS, MachineStruct.checked, scenario.checked ? 1 : 0);
  const programs = addPrograms(system, scenario);
  for (const device of scenario.devices) addDevice(system, device);
  for (const device of scenario.devices) linkPeer(system, device);
  addRoutes(system, scenario.routes, scenario.neighbours);
  const socketFiles = addSockets(system, scenario.sockets);
  const names = objectNames(system, programs, socketFiles);
  const objects = new MachineObjects(system, scenario, files);
  objects.fillProgramArrays((program) => programs.get(program)!.fd);
  const maps = new Map<string, MapHandle>();
  for (const [name, fd] of objects.mapFds)
    maps.set(name, new MapHandle(name, fd, system.bpf, system.files, names));
  for (const [name, spec] of Object.entries(scenario.maps)) {
    const map = maps.get(name) ?? createMap(system, name, spec, names);
    fillMap(name, map, spec, system.nrCpus);
    maps.set(name, map);
  }
  const attachment = new XdpAttachment(system, scenario.devices, programs);
  for (const [index, { name, program }] of scenario.devices.entries()) {
    if (program === undefined) continue;
    const where = formatPath(['devices', index, 'program']);
    attachment.attachFirst(system.devices.byName(name)!, program, where);
  }
  return { system, objects, programs, attachment, maps, socketFiles, names };
}

function addPrograms(system: System, { programs }: Scenario): Map<string, LoadedProgram> {
  const loaded = new Map<string, LoadedProgram>();
  for (const [name, { attach, frags }] of Object.entries(programs)) {
    const program = system.addProgram({
      name,
      expectedAttachType: attachTypes[attach],
      hasFrags: frags,
    });
    loaded.set(name, { program, fd: system.files.open({ kind: 'program', program }) });
  }
  return loaded;
}

function addDevice(system: System, spec: ScenarioDevice): NetDevice {
  const { features } = spec;
  const isVeth = spec.kind === 'veth';
  const isOldVeth = isVeth && !features.ndoXdpXmit && system.kernel.version < 603;
  const wires = isVeth || spec.kind === 'dummy' ? 0 : spec.txQueues;
  return system.addDevice({
    name: spec.name,
    ifindex: spec.ifindex,
    up: spec.up,
    mtu: spec.mtu,
    ...features,
    hasNdo: spec.kind !== 'dummy' && (isVeth || features.ndoXdpXmit),
    mode: spec.mode,
    rxContexts: spec.cpus.map((cpu) => system.receiveContext(cpu)),
    rxSlots: isVeth ? VETH_RX_SLOTS : NIC_RX_SLOTS,
    needsFlush: spec.drain === 'flush',
    wires,
    wireSlots: spec.ring,
    ...(wires > 0 && { wireContext: system.deviceContext() }),
    xmitError: errnoOf(spec.xmitError) || (isOldVeth ? PEER_CANNOT_RECEIVE : 0),
    xmitMaxLength: spec.xmitMaxLength ?? 0,
  });
}

function errnoOf(name: string | undefined): number {
  return name === undefined ? 0 : ERRNO[name as ErrnoName];
}

function linkPeer(system: System, { name, peer }: ScenarioDevice): void {
  if (peer === undefined) return;
  system.devices.linkPeer(system.devices.byName(name)!, system.devices.byName(peer)!);
}

function addSockets(system: System, specs: readonly SocketSpec[]): SocketFiles {
  const socketFiles = new SocketFiles(system.files);
  const made = new Map<string, XskSocket>();
  // A socket that shares a UMEM comes after the one that has it.
  const inOrder = [...specs].sort(
    (a, b) => Number(a.sharedUmem !== undefined) - Number(b.sharedUmem !== undefined),
  );
  for (const spec of inOrder) {
    const shared = spec.sharedUmem === undefined ? undefined : made.get(spec.sharedUmem);
    const socket = system.addSocket({
      ...spec,
      device: system.devices.byName(spec.device),
      context: system.socketContext(),
      ...(shared && { shared }),
    });
    made.set(spec.name, socket);
    socketFiles.open(socket);
  }
  return socketFiles;
}

function createMap(system: System, name: string, spec: MapSpec, names: ObjectNames): MapHandle {
  if (spec.type === 'array_of_maps' || spec.type === 'hash_of_maps') {
    throw new ProgramLoadError(
      `map ${name} (${spec.type}): expected an eBPF object with a map of that name, which says what its maps are like`,
    );
  }
  const fd = system.bpf.mapCreate({
    type: mapTypes[spec.type],
    keySize: 'keySize' in spec ? spec.keySize : KEYLESS_TYPES.has(spec.type) ? 0 : 4,
    valueSize: 'valueSize' in spec ? spec.valueSize : spec.type === 'ringbuf' ? 0 : 4,
    maxEntries: spec.maxEntries,
    // The kernel has no other tries.
    mapFlags: spec.type === 'lpm_trie' ? BPF_F_NO_PREALLOC : 0,
    // Scenario names may be longer than the kernel's.
    name: name.slice(0, 15).replace(/[^A-Za-z0-9_.]/g, '_'),
  });
  if (fd < 0)
    throw new BpfError(
      fd,
      'BPF_MAP_CREATE',
      `map ${name} (${spec.type}, ${spec.maxEntries} entries)`,
    );
  return new MapHandle(name, fd, system.bpf, system.files, names);
}

/** Writes the entries that the scenario gives a map. */
function fillMap(name: string, map: MapHandle, spec: MapSpec, nrCpus: number): void {
  if (!('entries' in spec)) return;
  for (const [index, entry] of spec.entries.entries()) {
    const key = 'key' in entry ? entry.key : undefined;
    try {
      if (key === undefined) map.update(new Uint8Array(0), bytesOf(entry));
      else if (typeof key === 'string')
        map.update(bytesOfHex(key), perCpu(spec, bytesOf(entry), nrCpus));
      else map.update(key, entry as MapValueInput);
    } catch (error) {
      if (!(error instanceof BpfError)) throw error;
      throw entryRefusal(error, { map: name, spec, index, key, nrCpus });
    }
  }
}

function bytesOf(entry: object): Uint8Array {
  return bytesOfHex((entry as { readonly value: string }).value);
}

/** An entry of a per-CPU map in a scenario is the value of every CPU. */
function perCpu({ type }: MapSpec, value: Uint8Array, nrCpus: number): Uint8Array {
  if (type !== 'percpu_array' && type !== 'percpu_hash' && type !== 'lru_percpu_hash') return value;
  const stride = Math.ceil(value.length / 8) * 8;
  const values = new Uint8Array(stride * nrCpus);
  for (let cpu = 0; cpu < nrCpus; cpu++) values.set(value, cpu * stride);
  return values;
}

function objectNames(
  system: System,
  programs: ReadonlyMap<string, LoadedProgram>,
  socketFiles: SocketFiles,
): ObjectNames {
  const known = <T>(value: T | undefined, what: string): T => {
    if (value === undefined) throw new RangeError(`the machine has no ${what}`);
    return value;
  };
  return {
    programFd: (name) => known(programs.get(name), `program ${name}`).fd,
    socketFd: (name) => known(socketFiles.fdOf(name), `socket ${name}`),
    ifindex: (name) => known(system.devices.byName(name), `device ${name}`).ifindex,
    deviceName: (ifindex) => system.devices.byIfindex(ifindex)?.name ?? `ifindex ${ifindex}`,
    programName: (id) =>
      [...programs].find(([, { program }]) => program.id === id)?.[0] ?? `id ${id}`,
  };
}

/** Sets up recording on a system: `Recording`'s bits from the start, and room for those that may come. */
export function startRecording(
  system: System,
  scenario: Scenario,
  bits: number,
  withStages: boolean,
  withPrints: boolean,
): void {
  const { arena } = system;
  arena.set(MACHINE_ADDRESS, MachineStruct.snapLength, longestFrame(scenario));
  const printBytes = withPrints ? PRINT_BYTES_PER_FRAME : 0;
  arena.set(MACHINE_ADDRESS, MachineStruct.printBytesPerFrame, printBytes);
  for (const context of system.kernel.contexts) addTraceRing(system, scenario, context, withStages);
  setRecording(system, scenario, bits);
}

/** What is recorded from now on. */
export function setRecording({ arena, kernel }: System, scenario: Scenario, bits: number): void {
  const perFrame = recordBytesPerFrame(scenario, bits);
  arena.storeShared(MACHINE_ADDRESS, MachineStruct.recordBytesPerFrame, perFrame);
  kernel.setRecording(bits);
}

/** Gives a context a trace ring, unless it has one. */
export function addTraceRing(
  { arena, kernel }: System,
  scenario: Scenario,
  context: ContextHandle,
  withStages: boolean,
): void {
  if (arena.get(context.address, Context.trace) !== 0) return;
  const printBytes = arena.get(MACHINE_ADDRESS, MachineStruct.printBytesPerFrame);
  kernel.addTraceRing(context, traceRingBytes(scenario, withStages, printBytes));
}

/** Contexts that need a worker. */
export function workerContexts({ kernel }: System) {
  return kernel.contexts.filter(({ kind }) => kind !== ContextKind.CONTROL);
}
