import type { RedirectSocket, XskStats } from '../redirectTrace.js';
import type { Context, Frame } from './context.js';
import { EINVAL, ENOBUFS, ENOMEM, ENOSPC } from './errno.js';
import { FillRing } from './fillRing.js';
import { Inbox } from './inbox.js';

/** `XDP_PACKET_HEADROOM` */
const HEADROOM_BYTES = 256;

/** `struct xsk_buff_pool`: the buffers that sockets with a common umem and queue share. */
export class XskBuffPool {
  readonly fill: FillRing;
  /** Buffers taken from the fill ring for a frame that then found the RX ring full. */
  free = 0;

  constructor(posted: number) {
    this.fill = new FillRing(posted);
  }

  /** `xp_alloc` */
  alloc(): boolean {
    if (this.free === 0) return this.fill.take();
    this.free--;
    return true;
  }

  /** `xp_can_alloc` for one buffer: looks, and takes none. */
  canAlloc(): boolean {
    return this.free > 0 || this.fill.hasEntry();
  }
}

/** An AF_XDP socket bound in copy mode, and the application that reads it. */
export class XdpSock {
  readonly kind = 'xsk';
  readonly id: string;
  readonly delivered = new Inbox();
  private readonly declaration: RedirectSocket;
  private readonly pool: XskBuffPool;
  private readonly rx: Frame[] = [];
  private rxDropped = 0;
  private rxRingFull = 0;

  constructor(declaration: RedirectSocket, pool: XskBuffPool) {
    this.id = declaration.id;
    this.declaration = declaration;
    this.pool = pool;
  }

  /** `xsk_rcv`: 0, or why the frame is not on the RX ring. */
  receive(context: Context, frame: Frame): number {
    const { device, queue, chunk, headroom } = this.declaration;
    if (device !== context.ingressDevice || queue !== context.rxQueue) return EINVAL;
    if (frame.length > chunk - HEADROOM_BYTES - headroom) {
      this.rxDropped++;
      return ENOSPC;
    }
    const errno = frame.frags ? this.copyFragments() : this.copyLinear();
    if (errno) return errno;
    this.rx.push(frame);
    this.delivered.addFeeder(context);
    return 0;
  }

  /** `__xsk_rcv` for a frame in one piece: first the buffer, then the descriptor. */
  private copyLinear(): number {
    if (!this.pool.alloc()) return this.noBuffer();
    if (!this.rxIsFull()) return 0;
    this.pool.free++;
    return this.ringFull();
  }

  /** `__xsk_rcv` for one with fragments: takes a buffer only when it knows that there is a descriptor. */
  private copyFragments(): number {
    if (!this.pool.canAlloc()) return this.noBuffer();
    if (this.rxIsFull()) return this.ringFull();
    this.pool.alloc();
    return 0;
  }

  private rxIsFull(): boolean {
    return this.rx.length === this.declaration.rxRing;
  }

  private noBuffer(): number {
    this.rxDropped++;
    return ENOMEM;
  }

  private ringFull(): number {
    this.rxRingFull++;
    return ENOBUFS;
  }

  /** `xsk_flush`: shows user space how far the kernel has read the fill ring. */
  flush(): void {
    this.pool.fill.release();
  }

  /** The application reads its RX ring; one that consumes after every batch gives the buffers back. */
  consume(occasion: 'batch' | 'end'): void {
    if (this.declaration.consume !== occasion) return;
    this.delivered.frames.push(...this.rx.map((frame) => frame.seq));
    if (occasion === 'batch') this.pool.fill.post(this.rx.length);
    this.rx.length = 0;
  }

  /** `XDP_STATISTICS`, and the fill ring's indices where the socket has that ring mapped. */
  stats(): XskStats {
    const { fill } = this.pool;
    const counters = {
      rxDropped: this.rxDropped,
      rxInvalidDescs: 0,
      rxRingFull: this.rxRingFull,
      rxFillRingEmptyDescs: fill.emptyDescs,
    };
    if (this.declaration.sharedWith !== null) return counters;
    return { ...counters, fillProducer: fill.producer, fillConsumer: fill.consumer };
  }
}
