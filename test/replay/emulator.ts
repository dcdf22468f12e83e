/** The emulator in the terms of the reference model: the same documents in, the same results out. */

import type { KernelVersion } from '../../src/machine/kernel.js';
import { parseMapTrace } from '../../src/replay/mapTrace.js';
import { parseRedirectTrace, type RedirectTrace } from '../../src/replay/redirectTrace.js';
import { replayMaps } from '../../src/replay/replayMaps.js';
import { replayRedirect } from '../../src/replay/replayRedirect.js';
import { replayThreaded } from '../../src/replay/replayThreaded.js';
import { timingOf } from '../../src/replay/timing.js';
import {
  formatMapTrace,
  type MapOp,
  type MapResult,
  type MapTraceHeader,
} from '../model/mapTrace.js';
import {
  formatRedirectTrace,
  type RedirectDocument,
  type RedirectExpect,
} from '../model/redirectTrace.js';

/** A recording says what was expected; the emulator gets to see nothing of the kind. */
const NO_EXPECTATION: RedirectExpect = {
  returns: [],
  actions: [],
  events: [],
  kthread: [],
  delivered: { devices: {}, cpumap: {}, stack: {}, sockets: {} },
};

export function emulateMaps(
  header: MapTraceHeader,
  ops: readonly MapOp[],
  kernel: KernelVersion = 618,
): MapResult[] {
  const { header: parsed, operations } = parseMapTrace(
    formatMapTrace({ header, ops, results: [] }),
  );
  return asJson(replayMaps(parsed, operations, kernel));
}

export function emulateRedirect(
  document: RedirectDocument,
  kernel: KernelVersion = 618,
): RedirectExpect {
  return asJson(replayRedirect(parseDocument(document).experiment, kernel));
}

/** As `emulateRedirect`, on workers; undefined where the outcome depends on timing. */
export async function emulateThreaded(
  document: RedirectDocument,
): Promise<RedirectExpect | undefined> {
  const { experiment } = parseDocument(document);
  const timing = timingOf(experiment, 618);
  if (timing.depends) return undefined;
  return asJson(await replayThreaded(experiment, 618, timing.holdsConsumers));
}

/** The emulator's own reading of a document. */
export function parseDocument(document: RedirectDocument): RedirectTrace {
  return parseRedirectTrace(formatRedirectTrace({ document, expect: NO_EXPECTATION }));
}

function asJson<T>(result: unknown): T {
  return JSON.parse(JSON.stringify(result));
}
