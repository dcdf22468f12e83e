import {
  Context,
  ContextKind,
  Device,
  FrameFlag,
  FrameQueue,
  Packet,
  XdpBuff,
  XdpFrame,
} from '../../src/arena/layout.generated.js';
import { type ContextHandle, Kernel, type KernelVersion } from '../../src/machine/kernel.js';

/** Frames that each context of these tests has. */
export const POOL_FRAMES = 80;

/** A machine with two receive contexts and nothing to receive: tests make and move its frames one by one. */
export class Frames {
  readonly kernel: Kernel;
  readonly owner: ContextHandle;
  readonly other: ContextHandle;
  readonly #queue: number;

  constructor(version: KernelVersion = 618) {
    const options = { nrCpus: 2, controlFrames: 1, arenaBytes: 2 ** 25, nowNs: () => 0 };
    this.kernel = new Kernel({ ...options, kernel: version });
    this.owner = this.kernel.createContext(ContextKind.RECEIVE, 0, POOL_FRAMES);
    this.other = this.kernel.createContext(ContextKind.RECEIVE, 1, POOL_FRAMES);
    const { arena, dp } = this.kernel;
    this.#queue = arena.allocate(dp.rxQueueBytes(8));
    dp.rxQueueInit(this.#queue, 8);
    arena.set(this.#queue, FrameQueue.device, arena.allocate(Device.SIZE));
  }

  /** A frame of `owner` with no data: its address, or 0. */
  alloc({ address } = this.owner): number {
    const { dp } = this.kernel;
    if (dp.framePoolRefill(this.pool({ address }), 1) === 0) return 0;
    const frame = dp.frameAlloc(address);
    dp.framePrepare(frame, 0);
    return frame;
  }

  /** A frame of `owner` that holds `bytes`, in fragments where they are too many for one buffer. */
  receive(bytes: Uint8Array): number {
    const { arena, dp } = this.kernel;
    // Packets are read in whole lines.
    const head = arena.allocate(bytes.length + 64);
    const packet = arena.allocate(Packet.SIZE);
    arena.u8.set(bytes, head);
    arena.assign(packet, Packet, {
      ...{ head, headLength: bytes.length, length: bytes.length },
    } as never);
    const frame = dp.packetToFrame(this.owner.address, this.#queue, packet, 0);
    arena.free(packet);
    arena.free(head);
    return frame;
  }

  /** A program's view of `frame`. */
  buff(frame: number): number {
    const xdp = this.kernel.arena.allocate(XdpBuff.SIZE);
    this.kernel.dp.setCurrent(this.owner.address);
    this.kernel.dp.xdpConvertFrameToBuff(frame, xdp);
    return xdp;
  }

  pool({ address }: Pick<ContextHandle, 'address'> = this.owner): number {
    return this.kernel.arena.get(address, Context.pool);
  }

  /** Frames of `owner` that are not free, fragments apart. */
  get inUse(): number {
    return this.kernel.dp.framesInUse(this.pool());
  }

  /** Frames that `owner` can allocate. */
  get free(): number {
    return this.kernel.dp.framePoolRefill(this.pool(), POOL_FRAMES);
  }

  nrFrags(frame: number): number {
    const { arena } = this.kernel;
    return arena.get(frame, XdpFrame.flags) & FrameFlag.HAS_FRAGS
      ? arena.get(frame, XdpFrame.nrFrags)
      : 0;
  }
}
