/**
 * Everything at once, and a frame may take two hops:
 *
 *     broadcast, multicast   to all LAN ports but the one they came from (devmap_hash, broadcast)
 *     DNS                    to the AF_XDP socket of the receive queue (xskmap)
 *     ICMP                   out of lan1, by way of a program that counts it (devmap with a program)
 *     TCP                    to CPU 2 or 3 (cpumap); the program there sends requests to the web server on to lan2 (devmap) and
 *                            passes the others to the stack of that CPU
 *     the rest               to the stack, on the CPU that received it
 *
 *     xdpemu run examples/mixed.ts --pcap examples/lan.pcap
 */
import type { ModuleScenario, XdpContext } from 'xdpemu';
import { BPF_F, defineXdp, XDP } from 'xdpemu/program';

const PORT = { LAN1: 0, LAN2: 1 };
const WORK_CPUS = [2, 3];

export const scenario: ModuleScenario = {
  name: 'mixed',
  cpus: 4,
  devices: [
    { name: 'wan0', ifindex: 1, rxQueues: 2, program: 'main' },
    { name: 'lan1', ifindex: 2 },
    { name: 'lan2', ifindex: 3 },
  ],
  programs: {
    countIcmp: { export: 'countIcmp', attach: 'xdp/devmap' },
    tcpOnCpu: { export: 'tcpOnCpu', attach: 'xdp/cpumap' },
  },
  sockets: [
    { name: 'dns0', device: 'wan0', queue: 0 },
    { name: 'dns1', device: 'wan0', queue: 1 },
  ],
  maps: {
    cpus: {
      type: 'cpumap',
      maxEntries: 4,
      entries: WORK_CPUS.map((key) => ({ key, qsize: 4096, program: 'tcpOnCpu' })),
    },
    ports: {
      type: 'devmap',
      entries: [
        { key: PORT.LAN1, device: 'lan1', program: 'countIcmp' },
        { key: PORT.LAN2, device: 'lan2' },
      ],
    },
    flood: {
      type: 'devmap_hash',
      entries: ['wan0', 'lan1', 'lan2'].map((device, index) => ({ key: index + 1, device })),
    },
    dns: {
      type: 'xskmap',
      entries: [
        { key: 0, socket: 'dns0' },
        { key: 1, socket: 'dns1' },
      ],
    },
    icmpFrames: { type: 'array', valueSize: 8, maxEntries: 1 },
  },
};

const ETH_HLEN = 14;
const VLAN_HLEN = 4;
const IPV6_HLEN = 40;
const ETH_P = { IP: 0x0800, VLAN: 0x8100, IPV6: 0x86dd };
const IPPROTO = { ICMP: 1, TCP: 6, UDP: 17, ICMPV6: 58 };
const DNS_PORT = 53;
const HTTP_PORT = 80;
/** 2^32 divided by the golden ratio: the top bit of a product with it depends on all bits of the other factor. */
const GOLDEN_RATIO = 0x9e3779b1;
/** The fragment offset: only what has none starts with the transport header. */
const IP_OFFSET = 0x1fff;

export default defineXdp((ctx) => {
  if (ctx.length < ETH_HLEN) return XDP.DROP;
  if ((ctx.u8(0) & 1) !== 0) {
    return ctx.redirectMap('flood', 0, BPF_F.BROADCAST | BPF_F.EXCLUDE_INGRESS);
  }
  const l3 = l3Offset(ctx);
  const protocol = protocolOf(ctx, l3);
  if (protocol === IPPROTO.ICMP || protocol === IPPROTO.ICMPV6) {
    return ctx.redirectMap('ports', PORT.LAN1);
  }
  const l4 = l4Offset(ctx, l3);
  if (l4 < 0) return XDP.PASS;
  const [source, destination] = [ctx.u16(l4), ctx.u16(l4 + 2)];
  if (protocol === IPPROTO.UDP && (source === DNS_PORT || destination === DNS_PORT)) {
    return ctx.redirectMap('dns', ctx.rxQueueIndex, XDP.PASS);
  }
  if (protocol !== IPPROTO.TCP) return XDP.PASS;
  // Both directions of a connection on one CPU.
  return ctx.redirectMap('cpus', WORK_CPUS[Math.imul(source ^ destination, GOLDEN_RATIO) >>> 31]!);
});

/** Runs in the kthread of a cpumap entry. */
export const tcpOnCpu = defineXdp((ctx) => {
  const l4 = l4Offset(ctx, l3Offset(ctx));
  const isRequest = l4 >= 0 && ctx.u16(l4 + 2) === HTTP_PORT;
  if (isRequest) return ctx.redirectMap('ports', PORT.LAN2);
  return XDP.PASS;
});

/** Runs just before transmission; every CPU counts in the same place. */
export const countIcmp = defineXdp((ctx) => {
  const { icmpFrames } = ctx.maps;
  icmpFrames?.lookup(0)?.add64(1);
  return XDP.PASS;
});

/** Where the network header is: behind a VLAN tag, if there is one. */
function l3Offset(ctx: XdpContext): number {
  const isTagged = ctx.u16(12) === ETH_P.VLAN && ctx.length >= ETH_HLEN + VLAN_HLEN;
  return isTagged ? ETH_HLEN + VLAN_HLEN : ETH_HLEN;
}

/** The transport protocol; -1 where there is none, or not all of the header that says so. */
function protocolOf(ctx: XdpContext, l3: number): number {
  const type = ctx.u16(l3 - 2);
  if (type === ETH_P.IP && ctx.length >= l3 + 20) return ctx.u8(l3 + 9);
  if (type === ETH_P.IPV6 && ctx.length >= l3 + IPV6_HLEN) return ctx.u8(l3 + 6);
  return -1;
}

/** Where the ports of a TCP or UDP frame are; -1 where it has none, as later fragments. */
function l4Offset(ctx: XdpContext, l3: number): number {
  const protocol = protocolOf(ctx, l3);
  if (protocol !== IPPROTO.TCP && protocol !== IPPROTO.UDP) return -1;
  const isIpv4 = ctx.u16(l3 - 2) === ETH_P.IP;
  if (isIpv4 && (ctx.u16(l3 + 6) & IP_OFFSET) !== 0) return -1;
  const l4 = l3 + (isIpv4 ? (ctx.u8(l3) & 0x0f) * 4 : IPV6_HLEN);
  return ctx.length >= l4 + 4 ? l4 : -1;
}
