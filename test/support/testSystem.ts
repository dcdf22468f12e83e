import { System, type SystemOptions } from '../../src/machine/system.js';

/** A small machine: two CPUs, Linux 6.18, a clock that stands still. */
export function testSystem(options: Partial<SystemOptions> = {}): System {
  return new System({ kernel: 618, nrCpus: 2, arenaBytes: 2 ** 27, nowNs: () => 0, ...options });
}

/** Little-endian bytes of u32 values: keys and values of maps. */
export function u32s(...values: readonly number[]): Uint8Array {
  return new Uint8Array(Uint32Array.from(values).buffer);
}
