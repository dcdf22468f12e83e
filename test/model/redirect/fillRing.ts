/**
 * `struct xsk_queue` of a fill ring. Either side works on a copy of the other's index: the kernel looks for new
 * entries only when it knows of none, and shows what it took only then and when it flushes a socket.
 */
export class FillRing {
  /** `ring->producer` and `ring->consumer`: the indices that user space sees. */
  producer: number;
  consumer = 0;
  /** How often the kernel wanted an entry and there was none. */
  emptyDescs = 0;
  private cachedProducer = 0;
  private cachedConsumer = 0;

  constructor(posted: number) {
    this.producer = posted;
  }

  post(buffers: number): void {
    this.producer += buffers;
  }

  /** `xskq_cons_peek_addr_unchecked`, `xskq_cons_get_entries`: false if there is no entry. */
  take(): boolean {
    if (this.cachedConsumer === this.cachedProducer) {
      this.release();
      this.cachedProducer = this.producer;
    }
    if (this.cachedConsumer === this.cachedProducer) return this.wasEmpty();
    this.cachedConsumer++;
    return true;
  }

  /** `xskq_cons_nb_entries`: unlike `take` shows nothing. */
  hasEntry(): boolean {
    if (this.cachedConsumer === this.cachedProducer) this.cachedProducer = this.producer;
    return this.cachedConsumer !== this.cachedProducer || this.wasEmpty();
  }

  /** `__xskq_cons_release` */
  release(): void {
    this.consumer = this.cachedConsumer;
  }

  private wasEmpty(): false {
    this.emptyDescs++;
    return false;
  }
}
