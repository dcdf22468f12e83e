import { lock, unlock } from "../atomics";
import { current } from "../context/current";
import { BpfMap } from "../layout";
import { Errno, MapType, UpdateFlag } from "../uapi";
import { QueueStack } from "./structs";

/** QUEUE and STACK (kernel/bpf/queue_stack_maps.c): values are copied in and out under the map's lock. */

// @ts-ignore: decorator
@inline
function elementAt(map: BpfMap, queue: QueueStack, index: u32): usize {
  return queue.elements + <usize>index * map.valueSize;
}

/** `queue_stack_map_push_elem`. */
export function queueStackPush(map: BpfMap, value: usize, flags: u64): i32 {
  // BPF_EXIST: the oldest makes room.
  const replaces = (flags & UpdateFlag.EXIST) != 0;
  if ((flags & UpdateFlag.NOEXIST) != 0 || flags > <u64>UpdateFlag.EXIST) return -Errno.EINVAL;
  const queue = changetype<QueueStack>(map.slots);
  let err: i32 = 0;
  lock(map.locks, current().id + 1);
  if (after(queue, queue.head) == queue.tail) {
    if (replaces) queue.tail = after(queue, queue.tail);
    else err = -Errno.E2BIG;
  }
  if (err == 0) {
    memory.copy(elementAt(map, queue, queue.head), value, map.valueSize);
    queue.head = after(queue, queue.head);
  }
  unlock(map.locks);
  return err;
}

// @ts-ignore: decorator
@inline
function after(queue: QueueStack, index: u32): u32 {
  return index + 1 == queue.size ? 0 : index + 1;
}

/** `map_pop_elem` and `map_peek_elem`: -ENOENT, and a value of zeros, where there is none. */
export function queueStackTake(map: BpfMap, value: usize, removes: bool): i32 {
  const queue = changetype<QueueStack>(map.slots);
  lock(map.locks, current().id + 1);
  const isEmpty = queue.head == queue.tail;
  if (isEmpty) memory.fill(value, 0, map.valueSize);
  else if (map.type == MapType.QUEUE) takeOldest(map, queue, value, removes);
  else takeNewest(map, queue, value, removes);
  unlock(map.locks);
  return isEmpty ? -Errno.ENOENT : 0;
}

function takeOldest(map: BpfMap, queue: QueueStack, value: usize, removes: bool): void {
  memory.copy(value, elementAt(map, queue, queue.tail), map.valueSize);
  if (removes) queue.tail = after(queue, queue.tail);
}

function takeNewest(map: BpfMap, queue: QueueStack, value: usize, removes: bool): void {
  const newest = queue.head == 0 ? queue.size - 1 : queue.head - 1;
  memory.copy(value, elementAt(map, queue, newest), map.valueSize);
  if (removes) queue.head = newest;
}
