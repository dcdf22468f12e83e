import { deviceByIfindex } from "../device/table";
import { hasFrags, xdpUpdateFrameFromBuff } from "../frame/buff";
import { BpfCpuMapEntry, BpfDtabNetdev, BpfProg, Context, Device, RedirectInfo, XdpBuff, XdpFrame, XdpSock } from "../layout";
import { machine } from "../machine";
import { xskMapRedirect } from "../socket/receive";
import { Fate } from "../trace/kinds";
import { traceXdpRedirect } from "../trace/tracepoints";
import { Errno, INT_MAX, MapType, RedirectFlag } from "../uapi";
import { devMapEnqueueMulti } from "./broadcast";
import { cpuMapEnqueue } from "./cpumapQueue";
import { devEnqueue, devMapEnqueue } from "./devmapQueue";

/**
 * Step two of a redirect, `xdp_do_redirect` (net/core/filter.c): the remembered target is looked up and the frame put
 * on a bulk queue. 0, or a negative errno: then the frame is still the caller's.
 */
export function xdpDoRedirect(ctx: Context, dev: Device, xdp: XdpBuff, prog: BpfProg): i32 {
  const ri = ctx.cpu!.ri;
  const mapType = ri.mapType;
  if (machine().kernel < 603 && mapType != MapType.CPUMAP && hasFrags(xdp.frame)) return -Errno.EOPNOTSUPP;
  const target = ri.tgtValue;
  const mapId = ri.mapId;
  const flags = ri.flags;
  ri.mapId = 0;
  ri.mapType = MapType.UNSPEC;
  let err: i32;
  if (mapType == MapType.XSKMAP) {
    err = xskMapRedirect(ctx, changetype<XdpSock>(target), xdp);
  } else {
    ri.flags = 0;
    const frame = xdp.frame;
    err = xdpUpdateFrameFromBuff(xdp, frame)
      ? enqueueFrame(ctx, ri, dev, frame, mapType, mapId, target, flags)
      : -Errno.EOVERFLOW;
  }
  // The index is read now: a devmap program that ran in between may have changed it.
  traceXdpRedirect(ctx, xdp.frame, dev, prog, target, err, mapType, mapId, ri.tgtIndex);
  return err;
}

/** `__xdp_do_redirect_frame`'s switch. */
// @ts-ignore: decorator
@inline
function enqueueFrame(
  ctx: Context, ri: RedirectInfo, dev: Device, frame: XdpFrame, mapType: u32, mapId: u32, target: usize, flags: u32,
): i32 {
  switch (mapType) {
    case MapType.CPUMAP: {
      frame.devRx = dev;
      cpuMapEnqueue(ctx, changetype<BpfCpuMapEntry>(target), frame);
      return 0;
    }
    case MapType.DEVMAP:
    case MapType.DEVMAP_HASH: {
      if (flags & RedirectFlag.BROADCAST) {
        const map = ri.map;
        if (map == null) return -Errno.ENOENT;
        ri.map = null;
        return devMapEnqueueMulti(ctx, frame, dev, map, flags);
      }
      return devMapEnqueue(ctx, changetype<BpfDtabNetdev>(target), frame, dev);
    }
    case MapType.UNSPEC: {
      if (mapId != INT_MAX) break;
      const to = deviceByIfindex(ri.tgtIndex);
      return to ? devEnqueue(ctx, to, frame, dev, null) : -Errno.EINVAL;
    }
  }
  return -Errno.EBADRQC;
}

/** The fate of a frame whose redirect failed with `err`. */
export function redirectFate(err: i32): Fate {
  switch (-err) {
    case Errno.EINVAL: return Fate.REDIRECT_EINVAL;
    case Errno.EBADRQC: return Fate.REDIRECT_EBADRQC;
    case Errno.EOPNOTSUPP: return Fate.REDIRECT_EOPNOTSUPP;
    case Errno.ENETDOWN: return Fate.REDIRECT_ENETDOWN;
    case Errno.EMSGSIZE: return Fate.REDIRECT_EMSGSIZE;
    case Errno.ENOSPC: return Fate.REDIRECT_ENOSPC;
    case Errno.ENOMEM: return Fate.REDIRECT_ENOMEM;
    case Errno.ENOBUFS: return Fate.REDIRECT_ENOBUFS;
    case Errno.ENXIO: return Fate.REDIRECT_ENXIO;
    case Errno.EOVERFLOW: return Fate.REDIRECT_EOVERFLOW;
    default: return Fate.REDIRECT_ENOENT;
  }
}
