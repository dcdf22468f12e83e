import { hint } from '../../scenario/suggest.js';
import { UsageError } from '../usageError.js';

/** Which of the machine's objects are meant: `id N`, `name NAME`, and for programs `tag TAG`. */
export interface Selector {
  readonly by: 'id' | 'name' | 'tag';
  readonly value: string;
}

/**
 * What is left of `operands`, after a selector if there is one.
 *
 * @throws UsageError for a selector without a value
 */
export function takeSelector(
  operands: readonly string[],
  kinds: readonly Selector['by'][],
): { readonly selector: Selector | undefined; readonly rest: readonly string[] } {
  const [kind, value, ...rest] = operands;
  const by = kinds.find((known) => known === kind);
  if (by === undefined) return { selector: undefined, rest: operands };
  if (value === undefined) throw new UsageError(`${by}: expected ${by.toUpperCase()} after it`);
  if (by === 'id' && !/^[0-9]+$/.test(value)) {
    throw new UsageError(`id: expected a number, found ${value}`);
  }
  return { selector: { by, value }, rest };
}

interface Selectable {
  readonly id: number;
  readonly names: readonly string[];
  readonly tag?: string | undefined;
}

/** The one of `found` by `selector`. Throws UsageError where there are several. */
export function onlyOne<T>(
  what: string,
  found: readonly T[],
  selector: Selector | undefined,
  idOf: (object: T) => number,
): T {
  const [only, ...more] = found;
  if (only !== undefined && more.length === 0) return only;
  const { by, value } = selector!;
  const ids = found.map(idOf).join(', ');
  throw new UsageError(`${by} ${value}: expected one ${what}, found those with id ${ids}`);
}

/** Those of `all` that are meant. Throws UsageError where there is none. */
export function select<T>(
  what: string,
  all: readonly T[],
  { by, value }: Selector,
  describe: (object: T) => Selectable,
): readonly T[] {
  const found = all.filter((object) => {
    const { id, names, tag } = describe(object);
    if (by === 'name') return names.includes(value);
    return by === 'id' ? id === Number(value) : tag === value;
  });
  if (found.length > 0) return found;
  const known = all.flatMap((object) => {
    const { id, names, tag } = describe(object);
    return by === 'name' ? names : by === 'id' ? String(id) : (tag ?? []);
  });
  throw new UsageError(`no ${what} with ${by} ${value}; ${hint(value, [...new Set(known)])}`);
}
