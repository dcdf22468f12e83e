/** Thread bodies of `bench/rings.ts`. */

import { Arena } from '../../src/arena/arena.js';
import { openRing, type SharedRing } from './ringSides.js';

export interface RingThreadTask {
  readonly ring: SharedRing;
  readonly bulk: number;
  /** Values 1 .. count go through. */
  readonly count: number;
}

/** When the thread began and ended (`process.hrtime`, the same clock on all), and what the values that it took add up to. */
export interface RingThreadResult {
  readonly startNs: number;
  readonly endNs: number;
  readonly sum: number;
}

function nowNs(): number {
  return Number(process.hrtime.bigint());
}

/** Looks before a thread gives up its core: the other side may need it. */
const POLLS = 2000;
/** A word of the arena that nobody writes: to sleep on. */
const IDLE_ADDRESS = 64;
const SLEEP_MS = 0.05;

function sleeper(memory: WebAssembly.Memory): (moved: number) => void {
  const arena = new Arena(memory);
  let idle = 0;
  return (moved) => {
    idle = moved === 0 ? idle + 1 : 0;
    if (idle % POLLS === POLLS - 1) arena.waitAt(IDLE_ADDRESS, 0, SLEEP_MS);
  };
}

export function produce({ ring, bulk, count }: RingThreadTask): RingThreadResult {
  const side = openRing(ring, 1);
  const sleepIfIdle = sleeper(ring.memory);
  const startNs = nowNs();
  for (let done = 0; done < count; ) {
    const n = Math.min(bulk, count - done);
    for (let i = 0; i < n; i++) side.values[i] = done + i + 1;
    const pushed = side.push(n);
    done += pushed;
    sleepIfIdle(pushed);
  }
  return { startNs, endNs: nowNs(), sum: 0 };
}

export function consume({ ring, bulk, count }: RingThreadTask): RingThreadResult {
  const side = openRing(ring, 2);
  const sleepIfIdle = sleeper(ring.memory);
  const startNs = nowNs();
  let sum = 0;
  for (let done = 0; done < count; ) {
    const n = side.pop(bulk);
    for (let i = 0; i < n; i++) sum += side.values[i]!;
    done += n;
    sleepIfIdle(n);
  }
  return { startNs, endNs: nowNs(), sum };
}
