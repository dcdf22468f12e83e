/**
 * Every struct that lives in the arena, declared once. `scripts/buildDataplane.mjs` reads field offsets from here and
 * generates `src/arena/layout.generated.ts` for the control plane.
 *
 * Who writes: "control" is the main thread before the struct is published, and afterwards only where a field says so;
 * "owner" is the one context that the struct belongs to. Words that a context may write while another reads or writes them
 * are marked ATOMIC (those that a pointer leads to: each ATOMIC) and are only touched through `atomics.ts`; where one is
 * not, a comment that starts with "Plain:" says why (`test/dataplane/seam.test.ts` looks). 64-bit counters have one writer; a reader on another thread may see them late, never torn.
 *
 * Structs whose parts have different writers keep them LINE bytes apart: `x.part` is then a struct of its own at a fixed
 * distance, and the `…Bytes` function beside the struct's code gives the whole size.
 */

/** Two cache lines: the adjacent-line prefetcher makes pairs of them travel together. */
export const LINE: usize = 128;

/** Below this address nothing lives: a NULL dereference is seen as one. */
export const MACHINE_ADDRESS: usize = 4096;

/** `dev_get_by_index`'s table (include/linux/netdevice.h:NETDEV_HASHENTRIES). */
export const DEVICE_HASH_SLOTS: u32 = 256;

/** The one struct at a fixed address: where everything else is found. */
@unmanaged
export class Machine {
  /** The kernel that is emulated: 601 or 618. */
  kernel: u32;
  nrCpus: u32;
  /** Bits of `Recording`. Control; ATOMIC, read by all. */
  recording: u32;
  /** Order number of the next trace record, machine-wide. ATOMIC. */
  recordOrder: u32;
  /** `Device` pointers by `ifindex & 255`, chained by `hashNext`. Control; each ATOMIC. */
  deviceHash: usize;
  /** Set by the first context that finds an invariant broken (`failure.ts`). ATOMIC. */
  failure: u32;
  failureContext: u32;
  failureDetail: u32;
  /**
   * Most bytes that the records of one frame can take: how many frames a step may handle with `Recording.LOSSLESS`.
   * Control. ATOMIC.
   */
  recordBytesPerFrame: u32;
  /** Room for what programs print of a frame, 0 where none prints. Control, before anything is recorded. */
  printBytesPerFrame: u32;
  /** Most bytes of a frame that are kept with `Recording.STAGES`. Control, before anything is recorded. */
  snapLength: u32;
  /** Tags given to frames so far. ATOMIC. */
  tags: u32;
  /** Tags given to copies so far: they have a range of their own, from COPY_TAGS. ATOMIC. */
  copyTags: u32;
  /** What programs may touch: [programLow, programHigh), which grows. Control; compiled programs read it at any time. */
  programLow: usize;
  programHigh: usize;
  /** `BpfMap` pointers by `BpfMap.slot`, u32[MAPS_MAX]: how a map that a program names is told from any other number. */
  maps: usize;
  /** `ValuePage`s of the programs' memory, where bounds are exact; else 0. Control, before the first map. */
  valuePages: usize;
  /** Programs' bounds are exact (`helper/access.ts`). Control, before anything runs. */
  checked: u32;
  /** Of the programs' random numbers. */
  seed: u32;
  /** `FibTable`, or 0. Control. ATOMIC. */
  fib: usize;
}

/** Tags from here on are copies', so that the others number the frames as they came in. */
export const COPY_TAGS: u32 = 0x80000000;

/** Which maps have values in VALUE_PAGE_BYTES of the programs' memory. Control. */
@unmanaged
export class ValuePage {
  /** The one that goes on from the page before. ATOMIC. */
  covering: BpfMap | null;
  /** Those that begin here, chained by `nextInPage`. ATOMIC. */
  first: BpfMap | null;
}

export const VALUE_PAGE_BYTES: u32 = 4096;

/** Maps that exist at the same time. */
export const MAPS_MAX: u32 = 65536;

/** What is written to the contexts' trace rings. */
export const enum Recording {
  /** The fate of every frame. That of one that carries a tag is recorded in any case. */
  FATES = 2,
  /** The bytes of every frame that reaches a sink. */
  CAPTURE = 4,
  /** Order per flow and target is checked on stamped frames (`device/stamp.ts`). */
  STAMPS = 8,
  /** Where a ring is full the context waits for the reader instead of losing the record. */
  LOSSLESS = 16,
  /** Every `xdp_do_flush` begins with a record: what comes before it was caused by frames, what follows by the flush. */
  FLUSHES = 32,
  /** Nothing but what programs print is recorded: the room that is kept for a frame's records is for that. */
  PRINTS = 64,
  /** Every frame that comes in gets a tag, and each step of its way a record. */
  LEDGER = 128,
  /** With LEDGER: the bytes of every frame before and after a program. */
  STAGES = 256,
  /** Shifted left by the number of a `Tracepoint`: that one is recorded. */
  TRACEPOINT = 0x10000,
  TRACEPOINTS = 0xffff0000,
}

/** An emulated CPU's per-CPU area. All but `bhLock` is touched only by who holds it, as under `local_bh_disable`. */
@unmanaged
export class Cpu {
  id: u32;
  /** ATOMIC. Holder: context id + 1. */
  bhLock: u32;
  ri: RedirectInfo;
  /** Heads of the flush lists (`struct bpf_net_context`). */
  devFlushList: XdpDevBulkQueue | null;
  cpuMapFlushList: XdpBulkQueue | null;
  xskMapFlushList: XdpSock | null;
}

/** The running CPU as one thread's compiled programs see it (`src/program/ebpf/inlineHelpers.ts`). That thread alone. */
@unmanaged
export class ProgramCpu {
  id: u32;
  redirectInfo: RedirectInfo;
  /** Instructions that the run in hand took before its last tail call. */
  spent: u32;
}

/** `struct bpf_redirect_info`. */
@unmanaged
export class RedirectInfo {
  tgtValue: usize;
  map: BpfMap | null;
  tgtIndex: u32;
  flags: u32;
  mapId: u32;
  mapType: u32;
  /** The errno with which a helper found no target: ENOENT for a key without an entry, EINVAL for flags; 0: none did. */
  refusal: u32;
  /** The map (0: none) and the key that it was asked for. */
  refusedMapId: u32;
  refusedKey: u32;
}

export const enum ContextKind {
  CONTROL = 0,
  RECEIVE = 1,
  CPUMAP = 2,
  DEVICE = 3,
  SOCKET = 4,
}

/** What runs on one worker. Owner: that worker, but for `wake`. */
@unmanaged
export class Context {
  id: u32;
  kind: ContextKind;
  /** Where it runs; the control, device and socket contexts have none. */
  cpu: Cpu | null;
  pool: FramePool;
  bulk: XdpFrameBulk;
  /** The `xdp_buff` of the frame in hand. */
  xdp: XdpBuff;
  /** The one that a devmap program sees: it runs while `xdp` is still needed. */
  devXdp: XdpBuff;
  /** Null where nothing is recorded. */
  trace: TraceRing | null;
  /** u64[Fate.COUNT] and u64[Tracepoint.COUNT]. */
  fates: usize;
  events: usize;
  /** Frames this context took in from outside, and copies it made. */
  received: u64;
  clones: u64;
  /** What a RECEIVE context serves. Control adds at the head of these lists. ATOMIC. */
  rxQueues: RxQueue | null;
  /** What a CPUMAP context serves; it takes out those that end. ATOMIC. */
  kthreads: BpfCpuMapEntry | null;
  /** What a DEVICE context serves. ATOMIC. */
  wires: WireQueue | null;
  /** What a SOCKET context serves. ATOMIC. */
  sockets: XdpSock | null;
  /** The cpumap entry whose kthread had the last batch: for diagnostics. */
  kthread: BpfCpuMapEntry | null;
  /** The program in hand, null between programs: for diagnostics and the watchdog. */
  program: BpfProg | null;
  /** u32[TEST_XDP_MAX_BATCH], pointers of the frames in hand. */
  frames: usize;
  /** Most frames that one step takes from each thing it serves: the NAPI weight, or a test run's batch size. Control. */
  weight: u32;
  /** Whom it gave `owedFrames` frames back and has not woken yet (`frame/pool.ts`). */
  owed: Context | null;
  owedFrames: u32;
  /** Guards the lists above against a removal while control adds. ATOMIC. */
  listLock: u32;
  /** Odd inside a bottom-half section: the grace period of `rcu.ts`. Owner writes. ATOMIC. */
  seq: u32;
  /** A worker died here: nothing may wait for it any more. Control. ATOMIC. */
  dead: u32;
  /** State of `bpf_get_prandom_u32`, never 0. */
  random: u64;
  /** Tail calls of the run in hand. */
  tailCalls: u32;
  /** The `bpf_spin_lock` that the run in hand holds, or 0. */
  spinLock: usize;
  /** `Reservation`s of the run in hand, RESERVATIONS_MAX of them, and how many there are. */
  reservations: usize;
  nrReservations: u32;
  /** TEXT_MAX_BYTES that `bpf_trace_printk` formats into, and its arguments, u64[3]. */
  text: usize;
  textArgs: usize;
  /** Where programs are shown keys (`bpf_for_each_map_elem`) and values of redirect maps: PROGRAM_SCRATCH_BYTES. Control. */
  programScratch: usize;
  /** Programs that ran here, modulo 2^32: the watchdog tells one long run from many. Owner. */
  runs: u32;

  // @ts-ignore: decorator
  @inline
  get wake(): ContextWake {
    return changetype<ContextWake>(changetype<usize>(this) + LINE * 2);
  }
}

/** A record of a RINGBUF that a run has reserved and not yet given back. */
@unmanaged
export class Reservation {
  map: BpfMap;
  position: u32;
}

/** BPF_TRACE_PRINTK_SIZE. */
export const TEXT_MAX_BYTES: u32 = 1024;

/** Keys of `bpf_for_each_map_elem`: a program builds its keys on its stack, no longer one is of use to it. */
export const FOR_EACH_KEY_MAX: u32 = 512;
/** Times FOR_EACH_DEPTH_MAX. */
export const FOR_EACH_SCRATCH_BYTES: u32 = 4096;
/** Values of redirect maps that a program may look at at the same time (`helper/redirectValue.ts`). */
export const REDIRECT_VALUES: u32 = 64;
export const REDIRECT_VALUE_BYTES: u32 = 8;
/** FOR_EACH_SCRATCH_BYTES, then those values. */
export const PROGRAM_SCRATCH_BYTES: u32 = 4608;

/** Records that a run may have reserved at a time. */
export const RESERVATIONS_MAX: u32 = 16;

/** At `Context` + 2 LINE: written by whoever hands it work. */
@unmanaged
export class ContextWake {
  /** 1 while the worker sleeps or is about to. Owner sets, anyone clears. ATOMIC. */
  sleeping: u32;
  /** Bits of `Mail`. Control sets, the worker clears. ATOMIC. */
  mail: u32;
  /** How often the worker has slept: who finds it asleep twice knows whether it was in between. Owner. ATOMIC. */
  sleeps: u32;
}

/**
 * `struct xdp_frame`, and what the emulator keeps beside it: one cache line, apart from the frame's bytes so that no
 * program can reach it.
 */
@unmanaged
export class XdpFrame {
  data: usize;
  len: u32;
  headroom: u32;
  metasize: u32;
  /** First byte of the headroom. Control. */
  dataHardStart: usize;
  /** Bits of `FrameFlag`. */
  flags: u32;
  devRx: Device;
  /** `struct skb_shared_info`: fragments are frames of the same pool, chained by `next`. */
  frags: XdpFrame | null;
  nrFrags: u32;
  fragsSize: u32;
  next: XdpFrame | null;
  pool: FramePool;
  /**
   * Address of the word that says who holds the frame: `FrameOwner`, or a context's id + FrameOwner.CONTEXT. The holder
   * writes it. It lies apart, 16 frames to a cache line: a context that only passes a frame on or gives it back leaves
   * this line as it is, and the pool's context finds it in its own cache again. Control.
   */
  ownerAt: usize;
  /** RSS hash of the packet as it came in. */
  hash: u32;
  /** Who it is, where somebody wants to know its fate (`trace/tags.ts`); 0: nobody does. */
  tag: u32;
  rxQueue: u32;

  // @ts-ignore: decorator
  @inline
  get owner(): u32 {
    return load<u32>(this.ownerAt);
  }

  // @ts-ignore: decorator
  @inline
  set owner(value: u32) {
    store<u32>(this.ownerAt, value);
  }
}

/** What control wants of a worker. */
export const enum Mail {
  /** A message waits on the worker's port. */
  MESSAGE = 1,
  STOP = 2,
}

export const enum FrameFlag {
  HAS_FRAGS = 1,
  /** The frame holds a partial checksum (made by this host, not yet filled in). */
  PARTIAL_CSUM = 2,
  /** It is a fragment of another frame and goes where that goes. */
  FRAG = 4,
  /** Control injected it, or it is a copy of such a frame: its bytes at a sink are recorded in any case. */
  INJECTED = 8,
}

/** Who holds a frame: checked wherever it changes hands. */
export const enum FrameOwner {
  FREE = 0,
  RING = 1,
  CONTEXT = 2,
}

/** Frames of one context. Control. */
@unmanaged
export class FramePool {
  owner: Context;
  nrFrames: u32;
  /** Bytes of a frame, from its hard start: headroom, data and tailroom. */
  frameSz: u32;
  /** `XdpFrame`[nrFrames], and u32[nrFrames] of who holds them. */
  base: usize;
  owners: usize;
  /** u32[nrFrames] of frame pointers, a stack that only the owner touches; others give frames back by `recycle`. */
  free: usize;
  recycle: PtrRing;

  // @ts-ignore: decorator
  @inline
  get own(): FramePoolOwn {
    return changetype<FramePoolOwn>(changetype<usize>(this) + LINE);
  }
}

/** At `FramePool` + LINE: the owner's, on a cache line that nobody else reads. */
@unmanaged
export class FramePoolOwn {
  /** Frames on the stack. */
  nrFree: u32;
}

/** `struct xdp_frame_bulk`: frames on their way back to one pool. Trailing u32[XDP_BULK_FRAMES]. */
@unmanaged
export class XdpFrameBulk {
  pool: FramePool | null;
  count: u32;
}

/** `struct xdp_md` (the first six fields, as the user API has them) and the rest of `struct xdp_buff`. */
@unmanaged
export class XdpBuff {
  data: usize;
  dataEnd: usize;
  dataMeta: usize;
  ingressIfindex: u32;
  rxQueueIndex: u32;
  egressIfindex: u32;
  dataHardStart: usize;
  frameSz: u32;
  frame: XdpFrame;
  rxDev: Device;
}

/** `struct ptr_ring`: slots are null-checked, so each side needs only its own index. Control. */
@unmanaged
export class PtrRing {
  size: u32;
  /** The consumer clears slots in groups of this many. */
  batch: u32;
  /** u32[size], each ATOMIC. */
  queue: usize;

  // @ts-ignore: decorator
  @inline
  get producer(): PtrRingProducer {
    return changetype<PtrRingProducer>(changetype<usize>(this) + LINE);
  }

  // @ts-ignore: decorator
  @inline
  get consumer(): PtrRingConsumer {
    return changetype<PtrRingConsumer>(changetype<usize>(this) + LINE * 2);
  }
}

/** At `PtrRing` + LINE. `head` is written under `lock`. */
@unmanaged
export class PtrRingProducer {
  /** ATOMIC. */
  lock: u32;
  head: u32;
  /** Slots from `head` that are being filled: what a producer that died leaves behind. */
  pending: u32;
}

/** At `PtrRing` + 2 LINE: the one consumer's. */
@unmanaged
export class PtrRingConsumer {
  head: u32;
  tail: u32;
}

/** Single producer, single consumer, u32 values; `head` and `tail` run freely. Control. */
@unmanaged
export class SpscRing {
  /** A power of two. */
  size: u32;
  queue: usize;

  // @ts-ignore: decorator
  @inline
  get producer(): SpscRingSide {
    return changetype<SpscRingSide>(changetype<usize>(this) + LINE);
  }

  // @ts-ignore: decorator
  @inline
  get consumer(): SpscRingSide {
    return changetype<SpscRingSide>(changetype<usize>(this) + LINE * 2);
  }
}

/** One side of an `SpscRing`: its own index, and where it last saw the other's. */
@unmanaged
export class SpscRingSide {
  /** This side writes. ATOMIC. */
  index: u32;
  /** This side alone. */
  cached: u32;
}

/** A network device. Control; `flags`, `mtu` and `prog` may change while frames flow. */
@unmanaged
export class Device {
  ifindex: u32;
  /** `dev_addr`, 6 bytes at `macAddress`. */
  mac: u64;
  /** IFF_*. ATOMIC. */
  flags: u32;
  /** ATOMIC. */
  mtu: u32;
  hardHeaderLen: u32;
  /** NETDEV_XDP_ACT_*. ATOMIC. */
  features: u32;
  /** Its driver has an ndo_xdp_xmit at all (before 6.3 nothing else said whether a device can transmit). */
  hasNdo: u32;
  /** The native XDP program, or null. ATOMIC. */
  prog: BpfProg | null;
  /** ATOMIC. */
  hashNext: Device | null;
  /** `XdpDevBulkQueue` pointers by CPU (`dev->xdp_bulkq`). */
  bulkQueues: usize;
  /** `RxQueue` pointers. */
  rxQueues: usize;
  nrRxQueues: u32;
  /** Where `ndo_xdp_xmit` puts frames: the peer's receive queues, or wires. `FrameQueue` pointers. */
  xmitQueues: usize;
  nrXmitQueues: u32;
  /** An errno that `ndo_xdp_xmit` returns, or 0. ATOMIC. */
  xmitError: i32;
  /** `ndo_xdp_xmit` stops at a longer frame; 0: no limit. ATOMIC. */
  xmitMaxLength: u32;
  /** Its receive side takes fragmented frames (NETDEV_XDP_ACT_RX_SG and a program loaded with frags). */
  rxSg: u32;

  // @ts-ignore: decorator
  @inline
  get macAddress(): usize {
    return changetype<usize>(this) + offsetof<Device>("mac");
  }
}

/** A ring of frames that one context empties: a device's receive queue, or a wire. */
@unmanaged
export class FrameQueue {
  ring: PtrRing;
  consumer: Context;
  device: Device;
  index: u32;
  /** Frames are taken only after XDP_XMIT_FLUSH notified the receiver; 0: whenever there are any. */
  needsFlush: u32;
  /** Anyone sets, the consumer clears. ATOMIC. */
  notified: u32;
  /** The consumer alone: it was notified and has not found the ring empty since. */
  draining: u32;
  /** Consumer alone: what came out of the ring. */
  frames: u64;
  bytes: u64;
}

export const enum RxMode {
  NATIVE = 0,
  /** BPF_PROG_TEST_RUN with BPF_F_TEST_XDP_LIVE_FRAMES: no driver. */
  TEST_RUN = 1,
}

/** A device's receive queue, polled by one receive context. */
@unmanaged
export class RxQueue extends FrameQueue {
  next: RxQueue | null;
  mode: RxMode;
  /** Traffic that comes in here by itself, chained by `next`, or null. Control. ATOMIC. */
  source: Source | null;
  /** Whose turn it is among several: counts polls. Owner alone. */
  turn: u32;
  /** `struct veth_xdp_tx_bq`: XDP_TX frames. Trailing slots in `txQueue`. */
  txCount: u32;
  txQueue: usize;
}

/** Where a device's frames leave the machine. */
@unmanaged
export class WireQueue extends FrameQueue {
  next: WireQueue | null;
  /** Control stalls it to test back-pressure. ATOMIC. */
  stalled: u32;
  /** The last stamps seen (`device/stamp.ts`), or null where none are checked. */
  stamps: usize;
}

/** Traffic for one receive queue. Control sets it up, then the receive context alone. */
@unmanaged
export class Source {
  /** More traffic of the same queue. Control, before it is published. */
  next: Source | null;
  /** `Packet` array and its length. */
  packets: usize;
  nrPackets: u32;
  cursor: u32;
  /** Frames still to come; the top value means without end. */
  remaining: u64;
  /** Flows are numbered by packet; each frame of a flow gets the next number of `sequences` (u32 per packet), or null. */
  sequences: usize;
  /** What follows the head in frames longer than it. */
  fill: usize;
  /** Most frames a poll; the budget where 0. */
  burst: u32;
}

/** A packet of a source: `headLength` bytes of its own, filled up to `length`. */
@unmanaged
export class Packet {
  head: usize;
  headLength: u32;
  length: u32;
  hash: u32;
  /** Bytes in the first buffer of a packet that comes in fragments although it would fit; 0 for others. */
  linear: u32;
}

/** `struct xdp_dev_bulk_queue`: one per device and CPU, under that CPU's `bhLock`. Trailing u32[DEV_MAP_BULK_SIZE]. */
@unmanaged
export class XdpDevBulkQueue {
  dev: Device;
  devRx: Device | null;
  prog: BpfProg | null;
  flushNext: XdpDevBulkQueue | null;
  count: u32;
}

/** `struct xdp_bulk_queue`: one per cpumap entry and CPU, under that CPU's `bhLock`. Trailing u32[CPU_MAP_BULK_SIZE]. */
@unmanaged
export class XdpBulkQueue {
  obj: BpfCpuMapEntry;
  flushNext: XdpBulkQueue | null;
  flushPrev: XdpBulkQueue | null;
  onList: u32;
  count: u32;
}

/** `struct bpf_prog`, as much of it as the data plane needs. Control. */
@unmanaged
export class BpfProg {
  id: u32;
  /** Its function in every worker's program table. */
  tableIndex: u32;
  /** `expected_attach_type`. */
  attachType: u32;
  /** Loaded with BPF_F_XDP_HAS_FRAGS. */
  hasFrags: u32;
}

/** `struct bpf_map`. Control; what programs change is in the storage behind it. */
@unmanaged
export class BpfMap {
  id: u32;
  type: u32;
  keySize: u32;
  valueSize: u32;
  maxEntries: u32;
  /** Entries that there is memory for: `maxEntries`, or fewer in a hash that allocates as it goes (BPF_F_NO_PREALLOC). */
  capacity: u32;
  /** Where in each value a `bpf_spin_lock` is, plus 1; 0 where there is none. */
  spinLock: u32;
  /** Distance of values: `valueSize` rounded up to 8, and more where bounds are exact (`map/init.ts`). */
  valueStride: u32;
  /** Index of `Machine.maps`. */
  slot: u32;
  /** `map_flags`. */
  flags: u32;
  /** Arrays: values, or entry pointers (each ATOMIC). Hashes: bucket heads (each ATOMIC). */
  slots: usize;
  /** What programs get pointers to: the one part of a map that they may write. 0 where there is nothing of the kind. */
  values: usize;
  /** Hashes: a power of two. */
  nrBuckets: u32;
  /** Bucket locks of hashes, or the one lock of any other type that has one. u32, each ATOMIC. */
  locks: usize;
  /** Hashes: guards `freeList`, which is chained by `hash`. ATOMIC. */
  freeLock: u32;
  freeList: HashElem | null;
  /** Hashes: a spare element for each CPU and for control, for replacing in a full map. */
  extraElems: usize;
  /** Keys present: hashes under `freeLock`, DEVMAP_HASH and LPM_TRIE under their lock. */
  count: u32;
  /** Hashes: `HashElems`. */
  elems: usize;
  /** Of `ValuePage.first`. Control. ATOMIC. */
  nextInPage: BpfMap | null;
}

/** `struct htab_elem`, then the key, rounded up to 8. */
@unmanaged
export class HashElem {
  /** ATOMIC. The end of bucket b's chain is the odd number 2b+1 (`hlist_nulls`): a reader that was moved along notices. */
  next: usize;
  /**
   * Of the key; of a free element, the next free one: readers that still stand on it must find `next` as it was (so the
   * kernel's `fnode` overlays `pprev`). ATOMIC.
   */
  hash: u32;
  /** Its value(s), for good: each `valueStride` bytes, among the map's `values`. */
  value: usize;
  /** LRU: it was used since the clock's hand last came by. ATOMIC. */
  referenced: u32;
  /** Keys begin at a multiple of 8. */
  padding: u32;
}

/** `struct bpf_dtab_netdev`: an entry of a devmap. Control, published by the map's slot. */
@unmanaged
export class BpfDtabNetdev {
  dev: Device;
  prog: BpfProg | null;
  index: u32;
  /** DEVMAP_HASH. ATOMIC. */
  hashNext: BpfDtabNetdev | null;
}

export const enum KthreadState {
  RUNNING = 0,
  /** `kthread_stop` was called: it ends once its ring is empty. */
  STOPPING = 1,
  STOPPED = 2,
}

/** `struct bpf_cpu_map_entry` with its kthread. Control, published by the map's slot. */
@unmanaged
export class BpfCpuMapEntry {
  mapId: u32;
  cpu: u32;
  qsize: u32;
  prog: BpfProg | null;
  queue: PtrRing;
  /** `XdpBulkQueue` pointers by CPU. */
  bulkQueues: usize;
  kthread: Context;
  /** The list of the kthread's context. Control, then, once it is on the list, that context alone. */
  next: BpfCpuMapEntry | null;
  /** `KthreadState`. ATOMIC. */
  state: u32;
  /** A test stalls the consumer. Control. ATOMIC. */
  stalled: u32;
  /** The last stamps seen (`device/stamp.ts`), or null where none are checked. */
  stamps: usize;

  // @ts-ignore: decorator
  @inline
  get own(): BpfCpuMapEntryOwn {
    return changetype<BpfCpuMapEntryOwn>(changetype<usize>(this) + LINE);
  }
}

/** At `BpfCpuMapEntry` + LINE: the kthread's alone. */
@unmanaged
export class BpfCpuMapEntryOwn {
  /** It slept since its last batch: `sched` of the tracepoint. */
  sched: u32;
  /** Totals of `xdp_cpumap_kthread`. */
  processed: u64;
  drops: u64;
  xdpPass: u64;
  xdpDrop: u64;
  xdpRedirect: u64;
}

/** `struct xsk_buff_pool` in copy mode: chunks of one UMEM, and the FILL and COMPLETION rings. */
@unmanaged
export class XskBuffPool {
  umem: usize;
  chunkSize: u32;
  headroom: u32;
  nrChunks: u32;
  fq: XskQueue;
  cq: XskQueue;
  /** Chunks that were taken from the fill ring and given back by the kernel side. u32[nrChunks]. Under `rxLock`. */
  freeList: usize;
  /** Control. ATOMIC. */
  needsLock: u32;

  // @ts-ignore: decorator
  @inline
  get receiver(): XskBuffPoolReceiver {
    return changetype<XskBuffPoolReceiver>(changetype<usize>(this) + LINE);
  }
}

/** At `XskBuffPool` + LINE: the receivers'. */
@unmanaged
export class XskBuffPoolReceiver {
  /** Under `rxLock`. */
  freeListCnt: u32;
  /** Taken by every receiver, once several contexts can deliver here (`needsLock`). ATOMIC. */
  rxLock: u32;
}

/** `struct xdp_sock`. */
@unmanaged
export class XdpSock {
  id: u32;
  /** Null while not bound, and after the socket is closed. ATOMIC. */
  dev: Device | null;
  queueId: u32;
  pool: XskBuffPool;
  rx: XskQueue;
  tx: XskQueue;
  /** The application's side: its context, list and mode. */
  app: Context;
  next: XdpSock | null;
  mode: SocketMode;
  /** A test stalls the application. Control. ATOMIC. */
  stalled: u32;
  /** The last stamps seen (`device/stamp.ts`), or null where none are checked. */
  stamps: usize;

  // @ts-ignore: decorator
  @inline
  get receiver(): XdpSockReceiver {
    return changetype<XdpSockReceiver>(changetype<usize>(this) + LINE);
  }

  // @ts-ignore: decorator
  @inline
  get application(): XdpSockApplication {
    return changetype<XdpSockApplication>(changetype<usize>(this) + LINE * 2);
  }
}

/** At `XdpSock` + LINE: the receiver's alone (under `rxLock` where there may be several). */
@unmanaged
export class XdpSockReceiver {
  /** XSKMAP flush list of the CPU that delivers. */
  flushNext: XdpSock | null;
  onFlushList: u32;
  /** `XDP_STATISTICS`. */
  rxDropped: u64;
  rxQueueFull: u64;
  rxFrames: u64;
  rxBytes: u64;
}

/** At `XdpSock` + 2 LINE: the application's alone. */
@unmanaged
export class XdpSockApplication {
  appFrames: u64;
  txFrames: u64;
}

/** What the application on a socket does. */
export const enum SocketMode {
  /** Read frames, give the buffers back to the FILL ring. */
  DROP = 0,
  /** Swap the MAC addresses and send the frame back by the TX ring. */
  FORWARD = 1,
  /** Nothing: the test works the rings itself. */
  MANUAL = 2,
}

/** `struct xsk_queue` over `struct xdp_ring`: the kernel's side has cached indices, the user's only the ring. */
@unmanaged
export class XskQueue {
  /** A power of two. */
  nentries: u32;
  /** u64 addresses (FILL, COMPLETION) or `XdpDesc` (RX, TX). */
  desc: usize;
  // @ts-ignore: decorator
  @inline
  get ring(): XdpRing {
    return changetype<XdpRing>(changetype<usize>(this) + LINE);
  }

  // @ts-ignore: decorator
  @inline
  get own(): XskQueueOwn {
    return changetype<XskQueueOwn>(changetype<usize>(this) + LINE * 4);
  }
}

/** At `XskQueue` + 4 LINE: the kernel side's alone. */
@unmanaged
export class XskQueueOwn {
  cachedProd: u32;
  cachedCons: u32;
  invalidDescs: u64;
  queueEmptyDescs: u64;
}

/** `struct xdp_ring`, at `XskQueue` + LINE; producer, consumer and flags on lines of their own. */
@unmanaged
export class XdpRing {
  /** ATOMIC. */
  producer: u32;

  // @ts-ignore: decorator
  @inline
  get consumerAddress(): usize {
    return changetype<usize>(this) + LINE;
  }

  // @ts-ignore: decorator
  @inline
  get flagsAddress(): usize {
    return changetype<usize>(this) + LINE * 2;
  }
}

/** `struct xdp_desc`. */
@unmanaged
export class XdpDesc {
  addr: u64;
  len: u32;
  options: u32;
}

/** A context's records on their way to the control plane: bytes, single producer, single consumer. */
@unmanaged
export class TraceRing {
  /** A power of two, bytes. */
  size: u32;
  buffer: usize;
  /** Records that did not fit. Producer alone. */
  lost: u64;
  /** Frames that the step in hand may handle: there is room for their records. Producer alone. */
  granted: u32;
  /** Texts of `bpf_trace_printk` that found no room; `lost` counts the other records. */
  lostTexts: u32;

  // @ts-ignore: decorator
  @inline
  get producer(): SpscRingSide {
    return changetype<SpscRingSide>(changetype<usize>(this) + LINE);
  }

  // @ts-ignore: decorator
  @inline
  get consumer(): SpscRingSide {
    return changetype<SpscRingSide>(changetype<usize>(this) + LINE * 2);
  }
}

export const enum RecordKind {
  /** Fills the end of the buffer: a record never wraps. */
  PAD = 0,
  TRACEPOINT = 1,
  FATE = 2,
  CLONE = 3,
  CAPTURE = 4,
  /** `xdp_do_flush` begins. */
  FLUSH = 5,
  /** `bpf_trace_printk`: the text follows. */
  PRINTK = 6,
  /** `bpf_perf_event_output`: the program's bytes follow, then the packet's. */
  PERF_EVENT = 7,
  /** A program tells of its run (`trace/runs.ts`). */
  RUN = 8,
  /** A frame came in: the first bytes of it follow. */
  RECEIVE = 9,
  /** A program is about to run on a frame, and has: with STAGES the frame's bytes follow. */
  PROGRAM_ENTRY = 10,
  PROGRAM_EXIT = 11,
  /** Frames met a ring or a queue: their tags follow, those that were taken first. */
  ENQUEUE = 12,
}

/** Head of every record, a multiple of 8 bytes long. `b` is the length of the bytes that follow, if any do. */
@unmanaged
export class TraceRecord {
  bytes: u32;
  kind: u16;
  /** `Tracepoint`, `Fate`, `Sink`, `Origin`, `ProgramHook` or `Queue`, by `kind`. */
  type: u16;
  timeNs: f64;
  /** Machine-wide order number. */
  order: u32;
  cpu: i32;
  tag: u32;
  /** Address of the frame, so that the events of one frame can be told from another's. */
  frame: u32;
  /** Id of the map whose kthread did it; 0: none, it happened in a softirq or outside of CPUs. */
  kthreadMapId: u32;
  /** Keeps the size a multiple of 8. */
  reserved: u32;
  /** Fields of the tracepoint in the kernel's print order, or of the fate: see `src/trace`. */
  a: i32;
  b: i32;
  c: i32;
  d: i32;
  e: i32;
  f: i32;
  g: i32;
  h: i32;
  i: i32;
  j: i32;
}
