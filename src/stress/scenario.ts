import type { ModuleScenario } from '../scenario/module.js';
import { ONWARD, OUT_IFINDEX, PORTS, ROLES } from './programs.js';

/** Receive workers and cpumap CPUs of a stress run. */
export interface StressShape {
  readonly rx: number;
  readonly cpus: number;
  readonly seed: number;
}

/** Devices that entries of `ports` may lead to, and those that `flood` sends copies to by key. */
export const PORT_DEVICES = ['out0', 'out1', 'out2', 'veth0'] as const;
export const FLOOD_DEVICES = ['eth0', 'out0', 'out2', 'veth0'] as const;
/** The device that traffic comes in at. */
export const INGRESS = 'eth0';
/** Several flows of each role for every receive queue. */
const FLOWS_PER_ROLE = 12;
/** A wire that stalls overflows before it has all frames of a receiver. */
const RING = 256;
/** Coprime to the roles, so that each has all of them. */
const LENGTHS = [60, 64, 128, 590, 1500];

/** Sockets of receive queue `queue`: the first reads, the second sends back. */
export function socketNames(queue: number): readonly [string, string] {
  return [`read${queue}`, `echo${queue}`];
}

/** Everything but the maps' entries: those come and go. */
export function stressScenario({ rx, cpus, seed }: StressShape): ModuleScenario {
  const module = new URL('./programs.js', import.meta.url).href;
  const nic = (name: string, ifindex: number) => ({ name, ifindex, txQueues: 2, ring: RING });
  return {
    name: 'stress',
    seed,
    cpus: Math.max(rx, cpus + 1),
    devices: [
      { ...nic(INGRESS, 1), rxQueues: rx, program: 'main' },
      nic('out0', 2),
      { ...nic('out1', 3), ring: 64 },
      { ...nic('out2', OUT_IFINDEX), drain: 'always' },
      nic('relay0', 5),
      { name: 'veth0', ifindex: 6, kind: 'veth', peer: 'veth1', cpus: [0], gro: true },
      { name: 'veth1', ifindex: 7, kind: 'veth', peer: 'veth0', cpus: [cpus], program: 'peer' },
    ],
    programs: {
      main: { module, export: 'main' },
      peer: { module, export: 'peer' },
      inspect: { module, export: 'inspect', attach: 'xdp/cpumap' },
      relay: { module, export: 'relay', attach: 'xdp/cpumap' },
      egress: { module, export: 'egress', attach: 'xdp/devmap' },
    },
    maps: {
      config: { type: 'array', valueSize: 4, maxEntries: 1, entries: [{ key: 0, value: cpus }] },
      cpus: { type: 'cpumap', maxEntries: cpus + 1 },
      ports: { type: 'devmap', maxEntries: PORTS },
      flood: { type: 'devmap_hash', maxEntries: FLOOD_DEVICES.length },
      onward: {
        type: 'devmap',
        entries: [
          { key: ONWARD.RELAY, device: 'relay0' },
          { key: ONWARD.PEER, device: 'relay0' },
        ],
      },
      sockets: { type: 'xskmap', maxEntries: 2 * rx },
    },
    sockets: Array.from({ length: rx }, (_, queue) => {
      const [read, echo] = socketNames(queue);
      return [
        { name: read, device: INGRESS, queue, rxRing: 512 },
        { name: echo, device: INGRESS, queue, sharedUmem: read, application: 'forward' as const },
      ];
    }).flat(),
    traffic: [{ device: INGRESS, flows: ROLES * FLOWS_PER_ROLE, length: LENGTHS, stamps: true }],
  };
}
