import { RingbufBit } from '../arena/layout.generated.js';
import { ERRNO } from './errno.js';
import { KernelMap, type Result } from './kernelMap.js';

/** RINGBUF (kernel/bpf/ringbuf.c): programs write records, the control plane reads them. No system call on elements. */
export class RingbufMap extends KernelMap {
  override update(): number {
    return -ERRNO.ENOTSUPP;
  }

  override lookup(): Result<Uint8Array> {
    return -ERRNO.ENOTSUPP;
  }

  override delete(): number {
    return -ERRNO.ENOTSUPP;
  }

  override nextKey(): Result<Uint8Array> {
    return -ERRNO.ENOTSUPP;
  }

  /**
   * `ring_buffer__consume`: copies of the records that are ready, oldest first, each gone from the ring once it was
   * yielded. Stops at one that is still being written. Discarded records are passed over.
   */
  *consume(): Generator<Uint8Array> {
    const { arena, dp } = this.host;
    for (;;) {
      const header = dp.ringbufPeek(this.address) >>> 0;
      if ((header & RingbufBit.BUSY) !== 0) return;
      const at = dp.ringbufSample(this.address);
      const isDiscarded = (header & RingbufBit.DISCARD) !== 0;
      const record = isDiscarded
        ? undefined
        : arena.u8.slice(at, at + (header & RingbufBit.LENGTH));
      dp.ringbufRelease(this.address);
      if (record !== undefined) yield record;
    }
  }
}
