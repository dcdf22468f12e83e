import { XdpRing, XskQueue, XskQueueOwn } from '../../src/arena/layout.generated.js';
import type { BarePlane } from './barePlane.js';

/** FILL and COMPLETION rings hold addresses, RX and TX rings descriptors. */
export type XskRingKind = 'address' | 'descriptor';

/** An AF_XDP ring, worked from both sides; entries are numbers (the `addr`, and for descriptors `len` derived from it). */
export class XskRing {
  readonly address: number;
  readonly #plane: BarePlane;
  readonly #kind: XskRingKind;

  /** `start`: value of all indices, as if so many entries had gone through. */
  constructor(plane: BarePlane, kind: XskRingKind, nentries: number, start = 0) {
    const { arena, dp } = plane;
    const bytes = kind === 'address' ? dp.xskAddrQueueBytes : dp.xskDescQueueBytes;
    this.#plane = plane;
    this.#kind = kind;
    this.address = arena.allocate(bytes(nentries));
    dp.xskQueueInit(this.address, nentries);
    arena.assign(this.address + XskQueue.own, XskQueueOwn, {
      cachedProd: start,
      cachedCons: start,
    } as never);
    arena.setU32(this.address + XskQueue.ring, start);
    arena.setU32(this.address + XskQueue.ring + XdpRing.consumerAddress, start);
  }

  // -- the application's side

  get free(): number {
    return this.#plane.dp.ringFree(this.address);
  }

  get available(): number {
    return this.#plane.dp.ringAvailable(this.address);
  }

  submit(entries: readonly number[]): void {
    const { dp } = this.#plane;
    entries.forEach((entry, index) => {
      if (this.#kind === 'address') dp.ringFillAddr(this.address, index, BigInt(entry));
      else dp.ringFillDesc(this.address, index, BigInt(entry), lengthOf(entry));
    });
    dp.ringSubmit(this.address, entries.length);
  }

  /** The entries that wait, without taking any. */
  peek(): number[] {
    const { dp } = this.#plane;
    return Array.from({ length: this.available }, (_, index) =>
      this.#kind === 'address'
        ? Number(dp.ringPeekAddr(this.address, index))
        : this.#readDesc(dp.ringPeekDesc(this.address, index)),
    );
  }

  release(n: number): void {
    this.#plane.dp.ringRelease(this.address, n);
  }

  // -- the kernel's side

  /** Takes one entry; undefined where there is none. */
  kernelTake(): number | undefined {
    const { dp } = this.#plane;
    if (dp.xskqConsPeek(this.address) === 0) return undefined;
    const entry =
      this.#kind === 'address'
        ? Number(dp.xskqConsAddr(this.address))
        : this.#readDesc(dp.xskqConsDesc(this.address));
    dp.xskqConsNext(this.address);
    return entry;
  }

  kernelRelease(): void {
    this.#plane.dp.xskqConsRelease(this.address);
  }

  /** False where the ring is full. */
  kernelReserve(entry: number): boolean {
    const { dp } = this.#plane;
    if (dp.xskqProdIsFull(this.address) !== 0) return false;
    if (this.#kind === 'address') dp.xskqProdAddr(this.address, BigInt(entry));
    else dp.xskqProdDesc(this.address, BigInt(entry), lengthOf(entry));
    return true;
  }

  kernelSubmit(): void {
    this.#plane.dp.xskqProdSubmit(this.address);
  }

  /** `addr` of the descriptor at `desc`; NaN where `len` or `options` do not belong to it. */
  #readDesc(desc: number): number {
    const { arena } = this.#plane;
    const entry = arena.u64(desc);
    const isWhole = arena.u32(desc + 8) === lengthOf(entry) && arena.u32(desc + 12) === 0;
    return isWhole ? entry : Number.NaN;
  }
}

function lengthOf(entry: number): number {
  return 60 + (entry % 1000);
}
