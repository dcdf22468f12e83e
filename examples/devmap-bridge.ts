/**
 * A bridge between two ports over a devmap: what comes in at one leaves at the other. The entry that leads to the trunk
 * port has a program of its own, which runs just before transmission and puts the frame into VLAN 42; on the way back
 * the tag comes off.
 *
 *     xdpemu run examples/devmap-bridge.ts --pcap examples/lan.pcap
 */
import type { ModuleScenario } from 'xdpemu';
import { defineXdp, XDP } from 'xdpemu/program';

const ACCESS = 1;
const TRUNK = 2;

export const scenario: ModuleScenario = {
  name: 'devmap bridge',
  devices: [
    { name: 'access0', ifindex: ACCESS, program: 'main' },
    { name: 'trunk0', ifindex: TRUNK, program: 'main' },
  ],
  programs: { tag: { export: 'tag', attach: 'xdp/devmap' } },
  maps: {
    // By the ifindex that a frame came from: where it goes.
    ports: {
      type: 'devmap',
      entries: [
        { key: ACCESS, device: 'trunk0', program: 'tag' },
        { key: TRUNK, device: 'access0' },
      ],
    },
    // Frames and bytes by ingress ifindex.
    forwarded: { type: 'percpu_array', valueSize: 16, maxEntries: 3 },
  },
};

const ETH_HLEN = 14;
const ETH_ADDRESSES = 12;
const VLAN_HLEN = 4;
const ETH_P_8021Q = 0x8100;
const VLAN_ID = 42;

export default defineXdp((ctx) => {
  if (ctx.length < ETH_HLEN) return XDP.DROP;
  // 01:80:c2:00:00:00 to 0f (IEEE 802.1D, pause frames, LACP): no bridge forwards these.
  if (ctx.u32(0) === 0x0180c200 && (ctx.u16(4) & 0xfff0) === 0) return XDP.PASS;
  const ingress = ctx.ingressIfindex;
  const { forwarded } = ctx.maps;
  const counters = forwarded?.lookup(ingress);
  counters?.add64(1);
  counters?.add64(ctx.totalLength, 8);
  if (ingress === TRUNK) {
    if (ctx.length < ETH_HLEN + VLAN_HLEN || ctx.u16(12) !== ETH_P_8021Q) return XDP.DROP;
    if ((ctx.u16(14) & 0x0fff) !== VLAN_ID) return XDP.DROP;
    const addresses = ctx.bytes.slice(0, ETH_ADDRESSES);
    if (ctx.adjustHead(VLAN_HLEN) !== 0) return XDP.ABORTED;
    ctx.bytes.set(addresses);
  }
  return ctx.redirectMap('ports', ingress);
});

/** Runs on a frame that is about to leave at the trunk. */
export const tag = defineXdp((ctx) => {
  const addresses = ctx.bytes.slice(0, ETH_ADDRESSES);
  if (ctx.adjustHead(-VLAN_HLEN) !== 0) return XDP.DROP;
  ctx.bytes.set(addresses);
  ctx.setU16(12, ETH_P_8021Q);
  ctx.setU16(14, VLAN_ID);
  return XDP.PASS;
});
