/**
 * A load balancer over a cpumap: two receive queues hand every frame to one of four CPUs, whose kthreads pass it to the
 * stack. A hash of addresses and ports chooses the CPU, the same one for both directions of a flow, so a flow's frames
 * stay in order.
 *
 *     xdpemu run examples/cpumap-lb.ts --pcap examples/lan.pcap
 */
import type { ModuleScenario, XdpContext } from 'xdpemu';
import { defineXdp, XDP } from 'xdpemu/program';

const CPUS = 4;

export const scenario: ModuleScenario = {
  name: 'cpumap load balancer',
  cpus: CPUS,
  devices: [{ name: 'eth0', rxQueues: 2, program: 'main' }],
  maps: {
    cpus: {
      type: 'cpumap',
      entries: Array.from({ length: CPUS }, (_, key) => ({ key, qsize: 4096 })),
    },
  },
};

const ETH_HLEN = 14;
const VLAN_HLEN = 4;
const ETH_P = { IP: 0x0800, VLAN: 0x8100, IPV6: 0x86dd, QINQ: 0x88a8 };
const IPPROTO = { TCP: 6, UDP: 17 };
const IPV6_HLEN = 40;
/** Fragment offset and "more fragments": where either is set, ports may be missing. */
const IP_FRAGMENT = 0x3fff;

export default defineXdp((ctx) => {
  if (ctx.length < ETH_HLEN) return XDP.PASS;
  // At most two VLAN tags, as a loop with a bound: the kernel's verifier would ask for it too.
  let l3 = ETH_HLEN;
  let type = ctx.u16(12);
  for (let tags = 0; tags < 2 && (type === ETH_P.VLAN || type === ETH_P.QINQ); tags++) {
    if (ctx.length < l3 + VLAN_HLEN) return XDP.PASS;
    type = ctx.u16(l3 + 2);
    l3 += VLAN_HLEN;
  }
  const hash = type === ETH_P.IP ? hashIpv4(ctx, l3) : type === ETH_P.IPV6 ? hashIpv6(ctx, l3) : -1;
  // No IP, or too short for it: the stack takes it on the CPU that received it.
  if (hash < 0) return XDP.PASS;
  return ctx.redirectMap('cpus', hash % CPUS);
});

function hashIpv4(ctx: XdpContext, l3: number): number {
  if (ctx.length < l3 + 20) return -1;
  const headerLength = (ctx.u8(l3) & 0x0f) * 4;
  const protocol = ctx.u8(l3 + 9);
  const addresses = ctx.u32(l3 + 12) ^ ctx.u32(l3 + 16);
  const isFragment = (ctx.u16(l3 + 6) & IP_FRAGMENT) !== 0;
  // All fragments of a datagram go to one CPU, though only the first of them has ports.
  const ports = isFragment ? 0 : portsOf(ctx, protocol, l3 + headerLength);
  return mix(addresses ^ ports ^ protocol);
}

function hashIpv6(ctx: XdpContext, l3: number): number {
  if (ctx.length < l3 + IPV6_HLEN) return -1;
  let addresses = 0;
  for (let offset = l3 + 8; offset < l3 + IPV6_HLEN; offset += 4) addresses ^= ctx.u32(offset);
  const nextHeader = ctx.u8(l3 + 6);
  return mix(addresses ^ portsOf(ctx, nextHeader, l3 + IPV6_HLEN) ^ nextHeader);
}

/** Both ports mixed so that their order does not matter; 0 where there are none. */
function portsOf(ctx: XdpContext, protocol: number, l4: number): number {
  if (protocol !== IPPROTO.TCP && protocol !== IPPROTO.UDP) return 0;
  if (ctx.length < l4 + 4) return 0;
  return ctx.u16(l4) ^ ctx.u16(l4 + 2);
}

/** Spreads the bits (the finalizer of MurmurHash3); never negative. */
function mix(value: number): number {
  let hash = value ^ (value >>> 16);
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
