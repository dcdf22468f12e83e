import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import { Arena } from '../arena/arena.js';
import { type DataPlane, instantiateDataPlane } from '../arena/dataplane.js';
import { Context, ContextWake } from '../arena/layout.generated.js';
import { ProgramHost } from '../program/host.js';
import type { ExploredMessage, ExploredTask, RunSetup } from './exploredTask.js';
import { SeededRandom } from './seededRandom.js';
import { WorkerTurns } from './workerTurns.js';

/**
 * The life of an explored worker: it runs one context of each run, and only while it holds the baton. It ends with its
 * thread.
 */
export async function serveRuns(task: ExploredTask): Promise<never> {
  const turns = new WorkerTurns(task.schedule, task.me, (words) => new SeededRandom(words));
  const arena = new Arena(task.memory, turns.point);
  const dp = instantiateDataPlane(task.module, arena, () => turns.now, turns.point);
  const host = new ProgramHost(arena, dp, task.hostMemory, ({ program, message, at }) => {
    throw new Error(`program ${program}: ${message}${at === undefined ? '' : ` (${at})`}`);
  });
  for (const program of task.programs) await host.add(program);
  post(task.port, { kind: 'ready' });
  for (;;) {
    turns.awaitRun();
    try {
      const setup = newestSetup(task.port);
      for (const map of setup.maps) host.addMap(map);
      runContext(dp, arena, turns, setup.context);
    } catch (error) {
      // Where the run has ended, that it did is all that the error can say.
      if (!turns.isRunning) {
        turns.leave();
        continue;
      }
      post(task.port, { kind: 'failed', error: error as Error });
      turns.fail();
    }
  }
}

/** The worker's loop (`workers/loop.ts`) without its waits; it ends by an exception from a schedule point. */
function runContext(dp: DataPlane, arena: Arena, turns: WorkerTurns, context: number): never {
  const wake = context + Context.wake;
  // Plain: `sleep` has asked the schedule.
  const isAwake = () => arena.get(wake, ContextWake.sleeping) === 0;
  for (;;) {
    if (dp.contextStep(context) !== 0) continue;
    dp.announceSleep(context);
    // Whoever brings work now sees the announcement; what came before is seen here.
    if (dp.contextHasWork(context) === 0) turns.sleep(dp.sleepAddress(context), isAwake);
    dp.awake(context);
  }
}

/** Those of runs that ended before this worker had a turn are still there. */
function newestSetup(port: MessagePort): RunSetup {
  let newest: RunSetup | undefined;
  for (let next = receiveMessageOnPort(port); next; next = receiveMessageOnPort(port)) {
    newest = next.message as RunSetup;
  }
  if (newest === undefined) throw new Error('a turn in a run that was not announced');
  return newest;
}

function post(port: MessagePort, message: ExploredMessage): void {
  port.postMessage(message);
}
