/** Compares what a trace says with what an implementation did; knows nothing of either's making. */

import { type Difference, firstParting, pathText } from './difference.js';
import type { MapResult } from './mapTrace.js';

/** The program's symbol and the decoded fields say what `raw` says: a value is compared by `raw` where both have it. */
function comparable(result: MapResult | undefined): unknown {
  if (result?.value?.raw === undefined) return result;
  return { ...result, value: { raw: result.value.raw } };
}

/** The first operation whose result differs. */
export function compareMapResults(
  expected: readonly MapResult[],
  found: readonly MapResult[],
): Difference | undefined {
  for (let i = 0; i < Math.max(expected.length, found.length); i++) {
    const parting = firstParting(comparable(expected[i]), comparable(found[i]));
    if (parting) return { ...parting, line: i + 2, path: pathText(parting.path) };
  }
  return undefined;
}
