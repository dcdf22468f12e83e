import { XdpFrame } from "../layout";
import { Errno } from "../uapi";
import { asResult, contextArgument, writableArgument } from "./arguments";

/** kfuncs that ask the driver about the packet in hand (net/core/xdp.c), since 6.3. */

// @ts-ignore: decorator
@external("env", "nowNs")
declare function nowNs(): f64;

/** `bpf_xdp_metadata_rx_timestamp(ctx, timestamp)`. DIVERGES: it is the time of the call, not of reception. */
export function kfuncXdpMetadataRxTimestamp(ctx: u64, timestamp: u64, _r3: u64, _r4: u64, _r5: u64): u64 {
  if (contextArgument(ctx) == null || !writableArgument(2, timestamp, 8)) return 0;
  store<u64>(<usize>timestamp, <u64>nowNs());
  return 0;
}

/** `bpf_xdp_metadata_rx_hash(ctx, hash, rss_type)`: the hash that chose the receive queue. */
export function kfuncXdpMetadataRxHash(ctx: u64, hash: u64, rssType: u64, _r4: u64, _r5: u64): u64 {
  const xdp = contextArgument(ctx);
  if (xdp == null || !writableArgument(2, hash, 4) || !writableArgument(3, rssType, 4)) return 0;
  const frame: XdpFrame = xdp.frame;
  store<u32>(<usize>hash, frame.hash);
  store<u32>(<usize>rssType, RSS_TYPE_L2);
  return 0;
}

/** XDP_RSS_TYPE_L2, which is XDP_RSS_TYPE_NONE: the emulator keeps no note of what the hash was made of. */
const RSS_TYPE_L2: u32 = 0;

/** `bpf_xdp_metadata_rx_vlan_tag(ctx, proto, tag)`: devices here leave tags in the packet. */
export function kfuncXdpMetadataRxVlanTag(ctx: u64, proto: u64, tag: u64, _r4: u64, _r5: u64): u64 {
  if (contextArgument(ctx) == null || !writableArgument(2, proto, 2) || !writableArgument(3, tag, 2)) return 0;
  return asResult(-Errno.ENODATA);
}
