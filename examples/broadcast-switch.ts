/**
 * A switch of four ports over a devmap_hash: a frame for one host goes to that host's port, everything else to all ports
 * but the one it came from, with `BPF_F_BROADCAST | BPF_F_EXCLUDE_INGRESS`. Each copy counts as a frame with a fate of
 * its own.
 *
 *     xdpemu run examples/broadcast-switch.ts --pcap examples/lan.pcap
 */
import type { ModuleScenario } from 'xdpemu';
import { BPF_F, defineXdp, XDP } from 'xdpemu/program';

const PORTS = [1, 2, 3, 4];

export const scenario: ModuleScenario = {
  name: 'broadcast switch',
  devices: PORTS.map((ifindex) => ({ name: `port${ifindex}`, ifindex, program: 'main' })),
  maps: {
    ports: {
      type: 'devmap_hash',
      entries: PORTS.map((key) => ({ key, device: `port${key}` })),
    },
    // Forwarding table: where the two hosts of the capture are. Key: MAC address; value: ifindex of the port.
    fdb: {
      type: 'hash',
      keySize: 6,
      valueSize: 4,
      maxEntries: 1024,
      entries: [
        { key: 'c2:ff:2f:1b:6a:7a', value: 2 },
        { key: '96:81:a1:8b:ac:69', value: 3 },
      ],
    },
  },
};

const ETH_HLEN = 14;
const ETH_ALEN = 6;
/** The first bit on the wire: a group address. */
const MULTICAST = 0x01;

export default defineXdp((ctx) => {
  if (ctx.length < ETH_HLEN) return XDP.DROP;
  const { fdb } = ctx.maps;
  const isGroup = (ctx.u8(0) & MULTICAST) !== 0;
  const port = isGroup ? null : fdb?.lookup(ctx.bytes.subarray(0, ETH_ALEN));
  if (!port) return ctx.redirectMap('ports', 0, BPF_F.BROADCAST | BPF_F.EXCLUDE_INGRESS);
  // The host is where the frame came from: it has it already.
  if (port.u32() === ctx.ingressIfindex) return XDP.DROP;
  return ctx.redirectMap('ports', port.u32());
});
