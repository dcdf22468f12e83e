import * as v from 'valibot';

/** `series.json`: what a run did over time, in as many numbers for a long run as for a short one. */

export const SERIES_VERSION = 1;

const counts = v.array(v.number());

const series = v.object({
  label: v.string(),
  total: v.number(),
  /** By bin. */
  values: counts,
  /** It is the sum of what could not be told apart any more. */
  isRest: v.optional(v.boolean()),
});

const ring = v.object({
  label: v.string(),
  /** The device, CPU or socket whose it is. */
  target: v.string(),
  /** Slots, null where not known. */
  size: v.nullable(v.number()),
  most: v.number(),
  /** Deepest of each bin. */
  values: counts,
});

const bulk = v.object({
  label: v.string(),
  /** The device or CPU that it goes to. */
  target: v.string(),
  capacity: v.number(),
  /** Bulks by the number of frames they had. */
  sizes: counts,
  /** By bin: frames in bulks, and bulks. */
  frames: counts,
  bulks: counts,
});

const cell = v.object({
  from: v.string(),
  to: v.string(),
  frames: v.number(),
  errors: v.number(),
});

const fateRow = v.object({
  fate: v.string(),
  target: v.string(),
  frames: v.number(),
  bytes: v.number(),
  firstNs: v.number(),
  lastNs: v.number(),
});

const flow = v.object({ flow: v.string(), frames: v.number(), cpus: counts });

export const seriesSchema = v.object({
  version: v.literal(SERIES_VERSION),
  startNs: v.number(),
  binNs: v.number(),
  bins: v.number(),
  received: v.array(series),
  redirected: v.array(series),
  delivered: v.array(series),
  /** Frames that met another end than delivery, by fate. */
  lost: v.array(series),
  /** Errors of tracepoints, by errno. */
  errors: v.array(series),
  rings: v.array(ring),
  /** Rings that were not followed. */
  ringsLeft: v.number(),
  bulks: v.array(bulk),
  matrix: v.object({ cells: v.array(cell), rest: v.number() }),
  fates: v.array(fateRow),
  flows: v.object({ flows: v.array(flow), rest: counts }),
});

export type SeriesDocument = v.InferOutput<typeof seriesSchema>;
export type Series = v.InferOutput<typeof series>;
export type RingSeries = v.InferOutput<typeof ring>;
export type BulkSeries = v.InferOutput<typeof bulk>;
export type RedirectCell = v.InferOutput<typeof cell>;
export type RedirectMatrix = SeriesDocument['matrix'];
export type FateRow = v.InferOutput<typeof fateRow>;
export type FlowSpread = SeriesDocument['flows'];
