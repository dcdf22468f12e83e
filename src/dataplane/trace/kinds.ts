/** Tracepoints, fates and sinks by number. `src/trace` has their names and fields; a test holds the two together. */

/** include/trace/events/xdp.h, in the order of the file. */
export const enum Tracepoint {
  XDP_EXCEPTION = 0,
  XDP_BULK_TX = 1,
  XDP_REDIRECT = 2,
  XDP_REDIRECT_ERR = 3,
  XDP_REDIRECT_MAP = 4,
  XDP_REDIRECT_MAP_ERR = 5,
  XDP_CPUMAP_KTHREAD = 6,
  XDP_CPUMAP_ENQUEUE = 7,
  XDP_DEVMAP_XMIT = 8,
  MEM_DISCONNECT = 9,
  MEM_CONNECT = 10,
  MEM_RETURN_FAILED = 11,
  COUNT = 12,
}

/** What became of a frame: exactly one for each. */
export const enum Fate {
  /** XDP_PASS: given to the stack. */
  PASS = 0,
  /** XDP_DROP by the receiving device's program. */
  DROP = 1,
  /** XDP_ABORTED, or an action that does not exist. */
  ABORTED = 2,
  /** Left the machine at the far end of a device. */
  TRANSMITTED = 3,
  /** On an AF_XDP socket's RX ring. */
  SOCKET = 4,
  /** The cpumap entry's queue was full. */
  CPUMAP_FULL = 5,
  /** The cpumap entry's program did not pass it. */
  CPUMAP_PROG_DROP = 6,
  /** The cpumap entry's program redirected it, which failed. */
  CPUMAP_PROG_REDIRECT_ERR = 7,
  /** The devmap entry's program returned XDP_DROP. */
  DEVMAP_PROG_DROP = 8,
  /** The devmap entry's program returned anything else but PASS. */
  DEVMAP_PROG_ABORTED = 9,
  /** ndo_xdp_xmit returned an errno. */
  XMIT_ERROR = 10,
  /** ndo_xdp_xmit took fewer frames: its ring was full, or a frame too long. */
  XMIT_DROP = 11,
  /** XDP_TX: the driver's transmit refused it. */
  TX_ERROR = 12,
  TX_DROP = 13,
  /** A broadcast had no target. */
  BROADCAST_EMPTY = 14,
  /** The device that it was queued on, or the socket, went away. */
  TARGET_GONE = 15,
  /** Not received: longer than the MTU allows, fragments without a program that takes them, or no room. */
  RX_DROP = 16,
  /** The worker that held it died. */
  WORKER_DIED = 17,
  /** Still on a ring when the machine was closed. */
  UNDELIVERED = 18,
  /** xdp_do_redirect failed, by errno. */
  REDIRECT_EINVAL = 19,
  REDIRECT_EBADRQC = 20,
  REDIRECT_EOPNOTSUPP = 21,
  REDIRECT_ENETDOWN = 22,
  REDIRECT_EMSGSIZE = 23,
  REDIRECT_ENOSPC = 24,
  REDIRECT_ENOMEM = 25,
  REDIRECT_ENOBUFS = 26,
  REDIRECT_ENXIO = 27,
  REDIRECT_EOVERFLOW = 28,
  REDIRECT_ENOENT = 29,
  /** Not received: the device is down. */
  RX_DOWN = 30,
  COUNT = 31,
}

/** Where frames end that somebody looks at. */
export const enum Sink {
  STACK = 0,
  DEVICE = 1,
  SOCKET = 2,
}

/** Where a frame comes from. */
export const enum Origin {
  /** A receive queue: from outside, or from a veth's peer. */
  QUEUE = 0,
  /** An application sent it on an AF_XDP socket. */
  SOCKET = 1,
}

/** Where a program is attached. */
export const enum ProgramHook {
  XDP = 0,
  CPUMAP = 1,
  DEVMAP = 2,
}

/** What takes frames, or does not. */
export const enum Queue {
  /** The `ptr_ring` of a cpumap entry. */
  CPUMAP = 0,
  /** A device's bulk queue: whether it can transmit the frame at all is asked before. */
  DEVICE_BULK = 1,
  /** The ring that `ndo_xdp_xmit` fills. */
  DEVICE = 2,
  /** The RX ring of an AF_XDP socket. */
  SOCKET = 3,
}
