import {
  SocketMode,
  XdpSock,
  XdpSockApplication,
  XdpSockReceiver,
  XskBuffPool,
  XskQueue,
  XskQueueOwn,
} from '../arena/layout.generated.js';
import type { NetDevice } from './devices.js';
import type { ContextHandle, Kernel } from './kernel.js';

/** An AF_XDP socket to be made, bound in copy mode. Ring sizes are powers of two. */
export interface SocketSpec {
  readonly name: string;
  /** Undefined: not bound yet. */
  readonly device: NetDevice | undefined;
  readonly queue: number;
  readonly rxRing: number;
  readonly txRing: number;
  readonly fillRing: number;
  readonly completionRing: number;
  readonly chunkSize: number;
  readonly chunks: number;
  readonly headroom: number;
  /** Buffers on the FILL ring at the start. */
  readonly fill: number;
  /** A socket whose UMEM, FILL and COMPLETION rings it uses. */
  readonly shared?: XskSocket;
  readonly application: 'drop' | 'forward' | 'manual';
  readonly context: ContextHandle;
}

/** `XDP_STATISTICS`, and what the application did. */
export interface SocketStats {
  readonly rxFrames: number;
  readonly rxBytes: number;
  readonly rxDropped: number;
  readonly rxRingFull: number;
  readonly rxFillRingEmptyDescs: number;
  readonly rxInvalidDescs: number;
  readonly txInvalidDescs: number;
  readonly appFrames: number;
  readonly txFrames: number;
}

const modes = {
  drop: SocketMode.DROP,
  forward: SocketMode.FORWARD,
  manual: SocketMode.MANUAL,
} as const;

/** The sockets of one machine. */
export class Sockets {
  readonly #kernel: Kernel;
  readonly #all: XskSocket[] = [];

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  [Symbol.iterator](): Iterator<XskSocket> {
    return this.#all.values();
  }

  byName(name: string): XskSocket | undefined {
    return this.#all.find((socket) => socket.name === name);
  }

  byId(id: number): XskSocket | undefined {
    return this.#all[id - 1];
  }

  add(spec: SocketSpec): XskSocket {
    const { arena, dp } = this.#kernel;
    const address = arena.allocate(dp.xdpSockBytes(spec.rxRing, spec.txRing));
    const pool = spec.shared?.pool ?? this.#createPool(spec);
    dp.xdpSockInit(address, pool, spec.rxRing, spec.txRing);
    const socket = new XskSocket(this.#kernel, this.#all.length + 1, spec.name, address, pool);
    // Plain: nobody knows the socket yet.
    arena.set(address, XdpSock.id, socket.id);
    arena.set(address, XdpSock.queueId, spec.queue);
    arena.set(address, XdpSock.mode, modes[spec.application]);
    arena.set(address, XdpSock.app, spec.context.address);
    arena.set(address, XdpSock.dev, spec.device?.address ?? 0);
    this.#all.push(socket);
    this.#kernel.addSocket(spec.context, address);
    return socket;
  }

  #createPool(spec: SocketSpec): number {
    const { arena, dp } = this.#kernel;
    const { chunkSize, chunks, headroom, fillRing, completionRing, fill } = spec;
    const pool = arena.allocate(dp.xskPoolBytes(chunkSize, chunks, fillRing, completionRing));
    dp.xskPoolInit(pool, chunkSize, chunks, headroom, fillRing, completionRing);
    const queue = arena.get(pool, XskBuffPool.fq);
    for (let i = 0; i < fill; i++) dp.ringFillAddr(queue, i, BigInt(i * chunkSize));
    dp.ringSubmit(queue, fill);
    return pool;
  }

  /** Sockets may have several receivers from now on (`XskBuffPool.needsLock`). */
  lockPools(): void {
    for (const { pool } of this.#all)
      this.#kernel.arena.storeShared(pool, XskBuffPool.needsLock, 1);
  }
}

/** One AF_XDP socket. */
export class XskSocket {
  readonly isXsk = true;
  readonly id: number;
  readonly name: string;
  readonly address: number;
  readonly pool: number;
  readonly #kernel: Kernel;

  constructor(kernel: Kernel, id: number, name: string, address: number, pool: number) {
    this.#kernel = kernel;
    this.id = id;
    this.name = name;
    this.address = address;
    this.pool = pool;
  }

  /** The socket is closed: nothing is received any more. Its entries in maps are the caller's to take out. */
  close(): void {
    this.#kernel.arena.storeShared(this.address, XdpSock.dev, 0);
  }

  /** `bind` to a device, in copy mode: frames can be received from now on. */
  bind(device: NetDevice): void {
    this.#kernel.arena.storeShared(this.address, XdpSock.dev, device.address);
  }

  set stalled(stalled: boolean) {
    const { arena, dp } = this.#kernel;
    arena.storeShared(this.address, XdpSock.stalled, stalled ? 1 : 0);
    if (!stalled) dp.wakeUp(arena.get(this.address, XdpSock.app));
  }

  /** Frames that wait on the RX ring. */
  get rxAvailable(): number {
    return this.#kernel.dp.ringAvailable(this.#queue(XdpSock.rx));
  }

  /** Slots of the RX ring. */
  get rxSize(): number {
    return this.#kernel.arena.get(this.#queue(XdpSock.rx), XskQueue.nentries);
  }

  /** Slots of the FILL ring. */
  get fillSize(): number {
    const { arena } = this.#kernel;
    return arena.get(arena.get(this.pool, XskBuffPool.fq), XskQueue.nentries);
  }

  /** Producer and consumer index of the FILL ring as the application sees them. */
  get fillIndices(): { readonly producer: number; readonly consumer: number } {
    const { arena, dp } = this.#kernel;
    const fill = arena.get(this.pool, XskBuffPool.fq);
    const consumer = dp.ringConsumer(fill);
    return { producer: (dp.ringAvailable(fill) + consumer) >>> 0, consumer };
  }

  /** Reads up to `n` frames off the RX ring; `refill` gives their chunks back to the FILL ring. */
  read(n = this.rxAvailable, refill = true): Uint8Array[] {
    const { arena, dp } = this.#kernel;
    const rx = this.#queue(XdpSock.rx);
    const fill = arena.get(this.pool, XskBuffPool.fq);
    const count = Math.min(
      n,
      this.rxAvailable,
      refill ? dp.ringFree(fill) : Number.POSITIVE_INFINITY,
    );
    const umem = arena.get(this.pool, XskBuffPool.umem);
    const chunkSize = arena.get(this.pool, XskBuffPool.chunkSize);
    const frames: Uint8Array[] = [];
    for (let i = 0; i < count; i++) {
      const desc = dp.ringPeekDesc(rx, i);
      const addr = arena.u64(desc);
      frames.push(arena.u8.slice(umem + addr, umem + addr + arena.u32(desc + 8)));
      if (refill) dp.ringFillAddr(fill, i, BigInt(Math.floor(addr / chunkSize) * chunkSize));
    }
    if (count > 0) {
      dp.ringRelease(rx, count);
      if (refill) dp.ringSubmit(fill, count);
    }
    return frames;
  }

  #queue(field: typeof XdpSock.rx | typeof XdpSock.tx): number {
    return this.#kernel.arena.get(this.address, field);
  }

  get stats(): SocketStats {
    const { arena } = this.#kernel;
    const fill = arena.get(this.pool, XskBuffPool.fq);
    const receiver = this.address + XdpSock.receiver;
    const application = this.address + XdpSock.application;
    return {
      rxFrames: arena.get(receiver, XdpSockReceiver.rxFrames),
      rxBytes: arena.get(receiver, XdpSockReceiver.rxBytes),
      rxDropped: arena.get(receiver, XdpSockReceiver.rxDropped),
      rxRingFull: arena.get(receiver, XdpSockReceiver.rxQueueFull),
      rxFillRingEmptyDescs: arena.get(fill + XskQueue.own, XskQueueOwn.queueEmptyDescs),
      rxInvalidDescs: arena.get(this.#queue(XdpSock.rx) + XskQueue.own, XskQueueOwn.invalidDescs),
      txInvalidDescs: arena.get(this.#queue(XdpSock.tx) + XskQueue.own, XskQueueOwn.invalidDescs),
      appFrames: arena.get(application, XdpSockApplication.appFrames),
      txFrames: arena.get(application, XdpSockApplication.txFrames),
    };
  }
}
