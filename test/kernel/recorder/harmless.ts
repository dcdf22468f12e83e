import type { Descriptor, MapOp, ValueInput } from '../../model/mapTrace.js';

/** An array of as many entries takes 8 bytes each: where that much memory is, the kernel would take it. */
const HUGE_ENTRIES = 2 ** 31;

/**
 * The operations without those that would leave something behind on the kernel: an entry whose program uses the map it
 * is in (map and program keep each other for ever, whoever closes them), and maps that fill the machine's memory.
 */
export function harmless(ops: readonly MapOp[], memoryBytes: number): MapOp[] {
  const references = new References();
  return ops.filter((op) => {
    if (op.op === 'create') return op.maxEntries < HUGE_ENTRIES || memoryBytes < 8 * HUGE_ENTRIES;
    if (op.op === 'open') references.alias(op.as, op.map);
    if (op.op === 'load_prog') for (const map of op.maps) references.add(op.prog, map);
    if (op.op === 'update') return !closesCycle(references, op.map, [op.value]);
    if (op.op === 'update_batch') return !closesCycle(references, op.map, op.values);
    return true;
  });
}

function closesCycle(
  references: References,
  map: Descriptor,
  values: readonly ValueInput[],
): boolean {
  return values.some((value) => {
    if (value === null || typeof value === 'string' || 'socket' in value) return false;
    const { prog } = value;
    if (prog === undefined || references.reaches(prog, map)) return prog !== undefined;
    references.add(map, prog);
    return false;
  });
}

/** Which object has ever held which: programs their maps, maps the programs of their entries. */
class References {
  readonly #aliases = new Map<Descriptor, Descriptor>();
  readonly #held = new Map<Descriptor, Set<Descriptor>>();

  /** `symbol` is another descriptor of what `of` stands for. */
  alias(symbol: Descriptor, of: Descriptor): void {
    this.#aliases.set(symbol, this.#object(of));
  }

  #object(symbol: Descriptor): Descriptor {
    return this.#aliases.get(symbol) ?? symbol;
  }

  add(holder: Descriptor, held: Descriptor): void {
    const object = this.#object(holder);
    this.#held.set(object, (this.#held.get(object) ?? new Set()).add(this.#object(held)));
  }

  reaches(from: Descriptor, to: Descriptor): boolean {
    const target = this.#object(to);
    const seen = new Set([this.#object(from)]);
    for (const each of seen) {
      if (each === target) return true;
      for (const held of this.#held.get(each) ?? []) seen.add(held);
    }
    return false;
  }
}
