import { load32 } from "../atomics";
import { deviceByIfindex } from "../device/table";
import { Device } from "../layout";
import { ETH_HLEN, Errno } from "../uapi";
import { asResult, contextArgument, writableArgument } from "./arguments";

/** BPF_MTU_CHK_RET_FRAG_NEEDED. */
const FRAG_NEEDED: i32 = 1;

/**
 * `bpf_xdp_check_mtu(ctx, ifindex, mtu_len, len_diff, flags)`: 0 where the packet, or one of `*mtu_len` bytes at layer 3,
 * `len_diff` bytes longer, fits the device; 1 where it does not. `*mtu_len` becomes the device's MTU.
 */
export function helperCheckMtu(ctx: u64, ifindex: u64, mtuLen: u64, lenDiff: u64, flags: u64): u64 {
  const xdp = contextArgument(ctx);
  if (xdp == null || !writableArgument(3, mtuLen, 4)) return 0;
  const wanted = load<u32>(<usize>mtuLen);
  store<u32>(<usize>mtuLen, 0);
  if (flags != 0) return asResult(-Errno.EINVAL);
  const dev = <u32>ifindex == 0 ? xdp.rxDev : deviceByIfindex(<u32>ifindex);
  if (dev == null) return asResult(-Errno.ENODEV);
  const mtu = load32(changetype<usize>(dev) + offsetof<Device>("mtu"));
  store<u32>(<usize>mtuLen, mtu);
  const length = wanted != 0 ? wanted + ETH_HLEN : <u32>(xdp.dataEnd - xdp.data);
  return <i32>(length + <u32>lenDiff) > <i32>(mtu + ETH_HLEN) ? FRAG_NEEDED : 0;
}
