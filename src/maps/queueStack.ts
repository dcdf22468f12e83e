import { ERRNO } from './errno.js';
import { KernelMap, type Result } from './kernelMap.js';

/** QUEUE and STACK (kernel/bpf/queue_stack_maps.c): no keys; update pushes, lookup peeks, lookup-and-delete pops. */
export class QueueStack extends KernelMap {
  override update(_key: Uint8Array, value: Uint8Array, flags: bigint): number {
    return this.host.dp.bpfMapPushElem(this.address, this.value.put(value), flags);
  }

  override lookup(): Result<Uint8Array> {
    return this.#taken(this.host.dp.bpfMapPeekElem(this.address, this.value.address));
  }

  override lookupAndDelete(): Result<Uint8Array> {
    return this.#taken(this.host.dp.bpfMapPopElem(this.address, this.value.address));
  }

  #taken(err: number): Result<Uint8Array> {
    const { address } = this.value;
    return err !== 0 ? err : this.host.arena.u8.slice(address, address + this.attributes.valueSize);
  }

  override delete(): number {
    return -ERRNO.EINVAL;
  }

  override nextKey(): Result<Uint8Array> {
    return -ERRNO.EINVAL;
  }
}
