/** Index of the first item whose key is `wanted` or more, in a list sorted by key; its length if there is none. */
export function lowerBound<T>(
  items: readonly T[],
  key: (item: T) => number,
  wanted: number,
): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (key(items[middle]!) < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The last item whose key is `wanted` or less. */
export function lastAtOrBefore<T>(
  items: readonly T[],
  key: (item: T) => number,
  wanted: number,
): T | undefined {
  return items[lowerBound(items, key, wanted + 1) - 1];
}
