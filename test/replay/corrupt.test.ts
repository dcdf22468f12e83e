import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { describeDifference } from '../../src/replay/difference.js';
import { replayText } from '../../src/replay/replay.js';
import { compareMapResults } from '../model/compareMaps.js';
import { compareRedirect } from '../model/compareRedirect.js';
import { isSame, seededBelow } from '../model/corruption.js';
import { corruptMapTrace } from '../model/corruptMaps.js';
import { corruptRedirectTrace } from '../model/corruptRedirect.js';
import type { Difference, Place } from '../model/difference.js';
import { formatMapTrace, parseMapTrace } from '../model/mapTrace.js';
import { formatRedirectTrace, parseRedirectTrace } from '../model/redirectTrace.js';
import { bundledTraces } from '../model/traceFiles.js';
import { property } from '../support/property.js';

const FILE = 'dist/test/replay/corrupt.test.js';
const RUNS = 300;

const mapTraces = bundledTraces('maps').map(({ text }) => parseMapTrace(text));
const redirectTraces = bundledTraces('redirect').map(({ text }) => parseRedirectTrace(text));
const seeds = fc.integer({ min: 0 });

function isReportedAt(what: string, place: Place, difference: Difference | undefined): void {
  if (!difference) throw new Error(`${what}: not noticed`);
  const { line, frame, flush, path } = difference;
  const message = `${what}: expected at ${JSON.stringify(place)}, ${describeDifference(difference)}`;
  assert.equal([line, frame, flush], [place.line, place.frame, place.flush], message);
  assert.ok(path.startsWith(place.path), message);
}

/** Where, whatever the words for it. */
function momentOf({ line, frame, flush }: Place): unknown {
  return { line, frame, flush };
}

property(
  'a corrupted map trace fails at the corrupted line, for this judge as for the model',
  FILE,
  fc.property(fc.constantFrom(...mapTraces), seeds, (trace, seed) => {
    const { what, place, trace: corrupted } = corruptMapTrace(trace, seededBelow(seed));
    const text = formatMapTrace(corrupted);
    // A looked-up value that was swapped onto an update's line would be that update's input.
    fc.pre(isSame(parseMapTrace(text), corrupted));
    const { ok, difference } = replayText('corrupted', text);
    assert.not(ok, what);
    isReportedAt(what, place, difference);
    assert.equal(difference, compareMapResults(corrupted.results, trace.results), what);
  }),
  { numRuns: RUNS },
);

property(
  'a corrupted redirect trace fails at the corrupted frame, event or delivery, for this judge as for the model',
  FILE,
  fc.property(fc.constantFrom(...redirectTraces), seeds, (trace, seed) => {
    const { what, place, trace: corrupted } = corruptRedirectTrace(trace, seededBelow(seed));
    const { ok, difference } = replayText('corrupted', formatRedirectTrace(corrupted));
    assert.not(ok, what);
    isReportedAt(what, place, difference);
    const { document, expect } = corrupted;
    const model = compareRedirect(document.batches, expect, trace.expect);
    assert.equal(momentOf(difference!), momentOf(model!), what);
  }),
  { numRuns: RUNS },
);

test.run();
