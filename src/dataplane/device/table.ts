import { load32, store32 } from "../atomics";
import { DEVICE_HASH_SLOTS, Device } from "../layout";
import { machine } from "../machine";

/** The devices of the machine by ifindex. Control adds and removes; a removed device is freed after a grace period. */

// @ts-ignore: decorator
@inline
function headOf(ifindex: u32): usize {
  return machine().deviceHash + (<usize>(ifindex & (DEVICE_HASH_SLOTS - 1)) << 2);
}

// @ts-ignore: decorator
@inline
function nextOf(dev: Device): usize {
  return changetype<usize>(dev) + offsetof<Device>("hashNext");
}

/** `dev_get_by_index_rcu`. */
export function deviceByIfindex(ifindex: u32): Device | null {
  let dev = load32(headOf(ifindex));
  while (dev != 0) {
    if (changetype<Device>(dev).ifindex == ifindex) return changetype<Device>(dev);
    dev = load32(nextOf(changetype<Device>(dev)));
  }
  return null;
}

export function deviceRegister(dev: Device): void {
  const head = headOf(dev.ifindex);
  // Plain: nobody knows the device yet.
  dev.hashNext = changetype<Device | null>(<usize>load32(head));
  store32(head, <u32>changetype<usize>(dev));
}

/** Takes the device out of the table; whoever stands on it still finds the way on. */
export function deviceUnregister(dev: Device): void {
  let link = headOf(dev.ifindex);
  for (;;) {
    const entry = load32(link);
    if (entry == 0) return;
    if (entry == <u32>changetype<usize>(dev)) {
      store32(link, load32(nextOf(dev)));
      return;
    }
    link = nextOf(changetype<Device>(entry));
  }
}
