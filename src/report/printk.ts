import type { PrintkEvent } from '../machine/recordEvents.js';
import { kthreadComm } from '../trace/comm.js';

/** The line of the kernel's `trace_pipe` for a text of `bpf_trace_printk`; it ends with a line break. */
export function printkText({ task, cpu, timeNs, text }: PrintkEvent): string {
  const comm = task.mapId === 0 ? '<idle>' : kthreadComm(cpu, task.mapId);
  const who = `${comm.padStart(16)}-${String(task.pid).padEnd(7)}`;
  const micros = Math.floor(timeNs / 1000);
  const seconds = String(Math.floor(micros / 1e6)).padStart(5);
  const time = `${seconds}.${String(micros % 1e6).padStart(6, '0')}`;
  return `${who} [${String(cpu).padStart(3, '0')}] ..... ${time}: bpf_trace_printk: ${text}\n`;
}
