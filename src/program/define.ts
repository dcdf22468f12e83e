import type { XdpContext } from './xdpContext.js';

/** The actions of an XDP program (`enum xdp_action`). */
export const XDP = { ABORTED: 0, DROP: 1, PASS: 2, TX: 3, REDIRECT: 4 } as const;
export type XdpAction = (typeof XDP)[keyof typeof XDP];

/** Flags of `redirectMap`; its low two bits are the action for a failed lookup. */
export const BPF_F = { BROADCAST: 8, EXCLUDE_INGRESS: 16 } as const;

/** Returns an action; any other number counts as unknown and aborts, as in the kernel. */
export type XdpFunction = (ctx: XdpContext) => number;

const MARK = Symbol.for('xdpemu.program');

/** An XDP program written in TypeScript. */
export interface XdpProgram {
  readonly [MARK]: true;
  readonly run: XdpFunction;
}

/**
 * Declares an XDP program. The function runs once a frame, on several threads at once, each with its own copy of the
 * module: state that frames share belongs in maps. An exception aborts the frame (XDP_ABORTED), not the machine.
 */
export function defineXdp(run: XdpFunction): XdpProgram {
  if (typeof run !== 'function')
    throw new TypeError(`defineXdp: expected a function, found ${typeof run}`);
  return { [MARK]: true, run };
}

export function isXdpProgram(value: unknown): value is XdpProgram {
  return typeof value === 'object' && value !== null && MARK in value;
}
