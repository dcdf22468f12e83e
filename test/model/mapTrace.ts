/**
 * Map traces (`kernel-traces/maps/FORMAT.md`): types, parsing, formatting.
 *
 * Parsing separates what goes in from what came out, so that nothing that is handed an operation can look at its
 * recorded result.
 */

import type { U64 } from './u64.js';

export type MapType = 'cpumap' | 'devmap' | 'devmap_hash' | 'xskmap';

/** A symbol of the document, `"badfd"`, `"file"`, or a descriptor number as it is. */
export type Descriptor = string | number;

/** A key: eight hexadecimal digits, or the null pointer. */
export type Key = string | null;

export interface DeviceDeclaration {
  readonly ifindex: number;
  readonly name: string;
  readonly kind: string;
  readonly peer?: number;
  readonly up?: boolean;
}

export interface ProgDeclaration {
  readonly id: string;
  readonly progId: number;
  readonly type: string;
  readonly expectedAttachType: number;
  readonly attach: string;
  readonly frags: boolean;
  readonly hasRedirectHelper: boolean;
}

export interface SocketDeclaration {
  readonly id: string;
  readonly kind: string;
  readonly bound?: boolean;
  readonly device?: number;
  readonly queue?: number;
}

export interface MapTraceHeader {
  readonly format: 'xdp-map-trace';
  readonly version: 1;
  readonly title: string;
  readonly theme: string;
  readonly kernel: string;
  readonly machine: string;
  readonly seed: number;
  readonly possibleCpus: number;
  readonly nrCpus: number;
  readonly ops: number;
  readonly opKinds: readonly string[];
  readonly mapTypes: readonly string[];
  readonly devices: readonly DeviceDeclaration[];
  readonly progs: readonly ProgDeclaration[];
  readonly sockets: readonly SocketDeclaration[];
}

export type ValueInput =
  | { readonly qsize: number; readonly prog?: Descriptor }
  | { readonly ifindex: number; readonly prog?: Descriptor }
  | { readonly socket: Descriptor }
  | string
  | null;

export interface CreateAttributes {
  readonly type: MapType;
  readonly keySize: number;
  readonly valueSize: number;
  readonly maxEntries: number;
  readonly mapFlags: number;
  readonly numaNode?: number;
  readonly name?: string;
  readonly mapExtra?: U64;
  readonly mapIfindex?: number;
  readonly innerMap?: Descriptor;
  readonly btfFd?: Descriptor;
  readonly btfKeyTypeId?: number;
  readonly btfValueTypeId?: number;
}

interface OnMap {
  readonly map: Descriptor;
}
interface OnKey extends OnMap {
  readonly key: Key;
}
interface OnBatch extends OnMap {
  readonly count: number;
  readonly elemFlags: U64;
  readonly flags: U64;
}

export type CreateOp = { readonly op: 'create'; readonly map: string } & CreateAttributes;
export type UpdateOp = { op: 'update'; value: ValueInput; flags: U64 } & OnKey;
export type LookupOp = { op: 'lookup'; flags: U64; nullValue?: boolean } & OnKey;
export type DeleteOp = { op: 'delete' } & OnKey;
export type NextKeyOp = { op: 'next_key' } & OnKey;
export type LookupAndDeleteOp = { op: 'lookup_and_delete'; flags: U64 } & OnKey;
export type BatchOp = OnBatch &
  (
    | { op: 'lookup_batch' | 'lookup_and_delete_batch'; inBatch?: string }
    | { op: 'update_batch'; keys: string[]; values: ValueInput[] }
    | { op: 'delete_batch'; keys?: string[] }
  );
export type FreezeOp = { op: 'freeze' } & OnMap;
export type InfoOp = { op: 'info' } & OnMap;
export type OpenOp = { op: 'open'; as: string; flags: U64 } & OnMap;
export type LoadProgOp = {
  op: 'load_prog';
  prog: string;
  progId: number;
  attach: string;
  frags: boolean;
  maps: Descriptor[];
};
/** Operations on the world around the maps; they always succeed. */
export type WorldOp =
  | { op: 'close_map'; map: string }
  | { op: 'close_prog'; prog: string }
  | { op: 'close_socket'; socket: string }
  | { op: 'unregister_device'; ifindex: number; how?: 'netns' }
  | { op: 'register_device'; devices: DeviceDeclaration[] }
  | { op: 'set_device'; ifindex: number; up: boolean };

export type MapOp =
  | CreateOp
  | UpdateOp
  | LookupOp
  | DeleteOp
  | NextKeyOp
  | LookupAndDeleteOp
  | BatchOp
  | FreezeOp
  | InfoOp
  | OpenOp
  | LoadProgOp
  | WorldOp;

export interface ValueOutput {
  readonly raw: string;
  readonly qsize?: number;
  readonly ifindex?: number;
  /** The program's symbol, 0 for none; with 8-byte values only. */
  readonly prog?: string | number;
}

export interface MapInfo {
  readonly type: string;
  readonly keySize: number;
  readonly valueSize: number;
  readonly maxEntries: number;
  readonly mapFlags: number;
  readonly name: string;
}

/** What a line says came out of its operation. `errno` is absent where an operation cannot fail. */
export interface MapResult {
  readonly errno?: number;
  readonly value?: ValueOutput;
  readonly next?: string;
  readonly info?: MapInfo;
  readonly countOut?: number;
  readonly removed?: readonly number[];
}

export interface MapTrace {
  readonly header: MapTraceHeader;
  readonly ops: readonly MapOp[];
  /** One for each of `ops`, which stands on line `index + 2` of the file. */
  readonly results: readonly MapResult[];
}

/** `value` is an input of an update and a result of the lookups. */
function resultFields(op: string): readonly string[] {
  const always = ['errno', 'next', 'info', 'countOut', 'removed'];
  return op.startsWith('update') ? always : [...always, 'value'];
}

export function parseMapTrace(text: string): MapTrace {
  const [header, ...lines] = text.trimEnd().split('\n');
  const ops: MapOp[] = [];
  const results: MapResult[] = [];
  for (const line of lines) {
    const { error: _forTheReader, ...fields } = JSON.parse(line) as { op: string; error?: string };
    const isResult = resultFields(fields.op);
    const pick = (wanted: boolean): Record<string, unknown> =>
      Object.fromEntries(Object.entries(fields).filter(([k]) => isResult.includes(k) === wanted));
    ops.push(pick(false) as unknown as MapOp);
    results.push(pick(true));
  }
  return { header: JSON.parse(header ?? '') as MapTraceHeader, ops, results };
}

export function formatMapTrace(trace: MapTrace): string {
  const lines = trace.ops.map((op, i) => ({ ...op, ...trace.results[i] }));
  return `${[trace.header, ...lines].map((line) => JSON.stringify(line)).join('\n')}\n`;
}
