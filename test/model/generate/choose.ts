/** The member that `n` stands for; undefined of an empty list. */
export function choose<T>(list: readonly T[], n: number): T | undefined {
  return list[n % list.length];
}

/** The same, taken from the list. */
export function take<T>(list: T[], n: number): T | undefined {
  return list.length === 0 ? undefined : list.splice(n % list.length, 1)[0];
}
