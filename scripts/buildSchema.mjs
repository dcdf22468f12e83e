/**
 * Writes `dist/scenario.schema.json`, the JSON Schema of the scenario document, from the valibot schema that `tsc` has
 * compiled: run it after `tsc`.
 */
import { writeFileSync } from 'node:fs';
import { argv } from 'node:process';
import { fileURLToPath, URL } from 'node:url';
import { toJsonSchema } from '@valibot/to-json-schema';
import { ScenarioSchema } from '../dist/src/scenario/schema/scenario.js';

const OUTPUT = new URL('../dist/scenario.schema.json', import.meta.url);

/** The schema of what may be written: keys with a default are not required. Draft 7 is what editors know best. */
export function scenarioJsonSchema() {
  return toJsonSchema(ScenarioSchema, { target: 'draft-07', typeMode: 'input' });
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(OUTPUT, `${JSON.stringify(scenarioJsonSchema(), null, 2)}\n`);
}
