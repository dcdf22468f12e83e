/** Numbers of Linux's user API (include/uapi/linux/bpf.h, if_link.h, if_xdp.h, errno.h). */

export const enum XdpAction {
  ABORTED = 0,
  DROP = 1,
  PASS = 2,
  TX = 3,
  REDIRECT = 4,
}

export const enum MapType {
  UNSPEC = 0,
  HASH = 1,
  ARRAY = 2,
  PROG_ARRAY = 3,
  PERF_EVENT_ARRAY = 4,
  PERCPU_HASH = 5,
  PERCPU_ARRAY = 6,
  LRU_HASH = 9,
  LRU_PERCPU_HASH = 10,
  LPM_TRIE = 11,
  ARRAY_OF_MAPS = 12,
  HASH_OF_MAPS = 13,
  DEVMAP = 14,
  CPUMAP = 16,
  XSKMAP = 17,
  QUEUE = 22,
  STACK = 23,
  DEVMAP_HASH = 25,
  RINGBUF = 27,
  BLOOM_FILTER = 30,
}

/** Flags of BPF_MAP_CREATE that the data plane looks at. */
export const enum MapFlag {
  /** Programs may not write the map's values. */
  RDONLY_PROG = 128,
  /** Programs may not read them. */
  WRONLY_PROG = 256,
}

/** Flags of `bpf_map_update_elem`. */
export const enum UpdateFlag {
  ANY = 0,
  NOEXIST = 1,
  EXIST = 2,
  /** BPF_F_LOCK: the value's own spin lock is held while it is copied. */
  LOCK = 4,
}

/** Flags of `bpf_redirect_map`; the low two bits are the action for a failed lookup. */
export const enum RedirectFlag {
  ACTION_MASK = 3,
  BROADCAST = 8,
  EXCLUDE_INGRESS = 16,
}

/** `ndo_xdp_xmit`'s flag: notify the receiver. */
export const XDP_XMIT_FLUSH: u32 = 1;

/** NETDEV_XDP_ACT_*: what a device can do. */
export const enum Feature {
  NDO_XMIT = 4,
  NDO_XMIT_SG = 64,
}

/** IFF_UP. */
export const IFF_UP: u32 = 1;

/** XDP_RING_NEED_WAKEUP, in a ring's flags word. */
export const RING_NEED_WAKEUP: u32 = 1;

export const enum Errno {
  EPERM = 1,
  ENOENT = 2,
  ENXIO = 6,
  E2BIG = 7,
  EAGAIN = 11,
  ENOMEM = 12,
  EACCES = 13,
  EFAULT = 14,
  EBUSY = 16,
  EEXIST = 17,
  ENODEV = 19,
  EINVAL = 22,
  ENOSPC = 28,
  ERANGE = 34,
  EBADRQC = 56,
  ENODATA = 61,
  EOVERFLOW = 75,
  EMSGSIZE = 90,
  EOPNOTSUPP = 95,
  EAFNOSUPPORT = 97,
  ENETDOWN = 100,
  ENOBUFS = 105,
  ENOTSUPP = 524,
}

export const ETH_HLEN: u32 = 14;
export const VLAN_HLEN: u32 = 4;
export const XDP_PACKET_HEADROOM: u32 = 256;
/** sizeof(struct xdp_frame): the kernel keeps it at the start of the headroom, so programs cannot have that part. */
export const XDP_FRAME_BYTES: u32 = 40;
/** SKB_DATA_ALIGN(sizeof(struct skb_shared_info)): the tail that `bpf_xdp_adjust_tail` leaves alone. */
export const SHARED_INFO_BYTES: u32 = 320;
export const MAX_SKB_FRAGS: u32 = 17;
export const INT_MAX: u32 = 0x7fffffff;
