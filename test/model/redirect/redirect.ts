import { type DeviceRef, NO_MAP, type RedirectFields } from '../redirectTrace.js';
import type { Context, Frame } from './context.js';
import { cpuMapEnqueue, cpuMapFlush } from './cpuBulkQueue.js';
import { devFlush, devMapEnqueueMulti, xdpEnqueue } from './devBulkQueue.js';
import { EBADRQC, EINVAL, EOPNOTSUPP } from './errno.js';
import type { MapEntry } from './maps.js';
import { BPF_F_BROADCAST, BPF_F_EXCLUDE_INGRESS, type RedirectInfo } from './redirectInfo.js';
import type { XdpSock } from './socket.js';

/** `__xsk_map_redirect` */
function xskMapRedirect(context: Context, socket: XdpSock, frame: Frame): number {
  const errno = socket.receive(context, frame);
  if (errno === 0 && !context.xskFlushList.includes(socket)) context.xskFlushList.unshift(socket);
  return errno;
}

function enqueueToEntry(context: Context, entry: MapEntry, frame: Frame): number {
  switch (entry.kind) {
    case 'cpu':
      cpuMapEnqueue(context, entry, frame);
      return 0;
    case 'dev':
      return xdpEnqueue(context, entry.device, entry.program, frame);
    case 'xsk':
      return xskMapRedirect(context, entry, frame);
  }
}

/** Of `lo`, which every network namespace has and which cannot transmit. */
const LOOPBACK_IFINDEX = 1n;

function enqueueToIndex(context: Context, index: string | bigint, frame: Frame): number {
  if (typeof index === 'bigint') {
    return BigInt.asUintN(32, index) === LOOPBACK_IFINDEX ? EOPNOTSUPP : EINVAL;
  }
  const device = context.machine.devices.get(index);
  return device ? xdpEnqueue(context, device, undefined, frame) : EINVAL;
}

function enqueue(context: Context, ri: RedirectInfo, frame: Frame): number {
  if (ri.mapType === undefined) {
    return ri.mapId === NO_MAP ? enqueueToIndex(context, ri.tgtIndex, frame) : EBADRQC;
  }
  if (ri.flags & BPF_F_BROADCAST && ri.map) {
    const excludeIngress = (ri.flags & BPF_F_EXCLUDE_INGRESS) !== 0n;
    return devMapEnqueueMulti(context, ri.map, excludeIngress, frame);
  }
  return ri.tgtValue ? enqueueToEntry(context, ri.tgtValue, frame) : EBADRQC;
}

function signed32(index: string | bigint): DeviceRef {
  return typeof index === 'string' ? index : Number(BigInt.asIntN(32, index));
}

/** How `xdp_redirect(_err)` fills its fields from the redirect that was asked for and the index that is there now. */
function redirectTargets(
  asked: RedirectInfo,
  index: string | bigint,
): Pick<RedirectFields, 'toIfindex' | 'mapId' | 'mapIndex'> {
  const { mapId, tgtValue } = asked;
  if (mapId === NO_MAP) return { toIfindex: signed32(index), mapId, mapIndex: 0 };
  const toIfindex = asked.mapType && tgtValue?.kind === 'dev' ? tgtValue.device.name : 0;
  return { toIfindex, mapId, mapIndex: signed32(index) };
}

/**
 * `xdp_do_redirect`: carries out what the redirect state asks for; 0 or an errno, with which the frame is the caller's
 * to free. The state is spent before the frame is queued, so that a devmap program that runs on a full bulk queue can
 * leave its own behind; the index is read after that.
 */
export function xdpDoRedirect(context: Context, frame: Frame): number {
  const asked = context.redirect;
  context.redirect = { ...asked, mapId: 0, mapType: undefined, map: undefined, flags: 0n };
  const err = enqueue(context, asked, frame);
  const targets = redirectTargets(asked, context.redirect.tgtIndex);
  const ev = err === 0 ? 'xdp_redirect' : 'xdp_redirect_err';
  context.trace({ ev, ifindex: context.ingressDevice, err, ...targets }, frame.seq);
  return err;
}

/** `xdp_do_flush`: devices, then cpumaps, then sockets. */
export function xdpDoFlush(context: Context): void {
  devFlush(context);
  cpuMapFlush(context);
  for (const socket of context.xskFlushList.splice(0)) socket.flush();
}
