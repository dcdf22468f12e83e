import { receiveMessageOnPort } from 'node:worker_threads';
import { Arena } from '../src/arena/arena.js';
import { type DataPlane, instantiateDataPlane } from '../src/arena/dataplane.js';
import { Context, ContextWake, Mail } from '../src/arena/layout.generated.js';
import { collectGarbage } from '../src/machine/collectGarbage.js';
import {
  machineClock,
  type WorkerMessage,
  type WorkerRequest,
  type WorkerTask,
} from '../src/machine/workerTask.js';
import { FaultTally } from '../src/program/faultTally.js';
import { ProgramHost } from '../src/program/host.js';

/** Steps between two looks at the mail: also how V8 gets to replace its baseline code by optimised code. */
const ROUNDS = 64;
/** Looks for work before sleep: on few cores spinning starves whoever would bring it. */
const IDLE_POLLS = 2000;
/** A sleeper looks again by itself after this long, should a wake-up ever be missed. */
const SLEEP_MAX_MS = 250;
/** Steps that move nothing though there is work (its way is blocked) before the worker sleeps a little. */
const FRUITLESS_MAX = 16;
const STUCK_SLEEP_MS = 1;

/** Machines that this thread has worked for, and how many it keeps in memory before it tidies up: that takes milliseconds. */
let machines = 0;
const MACHINES_KEPT = 8;

/** A worker's life: load the programs, then step, and sleep where there is nothing to do, until control says stop. */
export async function loop(task: WorkerTask): Promise<void> {
  if (++machines % MACHINES_KEPT === 0) collectGarbage();
  const arena = new Arena(task.memory);
  const dp = instantiateDataPlane(task.module, arena, machineClock(task.clockOriginMs));
  const post = (message: WorkerMessage) => task.port.postMessage(message);
  const tally = new FaultTally();
  const host = new ProgramHost(arena, dp, task.hostMemory, tally.add);
  const tellFaults = () => {
    for (const fault of tally.take()) post({ kind: 'fault', fault });
  };
  post({ kind: 'loading' });
  for (const map of task.maps) host.addMap(map);
  for (const program of task.programs) await host.add(program);
  post({ kind: 'ready' });
  const wake = task.context + Context.wake;
  for (;;) {
    serve(arena, dp, task.context, wake, tellFaults);
    const mail = arena.exchangeShared(wake, ContextWake.mail, 0);
    if ((mail & Mail.MESSAGE) !== 0) await answer(task, host, post);
    if ((mail & Mail.STOP) !== 0) break;
  }
  task.port.close();
}

/** Steps until there is mail; `rest` is called now and then, and before every sleep. */
function serve(arena: Arena, dp: DataPlane, context: number, wake: number, rest: () => void): void {
  const sleepAddress = dp.sleepAddress(context);
  let fruitless = 0;
  while (arena.loadShared(wake, ContextWake.mail) === 0) {
    const hasMoved = dp.contextRun(context, ROUNDS) !== 0;
    rest();
    if (hasMoved) {
      fruitless = 0;
      continue;
    }
    if (fruitless < FRUITLESS_MAX && dp.contextPoll(context, IDLE_POLLS) !== 0) {
      fruitless++;
      continue;
    }
    dp.announceSleep(context);
    // Whoever brings work now sees the announcement; what came before is seen here.
    const isStuck = dp.contextHasWork(context) !== 0;
    if ((!isStuck || fruitless === FRUITLESS_MAX) && arena.loadShared(wake, ContextWake.mail) === 0)
      arena.waitAt(sleepAddress, 1, isStuck ? STUCK_SLEEP_MS : SLEEP_MAX_MS);
    dp.awake(context);
    fruitless = 0;
  }
}

async function answer(
  task: WorkerTask,
  host: ProgramHost,
  post: (message: WorkerMessage) => void,
): Promise<void> {
  for (
    let received = receiveMessageOnPort(task.port);
    received;
    received = receiveMessageOnPort(task.port)
  ) {
    const request = received.message as WorkerRequest;
    try {
      if (request.kind === 'map') host.addMap(request.map);
      else await host.add(request.program);
      post({ kind: 'done' });
    } catch (error) {
      post({ kind: 'done', error: error as Error });
    }
  }
}
