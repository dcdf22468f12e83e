import { parentPort, workerData } from 'node:worker_threads';
import { Arena } from '../../src/arena/arena.js';
import { instantiateDataPlane } from '../../src/arena/dataplane.js';
import type { MapTask, MapWorkerData } from './mapWorkers.js';

/** The worker's side of `MapWorkers`: calls helpers as a compiled program would, in the name of its context. */

const { memory, module, task, index, context, fault, scratch, map, count } =
  workerData as MapWorkerData;
const arena = new Arena(memory);
const dp = instantiateDataPlane(module, arena, () => 0);
dp.setCurrent(context);
dp.setFaultRecord(fault);

/** The data plane at the start of a run: what one run may do is limited. */
function run() {
  dp.workBegin();
  return dp;
}

const mapArgument = BigInt(map);
const at = BigInt(scratch);
const VALUE_OFFSET = 64;
const valueAt = BigInt(scratch + VALUE_OFFSET);
const WORDS = 8;

/** A record all of whose words are the same: a torn one is seen. */
function stamp(address: number, word: number): void {
  for (let i = 0; i < WORDS; i++) arena.setU32(address + 4 * i, word);
}

function stampOf(address: number): number {
  const word = arena.u32(address);
  for (let i = 1; i < WORDS; i++) if (arena.u32(address + 4 * i) !== word) return -1;
  return word;
}

/** Numbers of a worker go up, the worker's index is in the top byte. */
function numbered(i: number): number {
  return ((index << 24) | i) >>> 0;
}

function pushAll(): void {
  for (let i = 0; i < count; i++) {
    stamp(scratch, numbered(i));
    while (run().helperMapPushElem(mapArgument, at, 0n, 0n, 0n) !== 0n);
  }
}

function popAll(): number[] {
  const seen: number[] = [];
  while (seen.length < count) {
    if (run().helperMapPopElem(mapArgument, at, 0n, 0n, 0n) === 0n) seen.push(stampOf(scratch));
  }
  return seen;
}

/** Every third record is discarded. */
function writeRing(): void {
  for (let i = 0; i < count; i++) {
    const size = BigInt(4 * WORDS + (i % 5) * 8);
    let sample = 0n;
    while (sample === 0n) sample = run().helperRingbufReserve(mapArgument, size, 0n, 0n, 0n);
    stamp(Number(sample), numbered(i));
    if (i % 3 === 2) dp.helperRingbufDiscard(sample, 0n, 0n, 0n, 0n);
    else dp.helperRingbufSubmit(sample, 0n, 0n, 0n, 0n);
  }
}

/** Updates, uses and deletes of few keys; the errnos that came of it. */
function churnLru(): number[] {
  const errors = new Set<number>();
  for (let i = 0; i < count; i++) {
    const key = Number(run().helperGetPrandomU32(0n, 0n, 0n, 0n, 0n)) % 200;
    arena.setU32(scratch, key);
    stamp(scratch + VALUE_OFFSET, key);
    if (i % 4 === 3) run().helperMapDeleteElem(mapArgument, at, 0n, 0n, 0n);
    else if (i % 4 === 2) run().helperMapLookupElem(mapArgument, at, 0n, 0n, 0n);
    else errors.add(Number(run().helperMapUpdateElem(mapArgument, at, valueAt, 0n, 0n)));
  }
  return [...errors];
}

/** 10.0.0.0/8 is always there: how often a look-up below it found nothing. */
function lookUpPrefixes(): number {
  let misses = 0;
  for (let i = 0; i < count; i++) {
    arena.setU32(scratch, 32);
    arena.u8.set([10, i & 3, (i >> 2) & 3, (i >> 4) & 3], scratch + 4);
    if (run().helperMapLookupElem(mapArgument, at, 0n, 0n, 0n) === 0n) misses++;
  }
  return misses;
}

/** Adds and removes longer prefixes; the errnos that came of it. */
function churnPrefixes(): number[] {
  const errors = new Set<number>();
  for (let i = 0; i < count; i++) {
    const random = Number(run().helperGetPrandomU32(0n, 0n, 0n, 0n, 0n));
    arena.setU32(scratch, 9 + (random % 24));
    arena.u8.set([10, (random >> 8) & 3, (random >> 16) & 3, (random >> 24) & 3], scratch + 4);
    const result =
      i % 2 === 0
        ? run().helperMapUpdateElem(mapArgument, at, valueAt, 0n, 0n)
        : run().helperMapDeleteElem(mapArgument, at, 0n, 0n, 0n);
    errors.add(Number(result));
  }
  return [...errors];
}

const tasks: Readonly<Record<MapTask, () => unknown>> = {
  queuePush: pushAll,
  queuePop: popAll,
  ringbufWrite: writeRing,
  lruChurn: churnLru,
  lpmLookup: lookUpPrefixes,
  lpmChurn: churnPrefixes,
};
parentPort!.postMessage(tasks[task]());
