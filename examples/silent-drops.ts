/**
 * A port that forwards, and loses frames in all the ways that no counter of a program shows: tracepoints do.
 *
 *     xdpemu trace -e 'tracepoint:xdp:* { @cnt[probe] = count(); }' -- \
 *       run examples/silent-drops.ts --pcap examples/lan.pcap
 */
import type { ModuleScenario } from 'xdpemu';
import { defineXdp, XDP } from 'xdpemu/program';

const UP = 2;
const DOWN = 3;
const BROKEN = 4;
const NOBODY = 99;

export const scenario: ModuleScenario = {
  name: 'silent drops',
  devices: [
    { name: 'eth0', ifindex: 1, program: 'main' },
    { name: 'up0', ifindex: UP },
    { name: 'down0', ifindex: DOWN, up: false },
    { name: 'broken0', ifindex: BROKEN, xmitError: 'ENXIO' },
  ],
};

const ETH_HLEN = 14;
/** No XDP action: the kernel warns, drops the frame and calls trace_xdp_exception. */
const NO_ACTION = 77;

/** By the last bits of the IPv4 identification: frames of all kinds meet all ends. */
export default defineXdp((ctx) => {
  if (ctx.length < ETH_HLEN + 20) return XDP.PASS;
  switch (ctx.u16(ETH_HLEN + 4) & 7) {
    case 0:
      return ctx.redirect(DOWN);
    case 1:
      return ctx.redirect(BROKEN);
    case 2:
      return ctx.redirect(NOBODY);
    case 3:
      return NO_ACTION;
    default:
      return ctx.redirect(UP);
  }
});
