import type { MapOp, MapResult, MapTraceHeader } from '../mapTrace.js';
import { bootKernel, type Kernel } from './kernel.js';
import { loadProg } from './owner.js';
import * as syscall from './syscall.js';
import { changeWorld } from './world.js';

function perform(kernel: Kernel, op: MapOp): MapResult {
  switch (op.op) {
    case 'create':
      return syscall.create(kernel, op);
    case 'update':
      return syscall.update(kernel, op);
    case 'lookup':
      return syscall.lookup(kernel, op);
    case 'delete':
      return syscall.deleteElem(kernel, op);
    case 'next_key':
      return syscall.nextKey(kernel, op);
    case 'lookup_and_delete':
      return syscall.lookupAndDelete(kernel, op);
    case 'lookup_batch':
    case 'lookup_and_delete_batch':
    case 'update_batch':
    case 'delete_batch':
      return syscall.batch(kernel, op);
    case 'freeze':
      return syscall.freeze(kernel, op);
    case 'info':
      return syscall.info(kernel, op);
    case 'open':
      return syscall.open(kernel, op);
    case 'load_prog':
      return { errno: loadProg(kernel, op) };
    default:
      return changeWorld(kernel, op);
  }
}

/**
 * The reference model of the map system calls, after `kernel-traces/maps/SEMANTICS.md` (Linux 6.18): what each of `ops`
 * gives, in order, starting from the state that the header describes.
 */
export function runMapModel(header: MapTraceHeader, ops: readonly MapOp[]): MapResult[] {
  const kernel = bootKernel(header);
  return ops.map((op) => perform(kernel, op));
}
