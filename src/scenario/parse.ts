import { formatPath, ScenarioError, show } from './error.js';
import { findDuplicateKey, locateJsonError } from './jsonText.js';
import { resolve } from './resolve/scenario.js';
import type { Scenario } from './scenario.js';
import { ScenarioSchema } from './schema/scenario.js';
import { validate } from './validate.js';

/**
 * The resolved scenario that a document stands for.
 *
 * @param source what the document is called in error messages.
 * @throws ScenarioError with everything that is wrong: first types, ranges and unknown keys; once those are right, names
 *   that lead nowhere and parts that do not fit together.
 */
export function parseScenario(value: unknown, source = 'scenario'): Scenario {
  return resolve(validate(ScenarioSchema, value, source), source);
}

/** The same for the text of a JSON file. Paths in the document stay relative to that file. */
export function parseScenarioText(text: string, fileName: string): Scenario {
  return parseScenario(parseJson(text, fileName), fileName);
}

/** `JSON.parse`, but the error names line and column on every version of Node.js, and a key that stands twice is one. */
export function parseJson(text: string, fileName: string): unknown {
  // A byte order mark is no JSON, but editors write it.
  const json = text.replace(/^\uFEFF/, '');
  const value = parseStrict(json, fileName);
  const duplicate = findDuplicateKey(json);
  if (duplicate === undefined) return value;
  const { path, line, column } = duplicate;
  const found = `it again at line ${line}, column ${column}`;
  throw new ScenarioError(fileName, [{ path: formatPath(path), expected: 'a key once', found }]);
}

function parseStrict(json: string, fileName: string): unknown {
  try {
    return JSON.parse(json);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const { line, column, expected, found } = locateJsonError(json);
    const path = `line ${line}, column ${column}`;
    throw new ScenarioError(fileName, [
      { path, expected, found: found === '' ? 'the end of the text' : show(found) },
    ]);
  }
}
