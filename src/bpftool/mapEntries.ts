import { MapType } from '../arena/layout.generated.js';
import { ERRNO } from '../maps/errno.js';
import type { KernelMap } from '../maps/kernelMap.js';

export interface MapEntry {
  readonly key: Uint8Array;
  /** A negative errno where there is none to be had. */
  readonly value: Uint8Array | number;
}

/** Types whose empty slots bpftool passes over. */
const SPARSE: ReadonlySet<number> = new Set([
  MapType.PROG_ARRAY,
  MapType.ARRAY_OF_MAPS,
  MapType.HASH_OF_MAPS,
]);

const NO_BYTES = new Uint8Array(0);

/** What bpftool goes through: every key by BPF_MAP_GET_NEXT_KEY. Returns what ended it, -ENOENT after the last key. */
export function* mapEntries(map: KernelMap): Generator<MapEntry, number> {
  let key = map.nextKey(null);
  for (; typeof key !== 'number'; key = map.nextKey(key)) {
    const value = map.lookup(key, NO_BYTES);
    if (value === -ERRNO.ENOENT && SPARSE.has(map.type)) continue;
    yield { key, value };
  }
  return key;
}

const texts = new Map<number, string>([
  [ERRNO.EPERM, 'Operation not permitted'],
  [ERRNO.ENOENT, 'No such file or directory'],
  [ERRNO.EINVAL, 'Invalid argument'],
  [ERRNO.EOPNOTSUPP, 'Operation not supported'],
]);

/** glibc's `strerror` for what lookups answer; it does not know the kernel's own numbers. */
export function errorText(errno: number): string {
  return texts.get(-errno) ?? `Unknown error ${-errno}`;
}
