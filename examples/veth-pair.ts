/** The programs of `veth-pair.json`. */
import { defineXdp, XDP } from 'xdpemu/program';

const ETH_HLEN = 14;
const ETH_P = { IP: 0x0800, ARP: 0x0806 };

/** On eth0: every frame goes into the container by way of veth0. */
export default defineXdp((ctx) => ctx.redirectMap('container', 0));

/** On veth1, inside the container: IPv4 to its stack, ARP back to where it came from, nothing else gets in. */
export const container = defineXdp((ctx) => {
  if (ctx.length < ETH_HLEN) return XDP.DROP;
  const type = ctx.u16(12);
  return type === ETH_P.IP ? XDP.PASS : type === ETH_P.ARP ? XDP.TX : XDP.DROP;
});

/** On veth0, the container's way out: what comes back leaves by eth0. */
export const host = defineXdp((ctx) => ctx.redirectMap('uplink', 0));
