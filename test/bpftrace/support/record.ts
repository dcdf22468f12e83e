import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { refused, runnable } from './programs.js';
import { askBpftrace, whyNoBpftrace } from './realBpftrace.js';

// Records what the real bpftrace makes of the programs: node dist/test/bpftrace/support/record.js
const why = whyNoBpftrace();
if (why !== undefined) throw new Error(why);
const file = fileURLToPath(
  new URL('../../../../test/fixtures/bpftrace-0.17.0.json', import.meta.url),
);
const text = [
  ...runnable.map((program) => askBpftrace(program, [])),
  ...refused.map((program) => askBpftrace(program, [])),
];
const json = runnable.map((program) => askBpftrace(program, ['-f', 'json']));
writeFileSync(file, `${JSON.stringify({ text, json }, undefined, 1)}\n`);
