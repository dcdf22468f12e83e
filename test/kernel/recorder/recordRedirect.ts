import { setTimeout as sleep } from 'node:timers/promises';
import type { RedirectDocument, RedirectExpect } from '../../model/redirectTrace.js';
import type { Recorder } from './recorder.js';
import { RedirectOutcome } from './redirectOutcome.js';
import { RedirectKernel } from './redirectWorld.js';
import type { TraceInstance } from './traceInstance.js';

const POLL_MS = 2;
/** Looks without news after which nothing more is expected. */
const QUIET_POLLS = 2;
/** The same where frames are still missing at the far ends of devices: some may wait for a flush. */
const PATIENT_POLLS = 15;
const KTHREAD_TIMEOUT_MS = 5000;

/** Runs a redirect experiment on the machine's own kernel. */
export async function recordRedirect(
  recorder: Recorder,
  trace: TraceInstance,
  document: RedirectDocument,
  nonce: string,
): Promise<RedirectExpect> {
  // The test run is on the CPU of whoever asks for it.
  await recorder.run(`taskset -pc ${document.ingress.cpu} $PPID 2>&1`);
  const kernel = await RedirectKernel.create(recorder, document, nonce);
  trace.watchCpumaps(kernel.mapIds);
  const receiverPid = Number(await recorder.run('echo $PPID'));
  const outcome = new RedirectOutcome(document, kernel, { nonce, receiverPid });
  for (const batch of document.batches) {
    await kernel.receive(batch);
    await settle(trace, outcome);
  }
  return outcome.finish();
}

/** Waits until kthreads and receivers have emptied their queues. */
async function settle(trace: TraceInstance, outcome: RedirectOutcome): Promise<void> {
  const deadlineMs = performance.now() + KTHREAD_TIMEOUT_MS;
  let quiet = 0;
  while (quiet < (outcome.devicesAreBusy ? PATIENT_POLLS : QUIET_POLLS)) {
    await sleep(POLL_MS);
    const own = trace.read().filter((line) => outcome.add(line));
    quiet = own.length === 0 && !outcome.kthreadsAreBusy ? quiet + 1 : 0;
    if (performance.now() > deadlineMs) throw new Error('the kernel did not come to rest');
  }
}
