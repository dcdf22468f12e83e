import { MapType } from '../../arena/layout.generated.js';
import type { Btf } from '../../bpf/btf/btf.js';
import { skipModifiers } from '../../bpf/btf/resolveType.js';
import type { MapSpec } from '../../bpf/spec/objectSpec.js';

/** Types whose values may have a lock (kernel/bpf/syscall.c:map_check_btf). */
const lockable: ReadonlySet<number> = new Set([MapType.HASH, MapType.ARRAY]);

const LOCK_BYTES = 4;

/** Offset of the `struct bpf_spin_lock` in a map's values; undefined where the value's type has none (`btf_find_spin_lock`). */
export function spinLockOffset(btf: Btf | undefined, spec: MapSpec): number | undefined {
  if (btf === undefined || spec.valueTypeId === undefined || !lockable.has(spec.type))
    return undefined;
  const value = skipModifiers(btf, spec.valueTypeId);
  if (value.kind !== 'struct') return undefined;
  const member = value.members.find(({ typeId }) => {
    const type = skipModifiers(btf, typeId);
    return type.kind === 'struct' && type.name === 'bpf_spin_lock';
  });
  const offset = member === undefined ? -1 : member.bitOffset / 8;
  const fits =
    offset >= 0 && offset % LOCK_BYTES === 0 && offset + LOCK_BYTES <= spec.valueSizeBytes;
  return fits ? offset : undefined;
}
