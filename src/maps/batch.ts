import { MapType } from '../arena/layout.generated.js';
import { ERRNO } from './errno.js';
import type { FileTable } from './files.js';
import type { HashChains } from './hashChains.js';
import { BPF_F_LOCK, type KernelMap, keyToU32, type Result, u32ToBytes } from './kernelMap.js';

/** The batch commands of bpf(2) (kernel/bpf/syscall.c:bpf_map_do_batch, kernel/bpf/hashtab.c). */

export type BatchCommand = 'lookup' | 'lookup_and_delete' | 'update' | 'delete';

/** `attr->batch`. */
export interface BatchRequest {
  readonly count: number;
  /** Of an update or a delete: so many keys, and of an update as many values, side by side. */
  readonly keys?: Uint8Array;
  readonly values?: Uint8Array;
  /** Of a lookup: what the last one gave as `outBatch`; from the start without. */
  readonly inBatch?: Uint8Array | undefined;
  readonly elemFlags?: bigint;
  readonly flags?: bigint;
}

/** What the call leaves behind; of a failed one too, as -ENOENT says that a lookup has come to the end. */
export interface BatchResult {
  /** 0 or a negative errno. */
  readonly err: number;
  /** `attr->batch.count` afterwards: entries that were done. */
  readonly count: number;
  readonly entries: readonly (readonly [key: Uint8Array, value: Uint8Array])[];
  /** Where the next lookup goes on; undefined where nothing was written there. */
  readonly outBatch?: Uint8Array;
}

const generic: Readonly<Record<number, readonly BatchCommand[]>> = {
  [MapType.ARRAY]: ['lookup', 'update'],
  [MapType.PERCPU_ARRAY]: ['lookup', 'update'],
  [MapType.ARRAY_OF_MAPS]: ['lookup', 'update'],
  [MapType.LPM_TRIE]: ['lookup', 'update', 'delete'],
};

/** `BPF_DO_BATCH`: by the type's own function, or -ENOTSUPP. */
export function doBatch(
  map: KernelMap,
  command: BatchCommand,
  request: BatchRequest,
  files: FileTable,
  isOld: boolean,
): BatchResult {
  const { count, elemFlags = 0n, flags = 0n } = request;
  const refused = (err: number): BatchResult => ({ err, count, entries: [] });
  const { hashChains } = map;
  if (hashChains === undefined && generic[map.type]?.includes(command) !== true)
    return refused(-ERRNO.ENOTSUPP);
  const known = map.hasSpinLock ? BPF_F_LOCK : 0n;
  if ((elemFlags & ~known) !== 0n) return refused(-ERRNO.EINVAL);
  if (command === 'update' || command === 'delete')
    return count === 0 ? refused(0) : change(map, command, request, files);
  if (hashChains === undefined) return count === 0 ? refused(0) : lookup(map, request, isOld);
  if (flags !== 0n) return refused(-ERRNO.EINVAL);
  return count === 0 ? refused(0) : lookupChains(map, hashChains, command, request);
}

/** `generic_map_update_batch` and `generic_map_delete_batch`: up to the first that fails. */
function change(
  map: KernelMap,
  command: 'update' | 'delete',
  { count, keys, values, elemFlags = 0n }: BatchRequest,
  files: FileTable,
): BatchResult {
  const { keySize } = map.attributes;
  const valueSize = map.syscallValueBytes;
  for (let done = 0; done < count; done++) {
    const key = part(keys, done, keySize);
    const value = command === 'update' ? part(values, done, valueSize) : key;
    const err =
      key === undefined || value === undefined
        ? -ERRNO.EFAULT
        : command === 'update'
          ? map.update(key, value, elemFlags, files)
          : map.delete(key);
    if (err !== 0) return { err, count: done, entries: [] };
  }
  return { err: 0, count, entries: [] };
}

function part(bytes: Uint8Array | undefined, index: number, size: number): Uint8Array | undefined {
  const end = (index + 1) * size;
  return bytes === undefined || bytes.length < end ? undefined : bytes.slice(index * size, end);
}

/** `generic_map_lookup_batch`: batches are told apart by the last key. Before 6.14 an empty slot ends them. */
function lookup(
  map: KernelMap,
  { count, inBatch, elemFlags }: BatchRequest,
  isOld: boolean,
): BatchResult {
  const entries: [Uint8Array, Uint8Array][] = [];
  let last: Uint8Array | null = inBatch ?? null;
  let err = 0;
  while (entries.length < count) {
    const key = map.nextKey(last);
    if (typeof key === 'number') {
      err = key;
      break;
    }
    const value = map.lookup(key, NO_BYTES, elemFlags);
    if (typeof value !== 'number') entries.push([key, value]);
    else if (isOld || value !== -ERRNO.ENOENT) {
      err = value === -ERRNO.ENOENT ? -ERRNO.EINTR : value;
      break;
    }
    last = key;
  }
  const wrote = entries.length > 0 && last !== null;
  return { err, count: entries.length, entries, ...(wrote && { outBatch: last! }) };
}

const NO_BYTES = new Uint8Array(0);

/** `__htab_map_lookup_and_delete_batch`: whole chains at a time, batches are told apart by the number of the next. */
function lookupChains(
  map: KernelMap,
  chains: HashChains,
  command: 'lookup' | 'lookup_and_delete',
  { count, inBatch, elemFlags }: BatchRequest,
): BatchResult {
  const entries: [Uint8Array, Uint8Array][] = [];
  const nrBuckets = chains.length;
  let bucket = inBatch === undefined ? 0 : keyToU32(inBatch);
  if (bucket >= nrBuckets) return { err: -ERRNO.ENOENT, count: 0, entries };
  let err = 0;
  for (; bucket < nrBuckets; bucket++) {
    const keys = chains.keysOf(bucket);
    if (keys.length > count - entries.length) {
      if (entries.length === 0) err = -ERRNO.ENOSPC;
      break;
    }
    for (const key of keys) {
      const value: Result<Uint8Array> =
        command === 'lookup' ? map.lookup(key, NO_BYTES, elemFlags) : take(map, key);
      // Gone meanwhile.
      if (typeof value !== 'number') entries.push([key, value]);
    }
  }
  if (bucket === nrBuckets) err = -ERRNO.ENOENT;
  return { err, count: entries.length, entries, outBatch: u32ToBytes(bucket) };
}

/** Looks up and deletes; maps of maps have no one call for both. */
function take(map: KernelMap, key: Uint8Array): Result<Uint8Array> {
  if (map.type !== MapType.HASH_OF_MAPS) return map.lookupAndDelete(key);
  const value = map.lookup(key, NO_BYTES);
  const err = typeof value === 'number' ? value : map.delete(key);
  return err === 0 ? value : err;
}
