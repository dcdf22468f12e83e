import type { MapResult, WorldOp } from '../mapTrace.js';
import { forgetDevice } from './devmap.js';
import type { Kernel } from './kernel.js';
import { deviceOf } from './objects.js';
import { forgetSocket } from './xskmap.js';

function closeSocket(kernel: Kernel, id: string): void {
  const socket = kernel.files.get(id);
  if (socket?.kind !== 'socket') return;
  kernel.files.delete(id);
  for (const map of kernel.maps) if (map.type === 'xskmap') forgetSocket(map, socket);
}

/** Deleting one end of a veth pair takes the other; moving one to another namespace does not. */
function unregisterDevice(kernel: Kernel, ifindex: number, moved: boolean): number[] {
  const device = kernel.devices.get(ifindex);
  const peer = moved ? undefined : kernel.devices.get(device?.peer ?? 0);
  const gone = [device, peer].filter((each) => each !== undefined);
  for (const each of gone) {
    kernel.devices.delete(each.ifindex);
    for (const map of kernel.maps) {
      if (map.type === 'devmap' || map.type === 'devmap_hash') forgetDevice(map, each);
    }
  }
  return gone.map((each) => each.ifindex);
}

/** What happens around the maps. A closed map or program lives on while something else holds it. */
export function changeWorld(kernel: Kernel, op: WorldOp): MapResult {
  switch (op.op) {
    case 'close_map':
      kernel.files.delete(op.map);
      return {};
    case 'close_prog':
      kernel.files.delete(op.prog);
      return {};
    case 'close_socket':
      closeSocket(kernel, op.socket);
      return {};
    case 'unregister_device':
      return { removed: unregisterDevice(kernel, op.ifindex, op.how === 'netns') };
    case 'register_device':
      for (const device of op.devices) kernel.devices.set(device.ifindex, deviceOf(device));
      return {};
    case 'set_device':
      // The administrative state does not matter to a map.
      return {};
  }
}
