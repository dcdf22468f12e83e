import type * as v from 'valibot';
import { resolve } from './resolve/scenario.js';
import type { Scenario } from './scenario.js';
import { closed, integer, list, oneOf, optional } from './schema/blocks.js';
import { DEFAULT_QSIZE } from './schema/map.js';
import { KERNELS, type ScenarioDeclared, ScenarioSchema } from './schema/scenario.js';
import { TrafficSchema } from './schema/traffic.js';
import { validate } from './validate.js';

const OverridesSchema = closed({
  rx: optional('Receive queues of the devices that receive traffic.', integer(1, 256)),
  cpus: optional('Number of possible CPUs.', integer(1, 256)),
  kernel: optional('The kernel whose behaviour is emulated.', oneOf(KERNELS)),
  seed: optional('Seed of all that is random.', integer(0, 2 ** 32 - 1)),
  traffic: optional('Traffic instead of what the document has.', list(TrafficSchema)),
});

/** What a command line may say over the head of a document. */
export type ScenarioOverrides = v.InferInput<typeof OverridesSchema>;
type Overrides = v.InferOutput<typeof OverridesSchema>;

/**
 * The resolved scenario of a document in which some things are overridden, before any default is worked out:
 *
 * - `kernel` and `seed` replace what the document says.
 * - `traffic` replaces the document's traffic.
 * - `rx` is the number of receive queues of every device that then has traffic (of the first device where none has), on
 *   CPUs 0 to rx - 1; a CPU affinity and an RSS indirection table that the document gives them no longer apply. Without
 *   `cpus` there are at least `rx` CPUs.
 * - `cpus` is the number of CPUs. A cpumap without entries gets entries 0 to cpus - 1, as far as its maxEntries goes, with
 *   the default queue size. Where there are fewer CPUs than receive queues, the queues share them.
 *
 * @throws ScenarioError as `parseScenario` does.
 */
export function resolveScenario(
  value: unknown,
  overrides: ScenarioOverrides = {},
  source = 'scenario',
): Scenario {
  const checked = validate(OverridesSchema, overrides, 'overrides');
  const declared = validate(ScenarioSchema, value, source);
  return resolve(override(declared, checked), source);
}

function override(declared: ScenarioDeclared, overrides: Overrides): ScenarioDeclared {
  const { kernel = declared.kernel, seed = declared.seed, traffic = declared.traffic } = overrides;
  const scenario = { ...declared, kernel, seed, traffic };
  return withCpus(withRxQueues(scenario, overrides.rx), overrides.cpus);
}

function withRxQueues(declared: ScenarioDeclared, rx: number | undefined): ScenarioDeclared {
  if (rx === undefined) return declared;
  const first = declared.devices[0]?.name;
  const receivers = new Set(declared.traffic.map((traffic) => traffic.device ?? first));
  if (receivers.size === 0) receivers.add(first);
  const devices = declared.devices.map((device) => {
    if (!receivers.has(device.name)) return device;
    const rss = device.rss && { ...device.rss, indirection: undefined };
    return { ...device, rxQueues: rx, cpus: undefined, rss };
  });
  const cpus = declared.cpus && Math.max(declared.cpus, rx);
  return { ...declared, devices, cpus };
}

function withCpus(declared: ScenarioDeclared, cpus: number | undefined): ScenarioDeclared {
  if (cpus === undefined) return declared;
  const maps = Object.entries(declared.maps).map(([name, map]) => {
    if (map.type !== 'cpumap' || map.entries.length > 0) return [name, map] as const;
    const length = Math.min(cpus, map.maxEntries ?? cpus);
    const entries = Array.from({ length }, (_, key) => ({ key, qsize: DEFAULT_QSIZE }));
    return [name, { ...map, entries }] as const;
  });
  return { ...declared, cpus, maps: Object.fromEntries(maps) };
}
