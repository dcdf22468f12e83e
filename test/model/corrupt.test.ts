import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { property } from '../support/property.js';
import { compareMapResults } from './compareMaps.js';
import { compareRedirect } from './compareRedirect.js';
import { type Corruption, seededBelow } from './corruption.js';
import { corruptMapTrace } from './corruptMaps.js';
import { corruptRedirectTrace } from './corruptRedirect.js';
import { type Difference, describeDifference } from './difference.js';
import { mapTraceInputs } from './generate/mapTraces.js';
import { redirectDocuments } from './generate/redirectDocuments.js';
import { runMapModel } from './maps/model.js';
import { formatMapTrace, parseMapTrace } from './mapTrace.js';
import { runRedirectModel } from './redirect/model.js';
import { formatRedirectTrace, parseRedirectTrace } from './redirectTrace.js';
import { bundledTraces } from './traceFiles.js';

const FILE = 'dist/test/model/corrupt.test.js';
const RUNS = 1000;

const mapTraces = bundledTraces('maps').map(({ text }) => {
  const trace = parseMapTrace(text);
  return { trace, found: runMapModel(trace.header, trace.ops) };
});

const redirectTraces = bundledTraces('redirect').map(({ text }) => {
  const trace = parseRedirectTrace(text);
  return { trace, found: runRedirectModel(trace.document) };
});

const seeds = fc.integer({ min: 0 });

function isReportedAt({ what, place }: Corruption<unknown>, difference?: Difference): void {
  if (!difference) throw new Error(`${what}: not noticed`);
  const { line, frame, flush, path } = difference;
  const message = `${what}: expected at ${JSON.stringify(place)}, ${describeDifference(difference)}`;
  assert.is(line, place.line, message);
  assert.is(frame, place.frame, message);
  assert.is(flush, place.flush, message);
  assert.ok(path.startsWith(place.path), message);
}

property(
  'a corrupted map trace is noticed at the corrupted line',
  FILE,
  fc.property(fc.constantFrom(...mapTraces), seeds, ({ trace, found }, seed) => {
    const corruption = corruptMapTrace(trace, seededBelow(seed));
    isReportedAt(corruption, compareMapResults(corruption.trace.results, found));
  }),
  { numRuns: RUNS },
);

property(
  'a corrupted redirect trace is noticed at the corrupted frame, event or delivery',
  FILE,
  fc.property(fc.constantFrom(...redirectTraces), seeds, ({ trace, found }, seed) => {
    const corruption = corruptRedirectTrace(trace, seededBelow(seed));
    const { document, expect } = corruption.trace;
    isReportedAt(corruption, compareRedirect(document.batches, expect, found));
  }),
  { numRuns: RUNS },
);

property(
  'corruptions of generated traces are noticed as well',
  FILE,
  fc.property(redirectDocuments, mapTraceInputs({ maxOps: 40 }), seeds, (document, input, seed) => {
    const results = runMapModel(input.header, input.ops);
    const expect = runRedirectModel(document);
    const maps = corruptMapTrace({ ...input, results }, seededBelow(seed));
    const redirect = corruptRedirectTrace({ document, expect }, seededBelow(seed));
    isReportedAt(maps, compareMapResults(maps.trace.results, results));
    isReportedAt(redirect, compareRedirect(document.batches, redirect.trace.expect, expect));
  }),
);

test('a trace that is formatted and parsed again is the same trace', () => {
  for (const { trace } of mapTraces) assert.equal(parseMapTrace(formatMapTrace(trace)), trace);
  for (const { trace } of redirectTraces) {
    assert.equal(parseRedirectTrace(formatRedirectTrace(trace)), trace);
  }
});

test.run();
