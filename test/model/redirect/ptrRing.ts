/** Slots that the consumer clears at a time, where the ring has room for two such groups. */
const GROUP_SLOTS = 16;

/** `include/linux/ptr_ring.h`: a slot holds an entry until the consumer clears it, which it does in groups. */
export class PtrRing<T> {
  private readonly slots: (T | undefined)[];
  private readonly groupSlots: number;
  private producer = 0;
  private consumerHead = 0;
  /** First slot that was taken but not cleared yet. */
  private consumerTail = 0;

  constructor(size: number) {
    this.slots = new Array<T | undefined>(size).fill(undefined);
    this.groupSlots = GROUP_SLOTS <= Math.floor(size / 2) ? GROUP_SLOTS : 1;
  }

  /** `__ptr_ring_produce`: false if the next slot is not clear. */
  produce(entry: T): boolean {
    if (this.slots.length === 0 || this.slots[this.producer] !== undefined) return false;
    this.slots[this.producer] = entry;
    this.producer = (this.producer + 1) % this.slots.length;
    return true;
  }

  /** `__ptr_ring_consume` */
  consume(): T | undefined {
    const entry = this.slots[this.consumerHead];
    if (entry !== undefined) this.discardOne();
    return entry;
  }

  /** `__ptr_ring_discard_one` */
  private discardOne(): void {
    this.consumerHead++;
    const atEnd = this.consumerHead === this.slots.length;
    if (this.consumerHead - this.consumerTail >= this.groupSlots || atEnd) {
      this.slots.fill(undefined, this.consumerTail, this.consumerHead);
      this.consumerTail = this.consumerHead;
    }
    if (atEnd) {
      this.consumerHead = 0;
      this.consumerTail = 0;
    }
  }
}
