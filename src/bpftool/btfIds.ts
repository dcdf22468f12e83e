import type { Btf } from '../bpf/btf/btf.js';
import type { LoadedObject } from '../machine/objects.js';

/** The number that a kernel would give each object's types, from 1 on. */
export function btfIds(objects: readonly LoadedObject[]): ReadonlyMap<Btf, number> {
  const all = objects.flatMap(({ spec }) => spec.btf ?? []);
  return new Map(all.map((btf, index) => [btf, index + 1]));
}
