import { BPF_F, defineXdp, XDP } from '../program/define.js';
import type { XdpContext } from '../program/xdpContext.js';

/**
 * The programs of the stress run. What a frame's flow is decides where it goes, so that a flow has one way to any one
 * target and its order there can be checked.
 */

/** Where a stamped frame has its magic number and its flow's number, little endian (`device/stamp.ts`). */
const STAMP_OFFSET = 42;
const FLOW_OFFSET = 46;

/** Roles that flows have in turn. */
export const ROLES = 16;

function flowOf(ctx: XdpContext): number {
  return ctx.u8(FLOW_OFFSET) | (ctx.u8(FLOW_OFFSET + 1) << 8);
}

/** Which flow of its role it is. */
function indexOf(ctx: XdpContext): number {
  return Math.floor(flowOf(ctx) / ROLES);
}

/** Entries of the maps that `scenario.ts` makes. */
export const PORTS = 3;
export const ONWARD = { RELAY: 0, PEER: 1 } as const;

/** On the device that traffic comes in at. */
export const main = defineXdp((ctx) => {
  const role = flowOf(ctx) % ROLES;
  const { config, cpus, ports, flood, sockets } = ctx.maps;
  switch (role) {
    case 0:
    case 1:
    case 2:
    case 3:
    case 4:
    case 5:
      // Without an entry the frame goes to the stack.
      return cpus!.redirect(1 + ((indexOf(ctx) + role) % config!.lookup(0)!.u32()), XDP.PASS);
    case 6:
    case 7:
    case 8:
      return ports!.redirect(role - 6, XDP.DROP);
    case 9:
      return flood!.redirect(0, BPF_F.BROADCAST | BPF_F.EXCLUDE_INGRESS);
    case 10:
    case 11:
      return sockets!.redirect(2 * ctx.rxQueueIndex + (role - 10), XDP.PASS);
    case 12:
      return XDP.TX;
    case 13:
      return XDP.PASS;
    case 14:
      return ctx.redirect(OUT_IFINDEX);
    default:
      return XDP.DROP;
  }
});

/** The device that `main` redirects to without a map. */
export const OUT_IFINDEX = 9;

/** On cpumap entries: some frames end here, the others go on to the stack. */
export const inspect = defineXdp((ctx) => (indexOf(ctx) % 4 === 0 ? XDP.DROP : XDP.PASS));

/**
 * On cpumap entries: redirects on to a device. The kthread of an entry that was replaced drains while that of the new one
 * works already, so nobody promises an order behind it, as in the kernel: the stamp is taken off.
 */
export const relay = defineXdp((ctx) => {
  ctx.setU32(STAMP_OFFSET, 0);
  return ctx.redirectMap('onward', ONWARD.RELAY);
});

/** On devmap entries. */
export const egress = defineXdp((ctx) => (indexOf(ctx) % 8 === 0 ? XDP.DROP : XDP.PASS));

/** On the far end of the veth pair. */
export const peer = defineXdp((ctx) => {
  switch (indexOf(ctx) % 3) {
    case 0:
      return XDP.PASS;
    case 1:
      return XDP.TX;
    default:
      return ctx.redirectMap('onward', ONWARD.PEER);
  }
});
