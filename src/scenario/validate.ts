import * as v from 'valibot';
import { formatPath, type PathKey, ScenarioError, type ScenarioIssue, show } from './error.js';
import { hint } from './suggest.js';

/** `value` with the schema's defaults; throws a `ScenarioError` that lists every place that does not fit the schema. */
export function validate<const S extends v.GenericSchema>(
  schema: S,
  value: unknown,
  source: string,
): v.InferOutput<S> {
  const result = v.safeParse(schema, value);
  if (result.success) return result.output;
  const issues = new Map<string, ScenarioIssue>();
  for (const issue of result.issues.flatMap(describe)) {
    // A number that is neither whole nor in range is wrong once.
    if (!issues.has(issue.path)) issues.set(issue.path, issue);
  }
  throw new ScenarioError(source, [...issues.values()]);
}

/** What valibot found, in our words: an issue's message is the phrase of its schema (`schema/blocks.ts`). */
function describe(issue: v.BaseIssue<unknown>): ScenarioIssue[] {
  const keys = (issue.path ?? []).map((item) => item.key as PathKey);
  if (issue.type === 'strict_object' && issue.expected === 'never') {
    const { input } = issue.path!.at(-1)!;
    return describeUnknownKeys(keys.slice(0, -1), input as object, issue.message.split(', '));
  }
  return [{ path: formatPath(keys), expected: issue.message, found: show(issue.input) }];
}

/** Valibot names the first unknown key only. */
function describeUnknownKeys(
  path: readonly PathKey[],
  input: object,
  known: readonly string[],
): ScenarioIssue[] {
  const issues: ScenarioIssue[] = [];
  for (const key in input) {
    if (known.includes(key)) continue;
    const expected = `a known key (${hint(key, known)})`;
    issues.push({ path: formatPath([...path, key]), expected, found: show(key) });
  }
  return issues;
}
