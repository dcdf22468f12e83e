import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { jsonFormat } from '../../src/bpftrace/output/json.js';
import { textFormat } from '../../src/bpftrace/output/text.js';
import { emulate } from './support/emulated.js';
import { askBpftrace, type Outcome, whyNoBpftrace } from './support/realBpftrace.js';

const recorded = JSON.parse(
  readFileSync(
    fileURLToPath(new URL('../../../test/fixtures/bpftrace-0.17.0.json', import.meta.url)),
    'utf8',
  ),
) as { readonly text: readonly Outcome[]; readonly json: readonly Outcome[] };

const formats = { text: textFormat, json: jsonFormat } as const;

for (const name of ['text', 'json'] as const) {
  for (const { program, ...outcome } of recorded[name]) {
    test(`bpftrace -f ${name} prints the same for ${JSON.stringify(program)}`, () => {
      assert.equal(emulate(program, { format: formats[name] }), outcome);
    });
  }
}

const why = whyNoBpftrace();
if (why !== undefined) console.log(`not asked again: ${why}`);
else {
  // A few: bpftrace takes a second for each.
  for (const outcome of recorded.text.filter((_, index) => index % 12 === 4)) {
    test(`the recording is what bpftrace says of ${JSON.stringify(outcome.program)}`, () => {
      assert.equal(askBpftrace(outcome.program), outcome);
    });
  }
}

test.run();
