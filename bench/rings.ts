/**
 * The data plane's rings beside npm's ringbuf.js (the baseline): u32 values in bulks of 1 to 64, on one thread and from
 * one thread to another. The sum of what came out is checked.
 *
 *     node dist/bench/rings.js [--smoke] [--json]
 */
import { fileURLToPath } from 'node:url';
import { Piscina } from 'piscina';
import { createRing, openRing, RING_KINDS, type RingKind } from './support/ringSides.js';
import type { RingThreadResult, RingThreadTask } from './support/ringThreads.js';
import {
  benchOptions,
  pairedRounds,
  printRows,
  type Row,
  type Sample,
  type Subject,
} from './support/rounds.js';

const { smoke, json } = benchOptions();
const BULKS = [1, 8, 16, 64];
const ROUNDS = smoke ? 1 : 15;
/** Values that go through a ring in one run. */
const COUNT = smoke ? 20_000 : 500_000;
const SUM = (COUNT * (COUNT + 1)) / 2;

/** Puts a bulk in and takes it out again, until all values have been through. */
function oneThread(kind: RingKind, bulk: number): Subject {
  const ring = createRing(kind);
  const [producer, consumer] = [openRing(ring, 1), openRing(ring, 2)];
  return {
    name: kind,
    run(): Sample {
      const start = process.hrtime.bigint();
      let result = 0;
      for (let done = 0; done < COUNT; done += bulk) {
        const n = Math.min(bulk, COUNT - done);
        for (let i = 0; i < n; i++) producer.values[i] = done + i + 1;
        producer.push(n);
        const taken = consumer.pop(n);
        for (let i = 0; i < taken; i++) result += consumer.values[i]!;
      }
      return { ns: Number(process.hrtime.bigint() - start) / COUNT, result };
    },
  };
}

function twoThreads(pool: Piscina, kind: RingKind, bulk: number): Subject {
  const ring = createRing(kind);
  const task: RingThreadTask = { ring, bulk, count: COUNT };
  return {
    name: kind,
    async run(): Promise<Sample> {
      const [producer, consumer] = (await Promise.all([
        pool.run(task, { name: 'produce' }),
        pool.run(task, { name: 'consume' }),
      ])) as [RingThreadResult, RingThreadResult];
      const bothRanNs = consumer.endNs - Math.max(producer.startNs, consumer.startNs);
      return { ns: bothRanNs / COUNT, result: consumer.sum };
    },
  };
}

interface Table {
  readonly threads: 1 | 2;
  readonly bulk: number;
  readonly rows: readonly Row[];
}

async function measure(threads: 1 | 2, bulk: number, pool: Piscina): Promise<Table> {
  const subjects = RING_KINDS.map((kind) =>
    threads === 1 ? oneThread(kind, bulk) : twoThreads(pool, kind, bulk),
  );
  const rows = await pairedRounds(subjects, ROUNDS, SUM);
  if (!json) printRows(`${threads === 1 ? 'one thread' : 'two threads'}, bulks of ${bulk}`, rows);
  return { threads, bulk, rows };
}

const filename = fileURLToPath(new URL('./support/ringThreads.js', import.meta.url));
const pool = new Piscina({ filename, minThreads: 2, maxThreads: 2 });
const tables: Table[] = [];
for (const threads of [1, 2] as const)
  for (const bulk of BULKS) tables.push(await measure(threads, bulk, pool));
await pool.destroy();
if (json) console.log(JSON.stringify({ bench: 'rings', count: COUNT, sum: SUM, tables }));
