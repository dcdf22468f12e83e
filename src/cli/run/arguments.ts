import { resolve } from 'node:path';
import type { ScenarioOverrides } from '../../scenario/overrides.js';
import type { ScenarioInput } from '../../scenario/schema/scenario.js';
import { parseTrafficSpec } from '../../scenario/trafficSpec.js';
import { integer, milliseconds, onlyOperand } from '../arguments.js';
import type { OptionTable, OptionValues } from '../options.js';
import { UsageError } from '../usageError.js';
import type { MetricsAddress } from './metricsServer.js';
import type { ObjectChoices } from './target.js';

type TrafficInput = NonNullable<ScenarioInput['traffic']>[number];

export const runOptions = {
  pcap: {
    value: 'FILE',
    text: 'frames from a capture, pcap or pcapng, received by the first device',
  },
  loop: {
    value: 'N',
    text: 'how often to replay the capture (default: once, or as long as --frames or\n--duration want frames)',
  },
  traffic: {
    value: 'SPEC',
    text: 'generated frames: flows=1000,length=64+1518,protocol=udp,ipVersion=4,\nframes=100000,device=eth0, of which all may be left out',
  },
  frames: { value: 'N', text: 'stop after N frames in all' },
  duration: { value: 'S', text: 'stop after S seconds' },
  rx: { value: 'N', text: 'receive queues of the devices that receive the traffic' },
  cpus: { value: 'N', text: 'CPUs of the machine, and entries of cpumaps that have none' },
  kernel: { value: 'V', text: 'the kernel to behave like: 6.18 (default) or 6.1' },
  prog: {
    value: 'NAME',
    text: 'which program of an eBPF object; its only one for devices by default',
  },
  btf: { value: 'FILE', text: 'types of the kernel that eBPF programs are adapted to (CO-RE)' },
  checked: { text: 'exact bounds for eBPF programs: packet ends and single map values' },
  seed: { value: 'N', text: 'seed of everything random (default: 1)' },
  out: {
    value: 'DIR',
    text: 'write a capture for each sink (device, socket, stack of a CPU), one of all\nstages (frames.pcapng), report.json, and what xdpemu report draws',
  },
  timeline: {
    value: 'FILE',
    text: 'write what each context and each frame did as a Chrome trace, which Perfetto\nopens (about 1 kB for each frame)',
  },
  ledger: { text: 'write the way of every frame to DIR/ledger.jsonl, for xdpemu why' },
  prometheus: {
    value: '[HOST:]PORT',
    text: 'serve the counters at /metrics while the run goes on (default host: 127.0.0.1;\nport 0: any that is free)',
  },
  json: { text: 'print one JSON object instead of the summary' },
} as const satisfies OptionTable;

/** What `xdpemu run` was asked for. */
export interface RunArguments {
  /** Path of the program or the scenario. */
  readonly target: string;
  readonly overrides: ScenarioOverrides;
  readonly objects: ObjectChoices;
  readonly btf: string | undefined;
  readonly frames: number | undefined;
  readonly durationMs: number | undefined;
  readonly out: string | undefined;
  readonly timeline: string | undefined;
  /** With `out`. */
  readonly ledger: boolean;
  readonly prometheus: MetricsAddress | undefined;
  readonly json: boolean;
}

/** @throws UsageError, ScenarioError (what --traffic says) */
export function runArguments(
  values: OptionValues<typeof runOptions>,
  operands: readonly string[],
): RunArguments {
  const { kernel } = values;
  if (values.ledger && values.out === undefined) {
    throw new UsageError('--ledger: expected --out DIR with it, found none');
  }
  const frames = integer('frames', values.frames, 1, Number.MAX_SAFE_INTEGER);
  const durationMs = milliseconds('duration', values.duration);
  if (frames !== undefined && durationMs !== undefined) {
    throw new UsageError('--frames and --duration: expected one of the two, found both');
  }
  if (kernel !== undefined && kernel !== '6.18' && kernel !== '6.1') {
    throw new UsageError(`--kernel: expected 6.18 or 6.1, found ${kernel}`);
  }
  const rx = integer('rx', values.rx, 1, 256);
  const cpus = integer('cpus', values.cpus, 1, 256);
  const seed = integer('seed', values.seed, 0, 2 ** 32 - 1);
  const traffic = trafficOf(values, durationMs !== undefined);
  return {
    target: onlyOperand(
      operands,
      'program or scenario',
      'expected a program or a scenario: xdpemu run PROGRAM|SCENARIO.json',
    ),
    overrides: {
      ...(rx !== undefined && { rx }),
      ...(cpus !== undefined && { cpus }),
      ...(kernel !== undefined && { kernel }),
      ...(seed !== undefined && { seed }),
      ...(traffic !== undefined && { traffic: [traffic] }),
    },
    btf: values.btf,
    objects: { prog: values.prog, checked: values.checked },
    frames,
    durationMs,
    out: values.out,
    timeline: values.timeline,
    ledger: values.ledger === true,
    prometheus: metricsAddress(values.prometheus),
    json: values.json === true,
  };
}

const LOOP_MAX = 2 ** 32 - 1;

function trafficOf(
  values: OptionValues<typeof runOptions>,
  isTimed: boolean,
): TrafficInput | undefined {
  const { pcap, traffic } = values;
  const loop = integer('loop', values.loop, 1, LOOP_MAX);
  if (pcap !== undefined && traffic !== undefined) {
    throw new UsageError('--pcap and --traffic: expected one of the two, found both');
  }
  if (loop !== undefined && values.frames !== undefined) {
    throw new UsageError('expected --loop or --frames, found both');
  }
  if (loop !== undefined && pcap === undefined) {
    throw new UsageError('--loop: expected --pcap FILE with it, found none');
  }
  // Paths on a command line are relative to the working directory, those in a scenario to its file.
  if (pcap !== undefined) {
    return { capture: resolve(pcap), loop: loop ?? (isTimed ? LOOP_MAX : 1) };
  }
  if (traffic === undefined) return undefined;
  const spec = parseTrafficSpec(traffic);
  return spec.capture === undefined ? spec : { ...spec, capture: resolve(spec.capture) };
}

/** A host name, an IPv4 address, or an IPv6 address in brackets. */
const HOST_AND_PORT = /^(?:(?:\[([0-9A-Fa-f:.]+)\]|([^:[\]/]+)):)?([0-9]{1,5})$/;
const PORT_MAX = 65535;

function metricsAddress(text: string | undefined): MetricsAddress | undefined {
  if (text === undefined) return undefined;
  const [, ipv6, host = ipv6 ?? '127.0.0.1', digits] = text.match(HOST_AND_PORT) ?? [];
  const port = Number(digits);
  if (digits !== undefined && port <= PORT_MAX) return { host, port };
  throw new UsageError(
    `--prometheus: expected [HOST:]PORT, a port from 0 to ${PORT_MAX}, found ${text}`,
  );
}
