import * as v from 'valibot';
import { hexBytes, parseJson, parseWith, u32, u64 } from './fields.js';

/**
 * Map traces: recordings of map system calls, one JSON object a line. Inputs and results of a line are taken apart here,
 * so that what performs an operation cannot see what came of it.
 */

/** A symbol, `"badfd"`, `"file"`, or a descriptor's number as it is. */
const descriptor = v.union([v.string(), v.pipe(v.number(), v.integer())]);
export type Descriptor = v.InferOutput<typeof descriptor>;

/** No map has other keys than of 4 bytes. `null`: the null pointer. */
const key = v.nullable(
  v.pipe(
    hexBytes,
    v.check(({ length }) => length === 4, 'expected 4 bytes'),
  ),
);

const value = v.nullable(
  v.union([
    v.pipe(
      hexBytes,
      v.check(({ length }) => length === 4 || length === 8, 'expected 4 or 8 bytes'),
    ),
    v.object({ qsize: u32, prog: v.optional(descriptor) }),
    v.object({ ifindex: u32, prog: v.optional(descriptor) }),
    v.object({ socket: descriptor }),
  ]),
);
export type ValueInput = v.InferOutput<typeof value>;

const device = v.object({
  ifindex: u32,
  name: v.string(),
  kind: v.string(),
  peer: v.optional(u32),
  up: v.optional(v.boolean(), true),
});
export type DeviceDeclaration = v.InferOutput<typeof device>;

const header = v.object({
  format: v.literal('xdp-map-trace'),
  version: v.literal(1),
  title: v.string(),
  possibleCpus: u32,
  nrCpus: u32,
  devices: v.array(device),
  progs: v.array(
    v.object({
      id: v.string(),
      progId: u32,
      type: v.string(),
      expectedAttachType: u32,
      frags: v.boolean(),
    }),
  ),
  sockets: v.array(
    v.object({
      id: v.string(),
      kind: v.string(),
      device: v.optional(u32),
      queue: v.optional(u32, 0),
    }),
  ),
});
export type MapTraceHeader = v.InferOutput<typeof header>;

export const MAP_TYPE_NAMES = ['cpumap', 'devmap', 'devmap_hash', 'xskmap'] as const;
const mapType = v.picklist(MAP_TYPE_NAMES);

const batch = { map: descriptor, count: u32 };

const operation = v.variant('op', [
  v.object({
    op: v.literal('create'),
    map: v.string(),
    type: mapType,
    keySize: u32,
    valueSize: u32,
    maxEntries: u32,
    mapFlags: u32,
    numaNode: v.optional(u32, 0),
    name: v.optional(v.string(), ''),
    mapExtra: v.optional(u64, 0),
    mapIfindex: v.optional(u32, 0),
    btfFd: v.optional(descriptor, 0),
    btfKeyTypeId: v.optional(u32, 0),
    btfValueTypeId: v.optional(u32, 0),
  }),
  v.object({ op: v.literal('update'), map: descriptor, key, value, flags: u64 }),
  v.object({
    op: v.literal('lookup'),
    map: descriptor,
    key,
    flags: u64,
    nullValue: v.optional(v.boolean(), false),
  }),
  v.object({ op: v.literal('delete'), map: descriptor, key }),
  v.object({ op: v.literal('next_key'), map: descriptor, key }),
  v.object({ op: v.literal('lookup_and_delete'), map: descriptor, key, flags: u64 }),
  v.object({ op: v.literal('lookup_batch'), ...batch }),
  v.object({ op: v.literal('lookup_and_delete_batch'), ...batch }),
  v.object({ op: v.literal('update_batch'), ...batch }),
  v.object({ op: v.literal('delete_batch'), ...batch }),
  v.object({ op: v.literal('freeze'), map: descriptor }),
  v.object({ op: v.literal('info'), map: descriptor }),
  v.object({ op: v.literal('open'), map: descriptor, as: v.string(), flags: u64 }),
  v.object({ op: v.literal('close_map'), map: descriptor }),
  v.object({
    op: v.literal('load_prog'),
    prog: v.string(),
    progId: u32,
    attach: v.string(),
    frags: v.boolean(),
    maps: v.array(descriptor),
  }),
  v.object({ op: v.literal('close_prog'), prog: descriptor }),
  v.object({ op: v.literal('close_socket'), socket: descriptor }),
  v.object({
    op: v.literal('unregister_device'),
    ifindex: u32,
    how: v.optional(v.literal('netns')),
  }),
  v.object({ op: v.literal('register_device'), devices: v.array(device) }),
  v.object({ op: v.literal('set_device'), ifindex: u32, up: v.boolean() }),
]);
export type MapOperation = v.InferOutput<typeof operation>;

/** What came of an operation, in the words of the format. */
export interface MapResult {
  /** Positive, 0 on success; absent where an operation cannot fail. */
  readonly errno?: number;
  readonly value?: { readonly raw: string; readonly [member: string]: unknown };
  readonly next?: string;
  readonly info?: Readonly<Record<string, unknown>>;
  readonly countOut?: number;
  readonly removed?: readonly number[];
}

export interface MapTrace {
  readonly header: MapTraceHeader;
  /** Line `index + 2` of the file. */
  readonly operations: readonly MapOperation[];
  readonly results: readonly MapResult[];
}

/** Throws `TraceFormatError`. */
export function parseMapTrace(text: string): MapTrace {
  const [first, ...lines] = text.trimEnd().split('\n');
  const operations: MapOperation[] = [];
  const results: MapResult[] = [];
  for (const [index, line] of lines.entries()) {
    const where = `line ${index + 2}`;
    const object = parseJson(line, where);
    operations.push(parseWith(operation, object, where));
    results.push(resultOf(object as RecordedLine));
  }
  return {
    header: parseWith(header, parseJson(first ?? '', 'line 1'), 'line 1'),
    operations,
    results,
  };
}

type RecordedLine = MapResult & { readonly op: string };

function resultOf({ op, errno, value, next, info, countOut, removed }: RecordedLine): MapResult {
  const isInput = op === 'update';
  return {
    ...(errno !== undefined && { errno }),
    ...(value !== undefined && !isInput && { value }),
    ...(next !== undefined && { next }),
    ...(info !== undefined && { info }),
    ...(countOut !== undefined && { countOut }),
    ...(removed !== undefined && { removed }),
  };
}
