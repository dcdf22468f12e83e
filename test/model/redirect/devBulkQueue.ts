import type { EntryProgram } from '../redirectTrace.js';
import { XDP_DROP, XDP_PASS } from './action.js';
import type { Context, Frame } from './context.js';
import type { NetDevice } from './device.js';
import { EOPNOTSUPP } from './errno.js';
import type { DevMap, DevMapEntry } from './maps.js';
import { runEntryProgram } from './program.js';

const DEV_MAP_BULK_SIZE = 16;

/** `struct xdp_dev_bulk_queue`: one a device, for all maps that lead to it. */
export interface DevBulkQueue {
  readonly device: NetDevice;
  readonly frames: Frame[];
  /** Decided by the first frame since the last flush, for all that follow it. */
  program: EntryProgram | undefined;
  queued: boolean;
}

/** `dev_map_bpf_prog_run`: the frames that the program passes. */
function runOnBulk(context: Context, queue: DevBulkQueue): readonly Frame[] {
  const { program, device } = queue;
  if (!program) return queue.frames;
  return queue.frames.filter(({ seq }) => {
    const act = runEntryProgram(context, program, seq, device.name);
    if (act === XDP_PASS) return true;
    if (act !== XDP_DROP) {
      const { id: prog } = program;
      context.trace({ ev: 'xdp_exception', prog, ifindex: device.name, act }, seq);
    }
    return false;
  });
}

/** `bq_xmit_all`. Where the program leaves nothing the device is not called, and so not flushed either. */
function bqXmitAll(context: Context, queue: DevBulkQueue, flush: boolean): void {
  const count = queue.frames.length;
  const toSend = runOnBulk(context, queue);
  const result = toSend.length === 0 ? 0 : queue.device.xmit(context, toSend, flush);
  const sent = Math.max(result, 0);
  queue.frames.length = 0;
  context.trace({
    ev: 'xdp_devmap_xmit',
    fromIfindex: context.ingressDevice,
    toIfindex: queue.device.name,
    sent,
    drops: count - sent,
    err: Math.min(result, 0),
  });
}

/** `bq_enqueue` */
function bqEnqueue(
  context: Context,
  device: NetDevice,
  program: EntryProgram | undefined,
  frame: Frame,
): void {
  const queue = context.devQueues.get(device) ?? {
    device,
    frames: [],
    program: undefined,
    queued: false,
  };
  context.devQueues.set(device, queue);
  if (queue.frames.length === DEV_MAP_BULK_SIZE) bqXmitAll(context, queue, false);
  if (!queue.queued) {
    queue.queued = true;
    queue.program = program;
    context.devFlushList.unshift(queue);
  }
  queue.frames.push(frame);
}

/** `__xdp_enqueue`, behind `dev_map_enqueue` and `dev_xdp_enqueue`. */
export function xdpEnqueue(
  context: Context,
  device: NetDevice,
  program: EntryProgram | undefined,
  frame: Frame,
): number {
  const errno = device.check(frame);
  if (errno === 0) bqEnqueue(context, device, program, frame);
  return errno;
}

/** `dev_map_enqueue_multi`: targets that cannot take the frame are passed over; it is freed if none is left. */
export function devMapEnqueueMulti(
  context: Context,
  map: DevMap,
  excludeIngress: boolean,
  frame: Frame,
): number {
  const targets: DevMapEntry[] = [...map.entries.values()].filter(
    ({ device }) =>
      device.check(frame) === 0 && !(excludeIngress && device.name === context.ingressDevice),
  );
  // All but the last get a clone, and fragments cannot be cloned (`dev_map_enqueue_clone`).
  if (frame.frags && targets.length > 1) return EOPNOTSUPP;
  for (const { device, program } of targets) bqEnqueue(context, device, program, frame);
  return 0;
}

/** `__dev_flush`: newest first. */
export function devFlush(context: Context): void {
  for (const queue of context.devFlushList.splice(0)) {
    bqXmitAll(context, queue, true);
    queue.queued = false;
    queue.program = undefined;
  }
}
