/** Name of a cpumap entry's kthread (kernel/bpf/cpumap.c:__cpu_map_entry_alloc). */
export function kthreadComm(cpu: number, mapId: number): string {
  return `cpumap/${cpu}/map:${mapId}`;
}

/** The task that a softirq borrows on a CPU with nothing else to do, as `current->comm` has it. */
export function idleComm(cpu: number): string {
  return `swapper/${cpu}`;
}
