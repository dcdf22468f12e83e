import { System } from '../../src/machine/system.js';
import type { MapAttributes } from '../../src/maps/kernelMap.js';
import type { BpfSyscalls } from '../../src/maps/syscall.js';

/** The map system calls of a new machine with 2 CPUs. */
export function newSystem(): System {
  return new System({ kernel: 618, nrCpus: 2, nowNs: () => 0 });
}

/** A map whose system calls take and give numbers: keys and values are u32. */
export class NumberMap {
  readonly fd: number;
  readonly #bpf: BpfSyscalls;

  constructor(system: System, attributes: Partial<MapAttributes> & Pick<MapAttributes, 'type'>) {
    this.#bpf = system.bpf;
    this.fd = system.bpf.mapCreate({
      keySize: 4,
      valueSize: 4,
      maxEntries: 4,
      mapFlags: 0,
      ...attributes,
    });
    if (this.fd < 0) throw new RangeError(`BPF_MAP_CREATE: ${this.fd}`);
  }

  update(key: number | null, value: number, flags = 0): number {
    return this.#bpf.mapUpdateElem(this.fd, bytes(key), u32(value), BigInt(flags));
  }

  /** The value, or a negative errno. */
  lookup(key: number | null): number {
    return number(this.#bpf.mapLookupElem(this.fd, bytes(key), 0n));
  }

  lookupAndDelete(key: number | null): number {
    return number(this.#bpf.mapLookupAndDeleteElem(this.fd, bytes(key), 0n));
  }

  delete(key: number | null): number {
    return this.#bpf.mapDeleteElem(this.fd, bytes(key));
  }

  nextKey(key: number | null): number {
    return number(this.#bpf.mapGetNextKey(this.fd, bytes(key)));
  }

  keys(): number[] {
    const keys: number[] = [];
    for (let key = this.nextKey(null); key >= 0; key = this.nextKey(key)) keys.push(key);
    return keys;
  }
}

export function u32(value: number): Uint8Array {
  return new Uint8Array(Uint32Array.of(value).buffer);
}

function bytes(key: number | null): Uint8Array | null {
  return key === null ? null : u32(key);
}

function number(value: Uint8Array | number): number {
  if (typeof value === 'number') return value;
  return new DataView(value.buffer, value.byteOffset).getUint32(0, true);
}
