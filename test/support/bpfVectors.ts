import { readFileSync } from 'node:fs';

/** A line of `vectors.jsonl`; its README says what the fields mean. */
export interface ConformanceVector {
  readonly name: string;
  readonly cpuVersion: string;
  readonly groups: readonly string[];
  readonly program: string;
  readonly memory: string;
  readonly expectedR0: string;
  readonly expectedError: string | null;
}

/** Fixtures are read from the source tree: `dist/test/support` mirrors `test/support`. */
export function fixtureUrl(name: string): URL {
  return new URL(`../../../test/fixtures/bpf-conformance/${name}`, import.meta.url);
}

export function conformanceVectors(): ConformanceVector[] {
  return readFileSync(fixtureUrl('vectors.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as ConformanceVector);
}
