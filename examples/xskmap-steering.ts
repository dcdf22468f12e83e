/**
 * Steering to AF_XDP sockets over XSKMAPs: DNS goes to one socket, other UDP to another, everything else to the stack.
 * A socket receives from the queue it is bound to only, so there is a pair of them for each receive queue, and the key
 * is the queue that the frame came from. The two of a queue share a UMEM, as the kernel wants it.
 *
 *     xdpemu run examples/xskmap-steering.ts --pcap examples/lan.pcap
 */
import type { ModuleScenario, XdpContext } from 'xdpemu';
import { defineXdp, XDP } from 'xdpemu/program';

const QUEUES = [0, 1];

export const scenario: ModuleScenario = {
  name: 'XSKMAP steering',
  devices: [{ name: 'eth0', rxQueues: QUEUES.length, program: 'main' }],
  sockets: QUEUES.flatMap((queue) => [
    { name: `dns${queue}`, device: 'eth0', queue },
    { name: `udp${queue}`, device: 'eth0', queue, sharedUmem: `dns${queue}` },
  ]),
  maps: {
    dns: { type: 'xskmap', entries: QUEUES.map((key) => ({ key, socket: `dns${key}` })) },
    udp: { type: 'xskmap', entries: QUEUES.map((key) => ({ key, socket: `udp${key}` })) },
  },
};

const ETH_HLEN = 14;
const VLAN_HLEN = 4;
const ETH_P = { IP: 0x0800, VLAN: 0x8100, IPV6: 0x86dd };
const IPPROTO_UDP = 17;
const IPV6_HLEN = 40;
const UDP_HLEN = 8;
const DNS_PORT = 53;
/** Fragment offset and "more fragments": what has either is put together by the stack first. */
const IP_FRAGMENT = 0x3fff;

export default defineXdp((ctx) => {
  const udp = udpOffset(ctx);
  if (udp < 0) return XDP.PASS;
  const isDns = ctx.u16(udp) === DNS_PORT || ctx.u16(udp + 2) === DNS_PORT;
  // Without a socket for this queue the stack gets it.
  return ctx.redirectMap(isDns ? 'dns' : 'udp', ctx.rxQueueIndex, XDP.PASS);
});

/** Where the UDP header is; -1 in a frame that has none in reach. */
function udpOffset(ctx: XdpContext): number {
  if (ctx.length < ETH_HLEN) return -1;
  let l3 = ETH_HLEN;
  let type = ctx.u16(12);
  if (type === ETH_P.VLAN && ctx.length >= l3 + VLAN_HLEN) {
    type = ctx.u16(l3 + 2);
    l3 += VLAN_HLEN;
  }
  let udp = -1;
  if (type === ETH_P.IP && ctx.length >= l3 + 20) {
    const isWhole = (ctx.u16(l3 + 6) & IP_FRAGMENT) === 0;
    if (isWhole && ctx.u8(l3 + 9) === IPPROTO_UDP) udp = l3 + (ctx.u8(l3) & 0x0f) * 4;
  } else if (type === ETH_P.IPV6 && ctx.length >= l3 + IPV6_HLEN) {
    // Extension headers are the stack's business.
    if (ctx.u8(l3 + 6) === IPPROTO_UDP) udp = l3 + IPV6_HLEN;
  }
  return udp >= 0 && ctx.length >= udp + UDP_HLEN ? udp : -1;
}
