import type { MessagePort } from 'node:worker_threads';
import type { HostMemory, ProgramDescription, ProgramFault } from '../program/host.js';
import type { MapDescription } from '../program/mapRef.js';

/** What a worker is started with. */
export interface WorkerTask {
  readonly memory: WebAssembly.Memory;
  readonly module: WebAssembly.Module;
  /** Address of the context that the worker runs. */
  readonly context: number;
  readonly hostMemory: HostMemory;
  readonly programs: readonly ProgramDescription[];
  readonly maps: readonly MapDescription[];
  /** Milliseconds since the epoch at which the machine's clock was 0. */
  readonly clockOriginMs: number;
  readonly port: MessagePort;
}

/** Control to worker; `Mail.MESSAGE` says that one waits. Each is answered by `done`. */
export type WorkerRequest =
  | { readonly kind: 'program'; readonly program: ProgramDescription }
  | { readonly kind: 'map'; readonly map: MapDescription };

/** Worker to control. */
export type WorkerMessage =
  /** Its thread has begun: from now on it loads programs. */
  | { readonly kind: 'loading' }
  | { readonly kind: 'ready' }
  | { readonly kind: 'done'; readonly error?: Error }
  | { readonly kind: 'fault'; readonly fault: ProgramFault };

/** The machine's clock in this thread: nanoseconds since `originMs`. */
export function machineClock(originMs: number): () => number {
  const offsetMs = performance.timeOrigin - originMs;
  return () => (offsetMs + performance.now()) * 1e6;
}
