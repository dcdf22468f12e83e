import { Ajv } from 'ajv';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as v from 'valibot';
import { ScenarioError } from '../../src/scenario/error.js';
import { parseScenario, parseScenarioText } from '../../src/scenario/parse.js';
import { ScenarioSchema } from '../../src/scenario/schema/scenario.js';
import { property } from '../support/property.js';
import { mutatedDocument, scenarioDocument } from './arbitrary.js';

const FILE = 'dist/test/scenario/document.test.js';
// Not a module of the type-checked program: it is what `npm run build` runs.
const script = new URL('../../../scripts/buildSchema.mjs', import.meta.url).href;
const { scenarioJsonSchema } = (await import(script)) as { scenarioJsonSchema: () => object };

property(
  'a resolved scenario is a document that resolves to itself, as a value and as text',
  FILE,
  fc.property(scenarioDocument, (document) => {
    const scenario = parseScenario(document);
    assert.equal(parseScenario(scenario), scenario);
    assert.equal(parseScenarioText(JSON.stringify(scenario, null, 2), 'report.json'), scenario);
  }),
);

property(
  'parsing leaves the document as it was',
  FILE,
  fc.property(scenarioDocument, (document) => {
    const before = structuredClone(document);
    parseScenario(document);
    assert.equal(document, before);
  }),
);

property(
  'a wrong document throws a ScenarioError that names at least one place, and nothing else',
  FILE,
  fc.property(mutatedDocument, (document) => {
    try {
      parseScenario(document);
    } catch (error) {
      assert.instance(error, ScenarioError);
      const { issues, message } = error as ScenarioError;
      assert.ok(issues.length > 0);
      assert.is(message.split('\n').length, issues.length);
    }
  }),
  { numRuns: 500 },
);

const validate = new Ajv({ allErrors: true }).compile(scenarioJsonSchema());

property(
  'the JSON Schema accepts what a document may say',
  FILE,
  fc.property(scenarioDocument, (document) => {
    assert.ok(validate(document), JSON.stringify(validate.errors));
  }),
);

property(
  'the JSON Schema and the parser agree on what has the right shape',
  FILE,
  fc.property(mutatedDocument, (document) => {
    const { success, issues } = v.safeParse(ScenarioSchema, document);
    assert.is(validate(document), success, JSON.stringify(issues ?? validate.errors));
  }),
  { numRuns: 1000 },
);

test('the JSON Schema says what each key means', () => {
  const undescribed: string[] = [];
  visit(scenarioJsonSchema(), '', undescribed);
  assert.equal(undescribed, []);
});

/** Collects the properties below `schema` that have no description. */
function visit(schema: unknown, path: string, undescribed: string[]): void {
  if (typeof schema !== 'object' || schema === null) return;
  const { properties } = schema as { properties?: Record<string, { description?: string }> };
  for (const [key, property] of Object.entries(properties ?? {})) {
    if (property.description === undefined) undescribed.push(`${path}.${key}`);
  }
  for (const [key, child] of Object.entries(schema)) visit(child, `${path}.${key}`, undescribed);
}

test.run();
