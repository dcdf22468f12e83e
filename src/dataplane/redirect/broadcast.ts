import { hasFrags } from "../frame/buff";
import { copyPacket } from "../frame/copy";
import { frameAlloc, framePoolRefill } from "../frame/pool";
import { BpfDtabNetdev, BpfMap, Context, Device, XdpFrame } from "../layout";
import { devMapHashFirst, devMapHashNext } from "../map/devmapHash";
import { pointerLookup } from "../map/pointers";
import { frameEnd, recordClone } from "../trace/fates";
import { Fate } from "../trace/kinds";
import { copyTag } from "../trace/tags";
import { Errno, MapType, RedirectFlag } from "../uapi";
import { bqEnqueue, checkEnqueue } from "./devmapQueue";

/** `dev_map_enqueue_multi` (kernel/bpf/devmap.c): a copy for all targets but the last, the frame itself for that one. */

/** 0, or a negative errno: then copies made so far go out, and the frame is the caller's to free. */
export function devMapEnqueueMulti(ctx: Context, frame: XdpFrame, devRx: Device, map: BpfMap, flags: u32): i32 {
  const excluded = flags & RedirectFlag.EXCLUDE_INGRESS ? devRx : null;
  let last: BpfDtabNetdev | null = null;
  const rows = map.type == MapType.DEVMAP ? map.maxEntries : map.nrBuckets;
  for (let row: u32 = 0; row < rows; row++) {
    let entry = map.type == MapType.DEVMAP ? pointerLookup(map, row) : devMapHashFirst(map, row);
    while (entry != 0) {
      const dst = changetype<BpfDtabNetdev>(entry);
      entry = map.type == MapType.DEVMAP ? 0 : devMapHashNext(dst);
      if (!isValidDst(ctx, dst, frame, excluded)) continue;
      if (last) {
        const err = enqueueClone(ctx, last, frame, devRx);
        if (err != 0) return err;
      }
      last = dst;
    }
  }
  if (last) bqEnqueue(ctx, last.dev, frame, devRx, last.prog);
  else frameEnd(ctx, frame, Fate.BROADCAST_EMPTY, devRx.ifindex);
  return 0;
}

/** `is_valid_dst`: targets that cannot transmit the frame are passed over without a word. */
// @ts-ignore: decorator
@inline
function isValidDst(ctx: Context, dst: BpfDtabNetdev, frame: XdpFrame, excluded: Device | null): bool {
  return dst.dev != excluded && checkEnqueue(ctx, dst.dev, frame) == 0;
}

/** `dev_map_enqueue_clone`. */
function enqueueClone(ctx: Context, dst: BpfDtabNetdev, frame: XdpFrame, devRx: Device): i32 {
  if (hasFrags(frame)) return -Errno.EOPNOTSUPP;
  const copy = xdpfClone(ctx, frame);
  if (copy == null) return -Errno.ENOMEM;
  bqEnqueue(ctx, dst.dev, copy, devRx, dst.prog);
  return 0;
}

/** `xdpf_clone`: headroom and data of a linear frame; null where this context's pool is empty. */
function xdpfClone(ctx: Context, frame: XdpFrame): XdpFrame | null {
  if (framePoolRefill(ctx.pool, 1) == 0) return null;
  const copy = frameAlloc(ctx);
  // At once: see `frameReceive`.
  ctx.clones++;
  const headroom = frame.data - frame.dataHardStart;
  copy.data = copy.dataHardStart + headroom;
  copy.len = frame.len;
  copy.headroom = frame.headroom;
  copy.metasize = frame.metasize;
  copy.flags = frame.flags;
  copy.devRx = frame.devRx;
  copy.frags = null;
  copy.nrFrags = 0;
  copy.fragsSize = 0;
  copy.hash = frame.hash;
  copy.tag = frame.tag == 0 ? 0 : copyTag(frame);
  copy.rxQueue = frame.rxQueue;
  copyPacket(copy.data - frame.metasize, frame.data - frame.metasize, frame.len + frame.metasize);
  recordClone(ctx, copy, frame.tag);
  return copy;
}
