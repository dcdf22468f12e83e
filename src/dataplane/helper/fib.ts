import { load32 } from "../atomics";
import { deviceByIfindex } from "../device/table";
import { fibLookup, fibNeighbour, fibTable, fibTableLookup } from "../fib/lookup";
import { AddressFamily, FibNeighbour, FibParams, FibRoute, FibTable, RouteTable, RouteType } from "../fib/structs";
import { Device } from "../layout";
import { machine } from "../machine";
import { Errno } from "../uapi";
import { asResult, contextArgument, writableArgument } from "./arguments";
import { afford } from "./work";

const enum FibFlag {
  DIRECT = 1,
  OUTPUT = 2,
  SKIP_NEIGH = 4,
  TBID = 8,
  SRC = 16,
}

/** BPF_FIB_LKUP_RET_*. */
const enum FibResult {
  SUCCESS = 0,
  BLACKHOLE = 1,
  UNREACHABLE = 2,
  PROHIBIT = 3,
  NOT_FWDED = 4,
  FWD_DISABLED = 5,
  NO_NEIGH = 7,
  FRAG_NEEDED = 8,
  NO_SRC_ADDR = 9,
}

/** `bpf_xdp_fib_lookup(ctx, params, params_size, flags)`. */
export function helperFibLookup(ctx: u64, params: u64, size: u64, flags: u64, _r5: u64): u64 {
  if (contextArgument(ctx) == null || !writableArgument(2, params, <u32>size)) return 0;
  if (<i32>size < <i32>offsetof<FibParams>()) return asResult(-Errno.EINVAL);
  if ((<u32>flags & ~knownFlags()) != 0) return asResult(-Errno.EINVAL);
  return asResult(lookup(changetype<FibParams>(<usize>params), <u32>flags));
}

/** BPF_FIB_LOOKUP_MASK. */
function knownFlags(): u32 {
  const old: u32 = FibFlag.DIRECT | FibFlag.OUTPUT;
  return machine().kernel < 602 ? old : old | FibFlag.SKIP_NEIGH | FibFlag.TBID | FibFlag.SRC;
}

/** `bpf_ipv4_fib_lookup` and `bpf_ipv6_fib_lookup`. Forwarding is on, on all devices, where there is a table. */
function lookup(params: FibParams, flags: u32): i32 {
  const family = <u32>params.family;
  if (family != AddressFamily.INET && family != AddressFamily.INET6) return -Errno.EAFNOSUPPORT;
  if (family == AddressFamily.INET6 && (isStrict(params.dst) || isStrict(params.src))) return FibResult.NOT_FWDED;
  if (deviceByIfindex(params.ifindex) == null) return -Errno.ENODEV;
  const fib = fibTable();
  if (fib == null) return FibResult.FWD_DISABLED;
  if (!afford(<u64>fib.nrRoutes + fib.nrNeighbours)) return 0;
  const route = findRoute(fib, params, family, flags);
  if (route == null) return FibResult.NOT_FWDED;
  const refused = refusal(route.type);
  return refused != FibResult.SUCCESS ? refused : follow(fib, params, route, flags);
}

/** `rt6_need_strict`: multicast, link-local and loopback addresses are never forwarded. */
function isStrict(address: usize): bool {
  const first = load<u8>(address);
  if (first == 0xff || (first == 0xfe && (load<u8>(address + 1) & 0xc0) == 0x80)) return true;
  // ::1
  return load<u64>(address) == 0 && load<u64>(address + 8) == <u64>1 << 56;
}

function findRoute(fib: FibTable, params: FibParams, family: u32, flags: u32): FibRoute | null {
  const oif = (flags & FibFlag.OUTPUT) != 0 ? params.ifindex : 0;
  if ((flags & FibFlag.DIRECT) == 0) return fibLookup(fib, family, params.dst, oif);
  let tableId: u32 = RouteTable.MAIN;
  if (flags & FibFlag.TBID) {
    tableId = params.tbid;
    params.tbid = 0;
  }
  return fibTableLookup(fib, tableId, family, params.dst, oif);
}

/** What a route that leads nowhere means; only RTN_UNICAST is forwarded. */
function refusal(type: u32): FibResult {
  switch (type) {
    case RouteType.UNICAST: return FibResult.SUCCESS;
    case RouteType.BLACKHOLE: return FibResult.BLACKHOLE;
    case RouteType.UNREACHABLE: return FibResult.UNREACHABLE;
    case RouteType.PROHIBIT: return FibResult.PROHIBIT;
    default: return FibResult.NOT_FWDED;
  }
}

function follow(fib: FibTable, params: FibParams, route: FibRoute, flags: u32): i32 {
  const dev = deviceByIfindex(route.ifindex);
  if (dev == null) return FibResult.NOT_FWDED;
  let mtu: u32 = 0;
  if (params.totLen != 0) {
    mtu = route.mtu != 0 ? route.mtu : load32(changetype<usize>(dev) + offsetof<Device>("mtu"));
    if (<u32>params.totLen > mtu) {
      params.totLen = <u16>mtu;
      return FibResult.FRAG_NEEDED;
    }
  }
  params.rtMetric = route.metric;
  params.ifindex = route.ifindex;
  if ((flags & FibFlag.SRC) != 0 && !fillSource(params, route)) return FibResult.NO_SRC_ADDR;
  if (route.gatewayFamily != 0) fillGateway(params, route);
  if ((flags & FibFlag.SKIP_NEIGH) == 0) {
    const bytes: u32 = params.family == AddressFamily.INET ? 4 : 16;
    const neighbour = fibNeighbour(fib, route.ifindex, params.family, params.dst, bytes);
    if (neighbour == null) return FibResult.NO_NEIGH;
    fillMacs(params, dev, neighbour);
  }
  // `bpf_fib_set_fwd_params`.
  params.tbid = 0;
  if (mtu != 0) params.totLen = <u16>mtu;
  return FibResult.SUCCESS;
}

function fillSource(params: FibParams, route: FibRoute): bool {
  if ((route.src0 | route.src1) == 0) return false;
  memory.copy(params.src, route.src, route.family == AddressFamily.INET ? 4 : 16);
  return true;
}

/** The gateway may be of the other family (RTA_VIA). */
function fillGateway(params: FibParams, route: FibRoute): void {
  params.family = <u8>route.gatewayFamily;
  const bytes: usize = route.gatewayFamily == AddressFamily.INET ? 4 : 16;
  memory.copy(params.dst, route.gateway, bytes);
}

function fillMacs(params: FibParams, dev: Device, neighbour: FibNeighbour): void {
  memory.copy(params.smac, dev.macAddress, 6);
  memory.copy(params.dmac, neighbour.macAddress, 6);
}
