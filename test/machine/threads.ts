import * as assert from 'uvu/assert';
import type { Counters } from '../../src/machine/counters.js';
import { Machine } from '../../src/machine/machine.js';
import type { MachineOptions } from '../../src/machine/machineOptions.js';
import type { ModuleScenario } from '../../src/scenario/module.js';

/** URL of a module beside this one. */
export function moduleUrl(name: string): string {
  return new URL(`./${name}.js`, import.meta.url).href;
}

/** A program of `programs.ts`. */
export function program(name: string, attach: 'xdp' | 'xdp/cpumap' | 'xdp/devmap' = 'xdp') {
  return { module: moduleUrl('programs'), export: name, attach } as const;
}

/** Two receive queues on CPUs 0 and 1, a cpumap with CPU 2, and `main` on the device. */
export function twoQueues(main: string, stamps = false): ModuleScenario {
  return {
    cpus: 3,
    devices: [{ name: 'eth0', rxQueues: 2, program: 'main' }],
    programs: { main: program(main) },
    maps: { cpus: { type: 'cpumap', entries: [{ key: 2, qsize: 512 }] } },
    traffic: [{ device: 'eth0', flows: 64, stamps }],
  };
}

/** Lets `use` have a machine with workers, and closes it whatever happens; returns the last counters. */
export async function withThreads(
  scenario: ModuleScenario,
  options: MachineOptions,
  use: (machine: Machine) => Promise<unknown>,
): Promise<Counters> {
  const machine = await Machine.create(scenario, { mode: 'threads', observe: false, ...options });
  try {
    await use(machine);
  } finally {
    await machine.close();
  }
  return machine.counters();
}

/** What `promise` rejects with. */
export async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  assert.unreachable('expected a failure');
  return undefined;
}

/** Waits until `condition` holds. */
export async function until(condition: () => boolean, timeoutMs = 5000): Promise<void> {
  const deadlineMs = performance.now() + timeoutMs;
  while (!condition()) {
    if (performance.now() > deadlineMs) throw new Error(`not within ${timeoutMs} ms: ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

/** Every frame has met exactly one fate. */
export function assertConserved({ frames }: Counters): void {
  const ended = Object.values(frames.fates).reduce((sum, n) => sum + n, 0);
  assert.is(ended, frames.received, JSON.stringify(frames.fates));
}
