import type { PoolFrames } from '../machine/system.js';
import type { Experiment } from './redirectTrace.js';

/** Less than what any frame of the emulator holds. */
const PIECE_BYTES = 3072;
/** Copies that a far end on another thread has taken off its ring and not given back yet: a step's and a bulk's. */
const IN_HAND = 64 + 16;
/** DEV_MAP_BULK_SIZE. */
const DEV_MAP_BULK_SIZE = 16;

/**
 * Enough frames for an experiment, and not many more: each costs a page. The kernel has no such limit, so running out
 * would show as an error that it never had.
 */
export function poolFramesOf({ cpus, devices, maps, frames, script }: Experiment): PoolFrames {
  const pieces = script.map(({ len, frags }) => {
    return Math.ceil((len ?? frames.length) / PIECE_BYTES) + (frags ? 1 : 0);
  });
  const targets = maps.map(({ type, entries }) => (type.startsWith('devmap') ? entries.length : 0));
  const copies = script.length * Math.max(0, ...targets);
  // Copies are only ever on their way to a device.
  const onDevices = devices.map(({ xmit }) => (xmit?.ring ?? 0) + cpus * DEV_MAP_BULK_SIZE);
  const copied = 1 + Math.min(copies, sum(onDevices) + IN_HAND);
  return { control: 1 + sum(pieces), receive: copied, cpumap: copied, socket: 1 };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
