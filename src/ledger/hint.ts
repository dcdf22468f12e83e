import { count } from '../report/format.js';
import { hintsFor } from '../report/hints.js';
import type { Report } from '../report/report.js';
import { programFunction } from '../scenario/programFunction.js';
import type { MapSpec, Scenario } from '../scenario/scenario.js';
import { fateNamed } from '../trace/fates.js';
import type { EnqueueStep, LedgerEntry, ProgramStep } from './entry.js';

/** What a report says of the run that a ledger is of. */
export interface LedgerRun extends Report {
  readonly scenario: Scenario;
}

/** What may be done about the frame's fate: the summary's hints, for what this frame met alone. */
export function hintsOf(entry: LedgerEntry, run: LedgerRun): string[] {
  if (entry.fate === null) return [];
  const refused = programs(entry).findLast((step) => step.refused?.errno === 'ENOENT')?.refused;
  if (refused?.map !== undefined && !fateNamed(entry.fate)?.delivered) {
    return [missingKey(refused.map, refused.key, run.scenario)];
  }
  const last = programs(entry).at(-1);
  if (last !== undefined && !last.action.startsWith('XDP_')) {
    return [`return one of the XDP actions, 0 to 4: ${last.action} counts as XDP_ABORTED`];
  }
  if (last?.action === 'XDP_ABORTED') return exceptionsOf(last.program, run);
  const { scenario, report } = narrowed(entry, run);
  return hintsFor(hintKey(entry), report, scenario);
}

function programs({ steps }: LedgerEntry): ProgramStep[] {
  return steps.filter((step) => step.do === 'program');
}

/** The hints of a cpumap program's failed redirect are those of its errno. */
function hintKey({ fate, steps }: LedgerEntry): string {
  const failed = steps.findLast((step) => step.do === 'redirect_err');
  return fate === 'cpumap_redirect_err' && failed !== undefined
    ? `redirect_err_${failed.errno}`
    : fate!;
}

/** A step does not say whether the program threw, the report says how often it did. */
function exceptionsOf(program: string, { faults, scenario }: LedgerRun): string[] {
  return faults
    .filter((fault) => programFunction(fault.program, scenario) === program)
    .map(({ message, at, count: times }) => {
      const where = at === undefined ? '' : ` ${at}`;
      return `an exception in ${program} aborted ${count(times, 'frame')} of the run: ${message}${where}`;
    });
}

function missingKey(map: string, key: number, { maps }: Scenario): string {
  const spec = maps[map];
  const keys = spec === undefined ? [] : keysOf(spec);
  const has =
    keys.length === 0 ? 'no keys' : `${keys.length === 1 ? 'key' : 'keys'} ${listed(keys)}`;
  return `map ${map}: in the scenario it has ${has}; add one for key ${key}, or return an action for keys that are missing (flags of bpf_redirect_map)`;
}

function keysOf(spec: MapSpec): number[] {
  if (!('entries' in spec)) return [];
  return spec.entries.flatMap((entry) =>
    'key' in entry && typeof entry.key === 'number' ? [entry.key] : [],
  );
}

const KEYS_SHOWN = 8;

function listed(keys: readonly number[]): string {
  const shown = keys.slice(0, KEYS_SHOWN).join(', ');
  return keys.length > KEYS_SHOWN ? `${shown} and ${keys.length - KEYS_SHOWN} more` : shown;
}

/** The scenario and the report, with only what the frame failed at in them. */
function narrowed(entry: LedgerEntry, { scenario, ...report }: LedgerRun) {
  const met = entry.steps.findLast((step) => step.do === 'enqueue' && !step.taken) as
    | EnqueueStep
    | undefined;
  const sink = met?.sink ?? entry.sink;
  const program = programs(entry).at(-1);
  const devices = only(scenario.devices, ({ name }) => name === sink);
  // A redirect by ifindex met no socket.
  const sockets =
    program?.to?.ifindex === undefined ? only(scenario.sockets, ({ name }) => name === sink) : [];
  const noDevice = met === undefined && entry.fate?.startsWith('redirect_err') === true;
  return {
    report: { ...report, sockets: only(report.sockets, ({ name }) => name === sink) },
    scenario: {
      ...scenario,
      devices: noDevice ? scenario.devices : devices,
      sockets,
      maps: mapOf(met, scenario),
    },
  };
}

/** Those that are meant, or all where none is. */
function only<T>(all: readonly T[], isMeant: (item: T) => boolean): readonly T[] {
  const meant = all.filter(isMeant);
  return meant.length === 0 ? all : meant;
}

function mapOf(met: EnqueueStep | undefined, { maps }: Scenario): Scenario['maps'] {
  const name = met?.map;
  const spec = name === undefined ? undefined : maps[name];
  if (name === undefined || spec?.type !== 'cpumap') return maps;
  return { [name]: { ...spec, entries: only(spec.entries, ({ key }) => key === met!.key) } };
}
