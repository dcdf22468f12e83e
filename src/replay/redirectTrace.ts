import * as v from 'valibot';
import { TEST_XDP_MAX_BATCH } from '../arena/layout.generated.js';
import { parseJson, parseWith, positive, powerOfTwo, u32, u64 } from './fields.js';
import { NUMBERED_MIN_BYTES } from './frameNumber.js';
import { TraceFormatError } from './traceError.js';

/**
 * Redirect traces: one experiment each, and what the kernel did with it. The two are taken apart here, so that what runs
 * the experiment cannot see what was expected.
 */

/** A device's name, or an index that no device has. */
const deviceRef = v.union([v.string(), u32]);
export type DeviceRef = v.InferOutput<typeof deviceRef>;

const helperCall = v.union([
  v.object({ map: v.string(), key: u64, flags: u64 }),
  v.object({ ifindex: deviceRef, flags: u64 }),
]);
export type HelperCall = v.InferOutput<typeof helperCall>;

/** What a program does with one frame; a single call may stand for itself. */
const actionMembers = {
  map: v.optional(v.string()),
  ifindex: v.optional(deviceRef),
  key: v.optional(u64, 0),
  flags: v.optional(u64, 0),
  calls: v.optional(v.pipe(v.array(helperCall), v.maxLength(2))),
  ret: v.optional(u32),
};

type ActionInput = v.InferOutput<v.ObjectSchema<typeof actionMembers, undefined>>;

/** Helper calls in order, then an action: `ret`, or what the last call returned. */
export interface Action {
  readonly calls: readonly HelperCall[];
  readonly ret: number | undefined;
}

function toAction({ map, ifindex, key, flags, calls = [], ret }: ActionInput): Action {
  if (map !== undefined) return { calls: [{ map, key, flags }], ret };
  if (ifindex !== undefined) return { calls: [{ ifindex, flags }], ret };
  return { calls, ret };
}

function doesSomething({ calls, ret }: Action): boolean {
  return calls.length > 0 || ret !== undefined;
}
const NOTHING_DONE = 'expected a call or ret';

const action = v.pipe(
  v.object(actionMembers),
  v.transform(toAction),
  v.check((step) => doesSomething(step), NOTHING_DONE),
);

const frameBytes = v.pipe(u32, v.minValue(NUMBERED_MIN_BYTES));

const step = v.pipe(
  v.object({
    ...actionMembers,
    len: v.optional(frameBytes),
    frags: v.optional(v.boolean(), false),
  }),
  v.transform(({ len, frags, ...rest }) => ({ ...toAction(rest), len, frags })),
  v.check((step) => doesSomething(step), NOTHING_DONE),
);

const device = v.object({
  name: v.string(),
  kind: v.string(),
  up: v.boolean(),
  mtu: u32,
  queues: positive,
  ndoXdpXmit: v.boolean(),
  ndoXdpXmitFrags: v.boolean(),
  xmit: v.optional(
    v.object({
      error: v.pipe(v.number(), v.integer(), v.maxValue(0)),
      maxLength: v.nullable(u32),
      ring: positive,
      drain: v.picklist(['flush', 'batch', 'end']),
    }),
  ),
});
export type DeviceDeclaration = v.InferOutput<typeof device>;
export type Drain = NonNullable<DeviceDeclaration['xmit']>['drain'];

const map = v.object({
  id: v.string(),
  type: v.picklist(['cpumap', 'devmap', 'devmap_hash', 'xskmap']),
  maxEntries: u32,
  valueSize: u32,
  entries: v.array(
    v.object({
      key: u32,
      qsize: v.optional(u32),
      device: v.optional(v.string()),
      socket: v.optional(v.string()),
      prog: v.nullish(v.string()),
    }),
  ),
});
export type MapDeclaration = v.InferOutput<typeof map>;
export type EntryDeclaration = MapDeclaration['entries'][number];

const program = v.object({
  id: v.string(),
  kind: v.picklist(['devmap', 'cpumap']),
  default: action,
  steps: v.record(v.string(), action),
});
export type ProgramDeclaration = v.InferOutput<typeof program>;

const socket = v.object({
  id: v.string(),
  device: v.string(),
  queue: u32,
  rxRing: powerOfTwo,
  fillRing: powerOfTwo,
  posted: u32,
  chunk: u32,
  headroom: u32,
  sharedWith: v.nullable(v.string()),
  consume: v.picklist(['batch', 'end']),
});
export type SocketDeclaration = v.InferOutput<typeof socket>;

const experiment = v.object({
  format: v.literal('xdp-redirect-trace'),
  version: v.literal(1),
  title: v.string(),
  cpus: u32,
  devices: v.array(device),
  maps: v.array(map),
  programs: v.array(program),
  sockets: v.array(socket),
  ingress: v.object({
    device: v.string(),
    queue: u32,
    mode: v.picklist(['test-run', 'native', 'native-skb']),
    cpu: u32,
  }),
  batches: v.array(v.pipe(u32, v.maxValue(TEST_XDP_MAX_BATCH))),
  frames: v.object({ length: frameBytes }),
  script: v.array(step),
});
export type Experiment = v.InferOutput<typeof experiment>;

// -- what came of it

/** While a frame was handled, or at the end of a batch. */
export type Moment = { readonly frame: number } | { readonly flush: number };

/** Members of an event, or of a row of a list. */
export type Row = Readonly<Record<string, unknown>>;
export type RedirectEvent = Moment & Row & { readonly ev: string };

/** What the helpers returned for a frame: null without a call, a list for two. */
export type Returns = number | readonly number[] | null;

export interface KthreadDetail {
  readonly programs: readonly {
    readonly kthread: string;
    readonly prog: string;
    readonly runs: readonly Row[];
  }[];
  readonly redirects: readonly Row[];
  readonly exceptions: readonly Row[];
  readonly xmit: readonly Row[];
  readonly enqueue: readonly Row[];
}

export interface Delivery {
  /** False where several contexts fed the destination: the order of the frames is accidental. */
  readonly ordered: boolean;
  readonly frames: readonly number[];
}

export const DESTINATIONS = ['devices', 'cpumap', 'stack', 'sockets'] as const;
export type Delivered = Readonly<
  Record<(typeof DESTINATIONS)[number], Readonly<Record<string, Delivery>>>
>;

export interface Outcome {
  readonly returns: readonly Returns[];
  readonly actions: readonly number[];
  readonly events: readonly RedirectEvent[];
  readonly kthread: readonly Row[];
  readonly kthreadDetail?: KthreadDetail;
  readonly delivered: Delivered;
  readonly xskStats?: Readonly<Record<string, Row>>;
}

const row = v.record(v.string(), v.unknown());
const moment = v.union([v.object({ frame: u32 }), v.object({ flush: u32 })]);
const event = v.intersect([row, moment, v.object({ ev: v.string() })]);
const deliveries = v.record(
  v.string(),
  v.object({ ordered: v.boolean(), frames: v.array(v.number()) }),
);

/** Deep enough that comparing cannot trip over it; what the members are is the comparison's to say. */
const outcome = v.object({
  returns: v.array(v.nullable(v.union([v.number(), v.array(v.number())]))),
  actions: v.array(v.number()),
  events: v.array(event),
  kthread: v.array(row),
  kthreadDetail: v.exactOptional(
    v.object({
      programs: v.array(v.object({ kthread: v.string(), prog: v.string(), runs: v.array(row) })),
      redirects: v.array(row),
      exceptions: v.array(row),
      xmit: v.array(row),
      enqueue: v.array(row),
    }),
  ),
  delivered: v.object({
    devices: deliveries,
    cpumap: deliveries,
    stack: deliveries,
    sockets: deliveries,
  }),
  xskStats: v.exactOptional(v.record(v.string(), row)),
});

export interface RedirectTrace {
  readonly experiment: Experiment;
  readonly expected: Outcome;
}

/** Throws `TraceFormatError`. */
export function parseRedirectTrace(text: string): RedirectTrace {
  const object = parseJson(text, 'the file') as { readonly expect?: unknown };
  const parsed = parseWith(experiment, object, 'the file');
  checkWhole(parsed);
  return { experiment: parsed, expected: parseWith(outcome, object.expect, 'expect') };
}

/** What one member demands of another. */
function checkWhole({ batches, script, ingress, cpus }: Experiment): void {
  const frames = batches.reduce((sum, count) => sum + count, 0);
  if (frames !== script.length) {
    throw new TraceFormatError(
      `batches: expected as many frames as script has steps (${script.length}), found ${frames}`,
    );
  }
  if (ingress.cpu >= cpus) {
    throw new TraceFormatError(`ingress.cpu: expected one of ${cpus} CPUs, found ${ingress.cpu}`);
  }
}
