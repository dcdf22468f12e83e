import type fc from 'fast-check';
import type {
  Action,
  DeviceRef,
  EntryProgram,
  HelperCall,
  RedirectDevice,
  RedirectDocument,
  RedirectMap,
  RedirectMapEntry,
  RedirectSocket,
  Step,
} from '../redirectTrace.js';
import { choose } from './choose.js';
import { KTHREAD_DEVICES, makeDevices, PECULIAR_GRO } from './redirectDevices.js';
import {
  type ActionIntent,
  type CallIntent,
  type EntryIntent,
  type MapIntent,
  type ProgramIntent,
  type RedirectIntent,
  redirectIntent,
  type SocketIntent,
} from './redirectIntents.js';

const CPUS = 2;
/** `veth_poll`'s budget: more frames than that are more than one poll. */
const NAPI_BUDGET = 64;
const ABSENT_IFINDEX = 9999;

/** What calls of a program resolve against. */
interface Targets {
  readonly maps: readonly RedirectMap[];
  readonly devices: readonly DeviceRef[];
}

function makeCall({ maps, devices }: Targets, intent: CallIntent): HelperCall {
  const { flags } = intent;
  const map = intent.to === 'map' ? choose(maps, intent.map) : undefined;
  if (intent.to === 'ifindex' || !map) {
    const n = intent.to === 'ifindex' ? intent.device : 0;
    return { ifindex: choose(devices, n) ?? ABSENT_IFINDEX, flags };
  }
  const { key: wanted } = intent;
  const key = 'key' in wanted ? wanted.key : (choose(map.entries, wanted.entry)?.key ?? 0);
  return { map: map.id, key, flags };
}

function makeAction(targets: Targets, { calls, ret }: ActionIntent): Action {
  const made = calls.map((call) => makeCall(targets, call));
  const [only] = made;
  if (!only) return { ret: ret ?? 0 };
  if (made.length === 1 && ret === undefined) return only;
  return { calls: made, ...(ret !== undefined && { ret }) };
}

function makeProgram(
  id: string,
  kind: EntryProgram['kind'],
  targets: Targets,
  intent: ProgramIntent,
): EntryProgram {
  const steps = intent.steps.map(([frame, action]) => [frame, makeAction(targets, action)]);
  return {
    id,
    kind,
    default: makeAction(targets, intent.default),
    steps: Object.fromEntries(steps),
  };
}

/** One socket on each of the first two devices; a third shares all but the RX ring with the first. */
function makeSocket(
  intents: readonly SocketIntent[],
  devices: readonly RedirectDevice[],
  i: number,
): RedirectSocket {
  const own = intents[i] as SocketIntent;
  const shared = i === 2;
  const binding = (shared ? intents[0] : own) as SocketIntent;
  const device = devices[shared ? 0 : i] as RedirectDevice;
  const fillRing = 2 ** own.ringExponents[1];
  return {
    id: `s${i}`,
    device: device.name,
    queue: binding.queue % device.queues,
    rxRing: 2 ** own.ringExponents[0],
    fillRing,
    posted: shared ? 0 : Math.min(own.posted, fillRing),
    chunk: binding.chunk,
    headroom: binding.headroom,
    sharedWith: shared ? 's0' : null,
    consume: own.batch ? 'batch' : 'end',
  };
}

function entryKey(map: MapIntent, { key }: EntryIntent): number {
  if (map.type === 'cpumap') return key % CPUS;
  return map.type === 'devmap_hash' ? key : key % map.maxEntries;
}

function maxEntries({ type, maxEntries: wanted }: MapIntent): number {
  if (type === 'cpumap') return CPUS;
  return type === 'xskmap' ? 4 : wanted;
}

/** A hash refuses new keys when it is full. */
function fitting(map: MapIntent): readonly EntryIntent[] {
  if (map.type !== 'devmap_hash') return map.entries;
  const keys = [...new Set(map.entries.map(({ key }) => key))].slice(0, map.maxEntries);
  return map.entries.filter(({ key }) => keys.includes(key));
}

/** Builds the maps of a document, and the programs of their entries as it meets them. */
class MapBuilder {
  readonly programs: EntryProgram[] = [];
  private readonly devices: readonly RedirectDevice[];
  private readonly sockets: readonly RedirectSocket[];
  private readonly kthreadTargets: Targets;

  constructor(
    devices: readonly RedirectDevice[],
    sockets: readonly RedirectSocket[],
    kthreadTargets: Targets,
  ) {
    this.devices = devices;
    this.sockets = sockets;
    this.kthreadTargets = kthreadTargets;
  }

  build(id: string, intent: MapIntent): RedirectMap {
    const map = { ...intent, maxEntries: maxEntries(intent) };
    const { type } = map;
    const valueSize = type === 'xskmap' ? 4 : 8;
    const entries = fitting(map).map((entry) => this.entry(map, entry));
    return { id, type, maxEntries: map.maxEntries, valueSize, entries };
  }

  private entry(map: MapIntent, intent: EntryIntent): RedirectMapEntry {
    const key = entryKey(map, intent);
    if (map.type === 'xskmap') {
      return { key, socket: choose(this.sockets, intent.target)?.id ?? '' };
    }
    const prog = this.program(map.type === 'cpumap' ? 'cpumap' : 'devmap', intent.program);
    if (map.type === 'cpumap') return { key, qsize: intent.qsize, prog };
    return { key, device: choose(this.devices, intent.target)?.name ?? 'in0', prog };
  }

  private program(kind: EntryProgram['kind'], intent: ProgramIntent | undefined): string | null {
    if (!intent) return null;
    const id = `p${this.programs.length}`;
    const names = this.devices.map(({ name }) => name);
    // A devmap program may call helpers, and leaves its mark in the redirect state; its REDIRECT is an error.
    const targets = kind === 'cpumap' ? this.kthreadTargets : { maps: [], devices: names };
    this.programs.push(makeProgram(id, kind, targets, intent));
    return id;
  }
}

/** Maps that kthreads alone redirect to, so that no outcome depends on who comes first. */
function kthreadMaps(): readonly RedirectMap[] {
  const [k0, k1] = KTHREAD_DEVICES;
  return [
    {
      id: 'kd',
      type: 'devmap',
      maxEntries: 4,
      valueSize: 8,
      entries: [
        { key: 0, device: k0 },
        { key: 1, device: k1 },
      ],
    },
    {
      id: 'kc',
      type: 'cpumap',
      maxEntries: CPUS,
      valueSize: 8,
      entries: [
        { key: 0, qsize: 2048 },
        { key: 1, qsize: 2048 },
      ],
    },
  ];
}

/** A long socket buffer has fragments; without one, what does not fit the ingress device cannot arrive. */
function makeStep(mode: RedirectIntent['mode'], action: Action, length: number | undefined): Step {
  if (length === undefined) return action;
  if (mode === 'native-skb') {
    const len = length > 1518 ? length * 2 : length;
    return { ...action, len, ...(len > 3520 && { frags: true }) };
  }
  return { ...action, len: mode === 'native' ? Math.min(length, 1518) : length };
}

function makeBatches(intent: RedirectIntent, frames: number): number[] {
  const batches: number[] = [];
  for (let left = frames, i = 0; left > 0; i++) {
    const wanted = intent.mode === 'native-skb' ? 1 : (choose(intent.batches, i) ?? NAPI_BUDGET);
    const batch = Math.min(wanted, left);
    batches.push(batch);
    left -= batch;
  }
  return batches;
}

function makeDocument(intent: RedirectIntent): RedirectDocument {
  const devices = makeDevices(intent);
  const plain = devices.filter(
    ({ name }) => !(KTHREAD_DEVICES as readonly string[]).includes(name),
  );
  const sockets = intent.sockets.map((_, i) => makeSocket(intent.sockets, plain, i));
  const ownMaps = intent.kthreadsRedirect ? kthreadMaps() : [];
  const kthreadDevices = intent.kthreadsRedirect ? KTHREAD_DEVICES : [];
  const kthreadTargets = { maps: ownMaps, devices: [...kthreadDevices, ABSENT_IFINDEX] };

  const builder = new MapBuilder(plain, sockets, kthreadTargets);
  const intents = intent.maps.filter(({ type }) => type !== 'xskmap' || sockets.length > 0);
  const maps = intents.map((map, i) => builder.build(`m${i}`, map));

  const { mode, cpu } = intent;
  const queue = mode === 'test-run' ? 0 : cpu % intent.queues;
  const names = plain.map(({ name }) => name);
  const targets: Targets = { maps, devices: [...names, ABSENT_IFINDEX, 0] };
  const script = intent.steps.flatMap(({ action, repeat, lengthBytes }) => {
    const step = makeStep(mode, makeAction(targets, action), lengthBytes);
    return Array.from({ length: repeat }, () => step);
  });
  return {
    format: 'xdp-redirect-trace',
    version: 1,
    kernel: '6.18',
    title: 'generated',
    seed: null,
    cpus: CPUS,
    devices,
    maps: [...maps, ...ownMaps],
    programs: builder.programs,
    sockets,
    ingress: { device: 'in0', queue, mode, cpu },
    batches: makeBatches(intent, script.length),
    frames: { length: intent.length },
    script,
  };
}

/**
 * Redirect documents without `expect`, of the kind of the recordings' `random-*` files. No outcome depends on timing:
 * what kthreads send to, nothing else sends to. Each shrinks to fewer steps, maps, entries and devices.
 */
export const redirectDocuments: fc.Arbitrary<RedirectDocument> = redirectIntent.map(makeDocument);

/** Those that a kernel can be asked about with test runs and veths alone, without sockets and taps. */
export const testRunDocuments: fc.Arbitrary<RedirectDocument> = redirectIntent.map((intent) =>
  makeDocument({
    ...intent,
    mode: 'test-run',
    queues: 1,
    // GRO is switched on by ethtool, which may not be there.
    peculiar: intent.peculiar.with(PECULIAR_GRO, false),
    tap: undefined,
    sockets: [],
  }),
);
