import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { compareMapResults } from './compareMaps.js';
import { describeDifference } from './difference.js';
import { runMapModel } from './maps/model.js';
import { parseMapTrace } from './mapTrace.js';
import { bundledTraces, sharedTraces, type TraceFile } from './traceFiles.js';

function passes({ name, text }: TraceFile): void {
  const { header, ops, results } = parseMapTrace(text);
  assert.is(ops.length, header.ops, `${name}: operations`);
  const difference = compareMapResults(results, runMapModel(header, ops));
  if (difference) assert.unreachable(`${name}: ${describeDifference(difference)}`);
}

for (const file of bundledTraces('maps')) {
  test(`the map model does what Linux did in ${file.name}`, () => passes(file));
}

for (const file of sharedTraces('maps')) {
  test(`the map model does what Linux did in shared ${file.name}`, () => passes(file));
}

test.run();
