import type { Machine } from '../machine/machine.js';
import { PORTS } from './programs.js';
import type { Random } from './random.js';
import { FLOOD_DEVICES, INGRESS, PORT_DEVICES, type StressShape, socketNames } from './scenario.js';

/** What is disturbed, and with what choices. */
export interface Field {
  readonly machine: Machine;
  readonly shape: StressShape;
  readonly random: Random;
}

/** One kind of disturbance: does it, and says in a word or two what it did. */
type Disturbance = (field: Field) => string;

const QSIZES = [1, 8, 64, 512, 1024];
const CPU_PROGRAMS = [undefined, undefined, 'inspect', 'relay'];
const MTUS = [68, 576, 1500, 1500];
/** Devices that go down for a while; the ingress device only until the next disturbance. */
const LINKS = ['out0', 'out1', 'out2', 'relay0', 'veth0', 'veth1'];
const WIRED = [INGRESS, 'out0', 'out1', 'out2', 'relay0'];

function cpuOf({ shape, random }: Field): number {
  return 1 + random.below(shape.cpus);
}

function socketOf({ shape, random }: Field): { readonly name: string; readonly key: number } {
  const queue = random.below(shape.rx);
  const which = random.below(2);
  return { name: socketNames(queue)[which]!, key: 2 * queue + which };
}

function replaceCpu(field: Field): string {
  const { machine, random } = field;
  const cpu = cpuOf(field);
  const entry = { qsize: random.pick(QSIZES), program: random.pick(CPU_PROGRAMS) };
  machine.map('cpus').update(cpu, entry);
  return `${cpu} ${entry.qsize} ${entry.program ?? '-'}`;
}

/** A new queue size alone: the entry's program stays. */
function resizeCpu(field: Field): string {
  const cpu = cpuOf(field);
  const cpus = field.machine.map('cpus');
  const old = cpus.lookup(cpu);
  if (old === undefined || !('qsize' in old)) return `${cpu} absent`;
  const qsize = field.random.pick(QSIZES);
  cpus.update(cpu, { ...old, qsize });
  return `${cpu} ${old.qsize} to ${qsize}`;
}

function deleteCpu(field: Field): string {
  const cpu = cpuOf(field);
  field.machine.map('cpus').delete(cpu);
  return String(cpu);
}

function replacePort({ machine, random }: Field): string {
  const key = random.below(PORTS);
  const device = random.pick(PORT_DEVICES);
  const program = random.chance(30) ? 'egress' : undefined;
  machine.map('ports').update(key, { device, program });
  return `${key} ${device} ${program ?? '-'}`;
}

function deletePort({ machine, random }: Field): string {
  const key = random.below(PORTS);
  machine.map('ports').delete(key);
  return String(key);
}

function replaceFlood({ machine, random }: Field): string {
  const key = random.below(FLOOD_DEVICES.length);
  const program = random.chance(30) ? 'egress' : undefined;
  machine.map('flood').update(key, { device: FLOOD_DEVICES[key]!, program });
  return `${key} ${program ?? '-'}`;
}

function deleteFlood({ machine, random }: Field): string {
  const key = random.below(FLOOD_DEVICES.length);
  const flood = machine.map('flood');
  if (flood.lookup(key) === undefined) return `${key} absent`;
  flood.delete(key);
  return String(key);
}

function link({ machine, random }: Field): string {
  const name = random.chance(5) ? INGRESS : random.pick(LINKS);
  const isUp = random.chance(60);
  if (isUp) machine.device(name).up();
  else machine.device(name).down();
  return `${name} ${isUp ? 'up' : 'down'}`;
}

function setMtu({ machine, random }: Field): string {
  const name = random.pick(LINKS);
  const mtu = random.pick(MTUS);
  machine.device(name).setMtu(mtu);
  return `${name} ${mtu}`;
}

function attach({ machine, random }: Field): string {
  const isIngress = random.chance(20);
  const device = machine.device(isIngress ? INGRESS : 'veth1');
  const isAttached = random.chance(70);
  if (isAttached) device.attach(isIngress ? 'main' : 'peer');
  else device.detach();
  return `${device.name} ${isAttached ? 'attach' : 'detach'}`;
}

function closeSocket(field: Field): string {
  const { name } = socketOf(field);
  if (!field.machine.isSocketOpen(name)) return `${name} is closed`;
  field.machine.closeSocket(name);
  return name;
}

function openSocket(field: Field): string {
  const { name, key } = socketOf(field);
  const { machine } = field;
  if (!machine.isSocketOpen(name)) machine.openSocket(name);
  machine.map('sockets').update(key, { socket: name });
  return name;
}

function stallSocket(field: Field): string {
  const { name } = socketOf(field);
  const stalled = field.random.chance(40);
  field.machine.socket(name).stalled = stalled;
  return `${name} ${stalled}`;
}

function stallWire({ machine, random }: Field): string {
  const name = random.pick(WIRED);
  const stalled = random.chance(40);
  machine.device(name).stall(stalled);
  return `${name} ${stalled}`;
}

function stallKthread(field: Field): string {
  const cpu = cpuOf(field);
  const stalled = field.random.chance(40);
  field.machine.system.kthreads.stall(cpu, stalled);
  return `${cpu} ${stalled}`;
}

const disturbances = {
  cpuReplace: replaceCpu,
  cpuResize: resizeCpu,
  cpuDelete: deleteCpu,
  cpuStall: stallKthread,
  portReplace: replacePort,
  portDelete: deletePort,
  floodReplace: replaceFlood,
  floodDelete: deleteFlood,
  link,
  mtu: setMtu,
  attach,
  socketClose: closeSocket,
  socketOpen: openSocket,
  socketStall: stallSocket,
  wireStall: stallWire,
} satisfies Record<string, Disturbance>;

export type DisturbanceKind = keyof typeof disturbances;

export const disturbanceKinds = Object.keys(disturbances) as readonly DisturbanceKind[];

/** What opens and repairs comes as often as what closes and breaks, and replacing more often than anything. */
const choices: readonly DisturbanceKind[] = [
  ...disturbanceKinds,
  'cpuReplace',
  'cpuReplace',
  'cpuResize',
  'portReplace',
  'portReplace',
  'floodReplace',
  'floodReplace',
  'socketOpen',
];

function reviveIngress(machine: Machine): void {
  machine.device(INGRESS).up();
  machine.device(INGRESS).attach('main');
}

/** A disturbance that was done. */
export interface Disturbed {
  readonly kind: DisturbanceKind;
  readonly what: string;
}

/** A disturbance that threw, though all that it did is allowed. */
export class DisturbanceError extends Error {
  override readonly name = 'DisturbanceError';

  constructor(kind: DisturbanceKind, cause: unknown) {
    super(`disturbance ${kind}: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  }
}

/** Does one disturbance of a kind that `field.random` chooses. Throws DisturbanceError. */
export function disturb(field: Field): Disturbed {
  // Nothing else happens while no frames come in.
  reviveIngress(field.machine);
  const kind = field.random.pick(choices);
  try {
    return { kind, what: disturbances[kind](field) };
  } catch (error) {
    throw new DisturbanceError(kind, error);
  }
}

/** Every entry is there, every device up, nobody stalls: how a run begins, and how it can end. */
export function restore({ machine, shape }: Field): void {
  reviveIngress(machine);
  for (const name of LINKS) {
    machine.device(name).up();
    machine.device(name).setMtu(1500);
  }
  machine.device('veth1').attach('peer');
  for (const name of WIRED) machine.device(name).stall(false);
  for (let cpu = 1; cpu <= shape.cpus; cpu++) {
    machine.system.kthreads.stall(cpu, false);
    machine.map('cpus').update(cpu, { qsize: 512, program: CPU_PROGRAMS[cpu % 4] });
  }
  for (let key = 0; key < PORTS; key++) {
    machine.map('ports').update(key, { device: PORT_DEVICES[key]! });
  }
  FLOOD_DEVICES.forEach((device, key) => {
    machine.map('flood').update(key, { device });
  });
  for (let queue = 0; queue < shape.rx; queue++) {
    socketNames(queue).forEach((name, which) => {
      if (!machine.isSocketOpen(name)) machine.openSocket(name);
      machine.socket(name).stalled = false;
      machine.map('sockets').update(2 * queue + which, { socket: name });
    });
  }
}

/** Every entry that a disturbance may have made is gone. */
export function clear({ machine, shape }: Field): void {
  for (let cpu = 1; cpu <= shape.cpus; cpu++) machine.map('cpus').delete(cpu);
  for (let key = 0; key < PORTS; key++) machine.map('ports').delete(key);
  const flood = machine.map('flood');
  FLOOD_DEVICES.forEach((_, key) => {
    if (flood.lookup(key) !== undefined) flood.delete(key);
  });
}
