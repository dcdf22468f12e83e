import type { Descriptor, MapTraceHeader } from '../mapTrace.js';
import { type BpfMap, type Device, deviceOf, type OpenFile } from './objects.js';

/** What the map system calls act upon. */
export interface Kernel {
  readonly possibleCpus: number;
  /** `NR_CPUS`. */
  readonly nrCpus: number;
  /** The devices of the caller's network namespace. */
  readonly devices: Map<number, Device>;
  /** Open descriptors by symbol. */
  readonly files: Map<string, OpenFile>;
  readonly maps: Set<BpfMap>;
}

export function bootKernel(header: MapTraceHeader): Kernel {
  const files = new Map<string, OpenFile>([['file', { kind: 'file' }]]);
  for (const { id, progId, attach, frags } of header.progs) {
    files.set(id, { kind: 'prog', id, progId, attach, frags });
  }
  for (const { id, kind } of header.sockets) files.set(id, { kind: 'socket', family: kind });
  return {
    possibleCpus: header.possibleCpus,
    nrCpus: header.nrCpus,
    devices: new Map(header.devices.map((device) => [device.ifindex, deviceOf(device)])),
    files,
    maps: new Set(),
  };
}

/** What a descriptor refers to, if it is open. Descriptor 0 is open, and a plain file; no other number is open. */
export function fileOf(kernel: Kernel, descriptor: Descriptor): OpenFile | undefined {
  if (typeof descriptor === 'number') return descriptor === 0 ? { kind: 'file' } : undefined;
  return kernel.files.get(descriptor);
}
