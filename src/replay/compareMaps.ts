import { type Difference, findDeviation } from './difference.js';
import type { MapResult } from './mapTrace.js';

/** The decoded members of a value say again what its bytes say: only these are compared. */
function comparable(result: MapResult | undefined): object | undefined {
  if (result?.value === undefined) return result;
  return { ...result, value: { raw: result.value.raw } };
}

/** The first operation with another result than was recorded. */
export function compareMaps(
  expected: readonly MapResult[],
  found: readonly MapResult[],
): Difference | undefined {
  for (let index = 0; index < Math.max(expected.length, found.length); index++) {
    const deviation = findDeviation(comparable(expected[index]), comparable(found[index]));
    if (deviation !== undefined) return { line: index + 2, ...deviation };
  }
  return undefined;
}
