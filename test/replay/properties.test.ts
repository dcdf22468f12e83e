/** The emulator against the reference model, on experiments that nobody recorded. */

import fc from 'fast-check';
import { test } from 'uvu';
import { compareMapResults } from '../model/compareMaps.js';
import { compareRedirect } from '../model/compareRedirect.js';
import { type Difference, describeDifference } from '../model/difference.js';
import { mapTraceInputs } from '../model/generate/mapTraces.js';
import { redirectDocuments } from '../model/generate/redirectDocuments.js';
import { runMapModel } from '../model/maps/model.js';
import { runRedirectModel } from '../model/redirect/model.js';
import { property } from '../support/property.js';
import { emulateMaps, emulateRedirect } from './emulator.js';

const FILE = 'dist/test/replay/properties.test.js';
const RUNS = 400;

function hasNone(difference: Difference | undefined): void {
  if (difference) throw new Error(describeDifference(difference));
}

property(
  'map system calls give what the model gives',
  FILE,
  fc.property(mapTraceInputs({ maxOps: 60 }), ({ header, ops }) => {
    hasNone(compareMapResults(runMapModel(header, ops), emulateMaps(header, ops)));
  }),
  { numRuns: RUNS },
);

property(
  'redirect experiments give what the model gives',
  FILE,
  fc.property(redirectDocuments, (document) => {
    const found = emulateRedirect(document);
    hasNone(compareRedirect(document.batches, runRedirectModel(document), found));
  }),
  { numRuns: RUNS },
);

test.run();
