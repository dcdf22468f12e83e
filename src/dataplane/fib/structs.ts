/** The forwarding table that `bpf_fib_lookup` looks in. Control makes a whole new one for every change. */

/** At `Machine.fib`. */
@unmanaged
export class FibTable {
  /** `FibRoute`[nrRoutes]: the first that matches is the best one of its table. */
  routes: usize;
  nrRoutes: u32;
  /** `FibNeighbour`[nrNeighbours]. */
  neighbours: usize;
  nrNeighbours: u32;
}

/** `struct bpf_fib_lookup` (include/uapi/linux/bpf.h), in the program's memory. */
@unmanaged
export class FibParams {
  family: u8;
  l4Protocol: u8;
  sport: u16;
  dport: u16;
  /** In: the packet's length at layer 3, 0 for no check. Out: the MTU. */
  totLen: u16;
  ifindex: u32;
  /** Out: the route's metric. */
  rtMetric: u32;
  src0: u64;
  src1: u64;
  dst0: u64;
  dst1: u64;
  /** In: the table, with the flag TBID. Out: VLAN protocol and tag. */
  tbid: u32;
  /** `u8 smac[6], dmac[6]`. */
  smac0: u32;
  smac1: u16;
  dmac0: u16;
  dmac1: u32;

  // @ts-ignore: decorator
  @inline
  get src(): usize {
    return changetype<usize>(this) + offsetof<FibParams>("src0");
  }

  // @ts-ignore: decorator
  @inline
  get dst(): usize {
    return changetype<usize>(this) + offsetof<FibParams>("dst0");
  }

  // @ts-ignore: decorator
  @inline
  get smac(): usize {
    return changetype<usize>(this) + offsetof<FibParams>("smac0");
  }

  // @ts-ignore: decorator
  @inline
  get dmac(): usize {
    return changetype<usize>(this) + offsetof<FibParams>("dmac0");
  }
}

/** A route; addresses in network byte order, an IPv4 one in the first 4 of 16 bytes. */
@unmanaged
export class FibRoute {
  /** AF_INET or AF_INET6. */
  family: u32;
  tableId: u32;
  /** RTN_*. */
  type: u32;
  prefixLen: u32;
  ifindex: u32;
  /** 0: the device's. */
  mtu: u32;
  metric: u32;
  /** AF_INET or AF_INET6; 0: the destination is on the link. */
  gatewayFamily: u32;
  /** Bytes as two words each. */
  dst0: u64;
  dst1: u64;
  gateway0: u64;
  gateway1: u64;
  /** RTA_PREFSRC. */
  src0: u64;
  src1: u64;

  // @ts-ignore: decorator
  @inline
  get dst(): usize {
    return changetype<usize>(this) + offsetof<FibRoute>("dst0");
  }

  // @ts-ignore: decorator
  @inline
  get gateway(): usize {
    return changetype<usize>(this) + offsetof<FibRoute>("gateway0");
  }

  // @ts-ignore: decorator
  @inline
  get src(): usize {
    return changetype<usize>(this) + offsetof<FibRoute>("src0");
  }
}

/** A neighbour whose state is valid. */
@unmanaged
export class FibNeighbour {
  ifindex: u32;
  family: u32;
  address0: u64;
  address1: u64;
  /** 6 bytes. */
  mac: u64;

  // @ts-ignore: decorator
  @inline
  get address(): usize {
    return changetype<usize>(this) + offsetof<FibNeighbour>("address0");
  }

  // @ts-ignore: decorator
  @inline
  get macAddress(): usize {
    return changetype<usize>(this) + offsetof<FibNeighbour>("mac");
  }
}

/** Types of routes (include/uapi/linux/rtnetlink.h). */
export const enum RouteType {
  UNICAST = 1,
  LOCAL = 2,
  BROADCAST = 3,
  BLACKHOLE = 6,
  UNREACHABLE = 7,
  PROHIBIT = 8,
}

/** Tables, in the order of the rules that every machine starts with. */
export const enum RouteTable {
  LOCAL = 255,
  MAIN = 254,
  DEFAULT = 253,
}

export const enum AddressFamily {
  INET = 2,
  INET6 = 10,
}
