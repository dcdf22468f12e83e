import type { TracepointInfo } from '../../trace/tracepoints.js';
import type { Parameters } from '../check/parameters.js';
import type { BpftraceMap } from '../values/map.js';
import type { Surface } from './frame.js';

/** What the probe being compiled refers to. */
export interface Unit {
  readonly maps: ReadonlyMap<string, BpftraceMap>;
  readonly parameters: Parameters;
  readonly surface: Surface;
  /** Places of variables in a frame. */
  readonly slots: Map<string, number>;
  /** The event whose fields `args` has. */
  readonly event: TracepointInfo | undefined;
}

export function mapOf({ maps }: Unit, name: string): BpftraceMap {
  return maps.get(name)!;
}

export function slotOf({ slots }: Unit, name: string): number {
  const slot = slots.get(name) ?? slots.size;
  slots.set(name, slot);
  return slot;
}
