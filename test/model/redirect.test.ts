import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { compareRedirect } from './compareRedirect.js';
import { describeDifference } from './difference.js';
import { runRedirectModel } from './redirect/model.js';
import { DESTINATION_KINDS, parseRedirectTrace, type RedirectExpect } from './redirectTrace.js';
import { bundledTraces, sharedTraces, type TraceFile } from './traceFiles.js';

/** Which destinations there are, and whether their order is determined, which the comparison takes as given. */
function destinations({ delivered }: RedirectExpect): unknown {
  return DESTINATION_KINDS.map((kind) =>
    Object.entries(delivered[kind])
      .map(([name, { ordered }]) => `${name} ${ordered}`)
      .sort(),
  );
}

function passes({ name, text }: TraceFile): void {
  const { document, expect } = parseRedirectTrace(text);
  const found = runRedirectModel(document);
  const difference = compareRedirect(document.batches, expect, found);
  if (difference) assert.unreachable(`${name}: ${describeDifference(difference)}`);
  assert.equal(destinations(found), destinations(expect), `${name}: destinations`);
}

for (const file of bundledTraces('redirect')) {
  test(`the redirect model does what Linux did in ${file.name}`, () => passes(file));
}

for (const file of sharedTraces('redirect')) {
  test(`the redirect model does what Linux did in shared ${file.name}`, () => passes(file));
}

test.run();
