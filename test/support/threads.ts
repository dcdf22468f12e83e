import { Piscina } from 'piscina';

/** One function of a worker module, and its task. */
export interface ThreadTask {
  readonly name: string;
  readonly task: unknown;
}

/** Runs every task on a thread of its own, all at the same time; returns what they return, in order. */
export async function runThreads(
  filename: string,
  tasks: readonly ThreadTask[],
): Promise<unknown[]> {
  const pool = new Piscina({ filename, minThreads: tasks.length, maxThreads: tasks.length });
  try {
    return await Promise.all(tasks.map(({ name, task }) => pool.run(task, { name })));
  } finally {
    await pool.destroy();
  }
}
