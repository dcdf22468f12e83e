/** The name that was probably meant, for what is none of `names`; undefined where none comes close. */
export function closest(name: string, names: readonly string[]): string | undefined {
  let best: string | undefined;
  // A third of the name may be wrong; of one letter nothing can be told.
  let bestDistance = Math.floor((name.length + 1) / 3) + 1;
  for (const candidate of names) {
    if (Math.abs(candidate.length - name.length) >= bestDistance) continue;
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

/** How many names are listed in a message before it says "...". */
const LISTED_MAX = 12;

/** What to say beside "the name of a program": the likely name, or else the names that there are. */
export function hint(name: string, names: readonly string[]): string {
  const meant = closest(name, names);
  if (meant !== undefined) return `did you mean "${meant}"?`;
  if (names.length === 0) return 'there are none';
  const more = names.length > LISTED_MAX ? ', ...' : '';
  return `one of ${names.slice(0, LISTED_MAX).join(', ')}${more}`;
}

/** Levenshtein's distance in which swapping two neighbours counts as one edit. */
function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let distance = Math.min(above[j]! + 1, row[j - 1]! + 1, above[j - 1]! + (same ? 0 : 1));
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) distance = Math.min(distance, before[j - 2]! + 1);
      row.push(distance);
    }
    [before, above] = [above, row];
  }
  return above[b.length]!;
}
