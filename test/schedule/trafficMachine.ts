import { MapType, Packet } from '../../src/arena/layout.generated.js';
import type { DeviceSpec, NetDevice } from '../../src/machine/devices.js';
import type { ContextHandle } from '../../src/machine/kernel.js';
import type { System } from '../../src/machine/system.js';
import { ERRNO } from '../../src/maps/errno.js';
import { u32ToBytes } from '../../src/maps/kernelMap.js';
import { ATTACH_TYPE, type Program } from '../../src/maps/objects.js';
import type { MapDescription } from '../../src/program/mapRef.js';
import type { ExplorationProgram } from '../../src/schedule/exploration.js';

/** The machine of the explored tests: two receive contexts, the kthreads of one CPU, and the far end of two devices. */
export interface TrafficMachine {
  readonly maps: readonly MapDescription[];
  readonly cpus: TestMap;
  readonly devices: TestMap;
  /** Descriptor of the program for cpumap entries. */
  readonly onwardFd: number;
  /** Devices that receive, one for each of CPU 0 and 1; and two that transmit. */
  readonly inputs: readonly NetDevice[];
  readonly outputs: readonly NetDevice[];
  /** Puts a packet that starts with `bytes` on the receive queue of `inputs[input]`; false: no frame or no room. */
  inject(input: number, bytes: readonly number[]): boolean;
}

/** A map by the system calls. */
export interface TestMap {
  readonly fd: number;
  readonly address: number;
  update(key: number, ...value: number[]): void;
  delete(key: number): void;
}

export const trafficContexts = 4;
/** The receive contexts' numbers in the schedule. */
export const RECEIVERS: readonly number[] = [1, 2];
/** The CPU whose kthreads serve the cpumap. */
export const KTHREAD_CPU = 2;
export const NR_CPUS = 3;

const programsUrl = new URL('./programs.js', import.meta.url).href;
export const trafficPrograms: readonly ExplorationProgram[] = [
  {
    name: 'steer',
    url: programsUrl,
    exportName: 'steer',
    expectedAttachType: ATTACH_TYPE.XDP,
    hasFrags: false,
  },
  {
    name: 'onward',
    url: programsUrl,
    exportName: 'onward',
    expectedAttachType: ATTACH_TYPE.XDP_CPUMAP,
    hasFrags: false,
  },
];

const PACKET_BYTES = 64;
const RX_SLOTS = 16;
/** Few, so that they run full. */
const WIRE_SLOTS = 8;

export function buildTrafficMachine(
  system: System,
  [steer, onward]: readonly Program[],
  devmapType: typeof MapType.DEVMAP | typeof MapType.DEVMAP_HASH = MapType.DEVMAP,
): TrafficMachine {
  const inputs = [0, 1].map((cpu) =>
    system.addDevice(deviceSpec(1 + cpu, { rxContexts: [system.receiveContext(cpu)] })),
  );
  system.cpumapContext(KTHREAD_CPU);
  const wireContext = system.deviceContext();
  const outputs = [3, 4].map((ifindex) =>
    system.addDevice(deviceSpec(ifindex, { wires: 1, wireContext })),
  );
  for (const input of inputs) system.devices.setProgram(input, steer!.address);
  const cpus = createMap(system, MapType.CPUMAP, 4);
  const devices = createMap(system, devmapType, 2);
  return {
    maps: [
      { name: 'cpus', address: cpus.address },
      { name: 'devices', address: devices.address },
    ],
    cpus,
    devices,
    onwardFd: system.files.open({ kind: 'program', program: onward! }),
    inputs,
    outputs,
    inject: injector(system, inputs),
  };
}

export function deviceSpec(
  ifindex: number,
  ports: { rxContexts?: ContextHandle[]; wires?: number; wireContext?: ContextHandle },
): DeviceSpec {
  return {
    name: `eth${ifindex}`,
    ifindex,
    up: true,
    mtu: 1500,
    ndoXdpXmit: true,
    ndoXdpXmitSg: true,
    hasNdo: true,
    rxSg: false,
    mode: 'native',
    rxContexts: [],
    rxSlots: RX_SLOTS,
    needsFlush: false,
    wires: 0,
    wireSlots: WIRE_SLOTS,
    xmitError: 0,
    xmitMaxLength: 0,
    ...ports,
  };
}

export function createMap(
  { bpf, files }: System,
  type: number,
  maxEntries: number,
  valueSize = 8,
): TestMap {
  const fd = bpf.mapCreate({ type, keySize: 4, valueSize, maxEntries, mapFlags: 0 });
  const file = files.map(fd);
  if (typeof file === 'number') throw new RangeError(`map type ${type}: errno ${-file}`);
  return {
    fd,
    address: file.map.address,
    update: (key, ...value) =>
      succeed(bpf.mapUpdateElem(fd, u32ToBytes(key), u32ToBytes(value[0]!, value[1] ?? 0), 0n)),
    // A hash says that there is nothing to delete, an array does not.
    delete: (key) => succeed(bpf.mapDeleteElem(fd, u32ToBytes(key)), -ERRNO.ENOENT),
  };
}

function succeed(result: number, alsoGood = 0): void {
  if (result !== 0 && result !== alsoGood)
    throw new RangeError(`a system call failed: errno ${-result}`);
}

export function injector({ arena, dp, control }: System, inputs: readonly NetDevice[]) {
  const packet = arena.allocate(Packet.SIZE);
  const head = arena.allocate(PACKET_BYTES);
  arena.set(packet, Packet.head, head);
  arena.set(packet, Packet.headLength, PACKET_BYTES);
  arena.set(packet, Packet.length, PACKET_BYTES);
  let tag = 0;
  return (input: number, bytes: readonly number[]): boolean => {
    arena.u8.set(bytes, head);
    return dp.injectFrame(control.address, inputs[input]!.rxQueues[0]!, packet, ++tag, 0) === 0;
  };
}
