import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { jsonFormat } from '../../src/bpftrace/output/json.js';
import { textFormat } from '../../src/bpftrace/output/text.js';
import { emulate } from './support/emulated.js';
import { askBpftrace, type Outcome, whyNoBpftrace } from './support/realBpftrace.js';

function fixture(name: string): unknown {
  const url = new URL(`../../../test/fixtures/${name}`, import.meta.url);
  return JSON.parse(readFileSync(fileURLToPath(url), 'utf8'));
}

const recorded = fixture('bpftrace-0.17.0.json') as {
  readonly text: readonly Outcome[];
  readonly json: readonly Outcome[];
};

const formats = { text: textFormat, json: jsonFormat } as const;

for (const name of ['text', 'json'] as const) {
  for (const { program, ...outcome } of recorded[name]) {
    test(`bpftrace -f ${name} prints the same for ${JSON.stringify(program)}`, () => {
      assert.equal(emulate(program, { format: formats[name] }), outcome);
    });
  }
}

test('bpftrace printed the same of three frames that Linux 6.18 could not redirect', () => {
  // bpf_redirect(999, 0) on a veth, where no device has that ifindex.
  const fields = { prog_id: 5, action: 4, ifindex: 2, to_ifindex: 999, err: -22 };
  const failed = {
    name: 'xdp_redirect_err',
    timeNs: 1e9,
    cpu: 0,
    task: { mapId: 0, pid: 0 },
    fields: { ...fields, map_id: 2 ** 31 - 1, map_index: 0 },
  };
  const { program, ...outcome } = fixture('bpftrace-0.17.0-redirect-err.json') as Outcome;
  assert.equal(emulate(program, { hits: [failed, failed, failed] }), outcome);
});

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
