/**
 * Redirect traces (`kernel-traces/redirect/FORMAT.md`): types, parsing, formatting.
 *
 * Parsing separates the experiment from what the kernel did with it (`expect`), so that nothing that is handed the
 * experiment can look at the expectation.
 */

import type { U64 } from './u64.js';

/** A device's name; a number is an index that no device has, 0 is no device. */
export type DeviceRef = string | number;

/** A map of the document, `NO_MAP` (a redirect by index), or 0 (no target at all). */
export type MapRef = string | number;
export const NO_MAP = 2147483647;

export interface XmitDeclaration {
  readonly error: number;
  readonly maxLength: number | null;
  readonly ring: number;
  readonly drain: 'flush' | 'batch' | 'end';
}

export interface RedirectDevice {
  readonly name: string;
  readonly kind: string;
  readonly up: boolean;
  readonly mtu: number;
  readonly queues: number;
  readonly peer?: { readonly up: boolean; readonly mtu: number; readonly receive: string };
  readonly ndoXdpXmit: boolean;
  readonly ndoXdpXmitFrags: boolean;
  readonly xmit?: XmitDeclaration;
}

export interface RedirectMapEntry {
  readonly key: number;
  readonly qsize?: number;
  readonly device?: string;
  readonly socket?: string;
  readonly prog?: string | null;
}

export interface RedirectMap {
  readonly id: string;
  readonly type: 'cpumap' | 'devmap' | 'devmap_hash' | 'xskmap';
  readonly maxEntries: number;
  readonly valueSize: number;
  readonly entries: readonly RedirectMapEntry[];
}

export type HelperCall =
  | { readonly map: string; readonly key: U64; readonly flags: U64 }
  | { readonly ifindex: DeviceRef; readonly flags: U64 };

/** What a program does with one frame: at most two helper calls, then an action. */
export type Action =
  | HelperCall
  | { readonly ret: number }
  | { readonly calls: readonly HelperCall[]; readonly ret?: number };

export type Step = Action & { readonly len?: number; readonly frags?: boolean };

export interface EntryProgram {
  readonly id: string;
  readonly kind: 'devmap' | 'cpumap';
  readonly default: Action;
  readonly steps: Readonly<Record<string, Action>>;
}

export interface RedirectSocket {
  readonly id: string;
  readonly device: string;
  readonly queue: number;
  readonly rxRing: number;
  readonly fillRing: number;
  readonly posted: number;
  readonly chunk: number;
  readonly headroom: number;
  readonly sharedWith: string | null;
  readonly consume: 'batch' | 'end';
}

export interface RedirectDocument {
  readonly format: 'xdp-redirect-trace';
  readonly version: 1;
  readonly kernel: string;
  readonly title: string;
  readonly seed: number | null;
  readonly cpus: number;
  readonly devices: readonly RedirectDevice[];
  readonly maps: readonly RedirectMap[];
  readonly programs: readonly EntryProgram[];
  readonly sockets: readonly RedirectSocket[];
  readonly ingress: {
    readonly device: string;
    readonly queue: number;
    readonly mode: 'test-run' | 'native' | 'native-skb';
    readonly cpu: number;
  };
  readonly batches: readonly number[];
  readonly frames: { readonly length: number };
  readonly script: readonly Step[];
}

/** What the helper calls of one program run returned; null without a call, a list for two. */
export type Returns = number | readonly number[] | null;

export interface RedirectFields {
  readonly ev: 'xdp_redirect' | 'xdp_redirect_err';
  readonly ifindex: DeviceRef;
  readonly err: number;
  readonly toIfindex: DeviceRef;
  readonly mapId: MapRef;
  readonly mapIndex: DeviceRef;
}

export type EventFields =
  | RedirectFields
  | {
      readonly ev: 'xdp_devmap_xmit';
      readonly fromIfindex: DeviceRef;
      readonly toIfindex: DeviceRef;
      readonly sent: number;
      readonly drops: number;
      readonly err: number;
    }
  | {
      readonly ev: 'xdp_cpumap_enqueue';
      readonly mapId: MapRef;
      readonly processed: number;
      readonly drops: number;
      readonly toCpu: number;
    }
  | {
      readonly ev: 'xdp_bulk_tx';
      readonly ifindex: DeviceRef;
      readonly sent: number;
      readonly drops: number;
      readonly err: number;
    }
  | {
      readonly ev: 'xdp_exception';
      readonly prog: string;
      readonly ifindex: DeviceRef;
      readonly act: number;
    }
  | {
      readonly ev: 'prog';
      readonly prog: string;
      readonly seq: number;
      readonly return?: number | readonly number[];
      readonly act: number;
      readonly ingressIfindex: DeviceRef;
      readonly egressIfindex: DeviceRef;
      readonly rxQueue: number;
    };

/** When an event fired: while a frame was handled, or at the end of a batch. */
export type Moment = { readonly frame: number } | { readonly flush: number };

export type RedirectEvent = Moment & EventFields;

export type KthreadTotals = {
  readonly kthread: string;
  readonly processed: number;
  readonly drops: number;
  readonly xdpPass: number;
  readonly xdpDrop: number;
  readonly xdpRedirect: number;
};

/** A row of a list whose rows differ in kind. */
export type Row = Readonly<Record<string, unknown>> & {
  readonly kthread?: string;
  /** The frame, where the row is about one. */
  readonly seq?: number;
};

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
  /** False where several contexts fed the destination: the frames are a multiset. */
  readonly ordered: boolean;
  readonly frames: readonly number[];
}

export const DESTINATION_KINDS = ['devices', 'cpumap', 'stack', 'sockets'] as const;
export type DestinationKind = (typeof DESTINATION_KINDS)[number];
export type Delivered = Readonly<Record<DestinationKind, Readonly<Record<string, Delivery>>>>;

export interface XskStats {
  readonly rxDropped: number;
  readonly rxInvalidDescs: number;
  readonly rxRingFull: number;
  readonly rxFillRingEmptyDescs: number;
  /** Indices of the socket's own fill ring; absent for a socket that uses another's. */
  readonly fillProducer?: number;
  readonly fillConsumer?: number;
}

export interface RedirectExpect {
  readonly returns: readonly Returns[];
  readonly actions: readonly number[];
  readonly events: readonly RedirectEvent[];
  readonly kthread: readonly KthreadTotals[];
  readonly kthreadDetail?: KthreadDetail;
  readonly delivered: Delivered;
  readonly xskStats?: Readonly<Record<string, XskStats>>;
}

export interface RedirectTrace {
  readonly document: RedirectDocument;
  readonly expect: RedirectExpect;
}

export function parseRedirectTrace(text: string): RedirectTrace {
  const { expect, ...document } = JSON.parse(text);
  return { document, expect };
}

export function formatRedirectTrace(trace: RedirectTrace): string {
  return `${JSON.stringify({ ...trace.document, expect: trace.expect }, null, 1)}\n`;
}
