import type { RedirectDocument, RedirectExpect } from '../redirectTrace.js';
import { Kthread } from './kthread.js';
import { buildMachine, type Machine } from './machine.js';
import { Receiver } from './receiver.js';
import { report } from './report.js';

/**
 * Nothing new arrives until the machine is idle. What a kthread sends is received before its next turn, as the
 * receiver's softirq comes when the kthread leaves its own bottom-half section.
 */
function settle(machine: Machine, kthreads: readonly Kthread[], isLast: boolean): void {
  const drain = (occasion: 'flush' | 'batch' | 'end'): void => {
    for (const device of machine.devices.values()) device.drain(occasion);
  };
  drain('flush');
  let busy = true;
  while (busy) {
    busy = false;
    for (const kthread of kthreads) {
      if (!kthread.poll()) continue;
      busy = true;
      drain('flush');
    }
  }
  drain('batch');
  for (const socket of machine.sockets) socket.consume('batch');
  if (!isLast) return;
  drain('end');
  for (const socket of machine.sockets) socket.consume('end');
}

/**
 * The reference model of XDP_REDIRECT, after `kernel-traces/redirect/SEMANTICS.md` (Linux 6.18): what the document's
 * experiment gives.
 */
export function runRedirectModel(document: RedirectDocument): RedirectExpect {
  const machine = buildMachine(document);
  const entries = [...machine.maps.values()].flatMap((map) =>
    map.type === 'cpumap' ? [...map.entries.values()] : [],
  );
  const kthreads = entries.map((entry) => new Kthread(machine, document.ingress.device, entry));
  const receiver = new Receiver(document, machine);
  for (const batch of document.batches.keys()) {
    receiver.poll(batch);
    settle(machine, kthreads, batch === document.batches.length - 1);
  }
  return report(machine, kthreads, receiver);
}
