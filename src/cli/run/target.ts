import { readFileSync, statSync } from 'node:fs';
import { basename, dirname, extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { workerPool } from '../../machine/workerPool.js';
import { ObjectFiles } from '../../program/ebpf/objectFile.js';
import { noProgram } from '../../program/load.js';
import { scenarioOfModule } from '../../scenario/module.js';
import { withObjects } from '../../scenario/objects.js';
import { resolveScenario, type ScenarioOverrides } from '../../scenario/overrides.js';
import { parseJson } from '../../scenario/parse.js';
import type { Scenario } from '../../scenario/scenario.js';
import { UsageError } from '../usageError.js';

const MODULE_SUFFIXES = ['.ts', '.mts', '.js', '.mjs'];
const OBJECT_SUFFIX = '.o';

/** What can be said of eBPF programs alone. */
export interface ObjectChoices {
  /** The program of the object that is run. */
  readonly prog?: string | undefined;
  /** Exact bounds, whatever the scenario says. */
  readonly checked?: boolean | undefined;
}

/**
 * The resolved scenario of the file that `xdpemu run` is given, with all its paths absolute: it can be kept in a report
 * and run again from anywhere.
 *
 * @throws UsageError, ScenarioError, ProgramLoadError, the reason of `signal`
 */
export async function loadTarget(
  path: string,
  overrides: ScenarioOverrides,
  { prog, checked }: ObjectChoices = {},
  signal?: AbortSignal,
): Promise<Scenario> {
  requireFile(path);
  const files = new ObjectFiles(dirname(path));
  const document = withObjects(
    await documentOf(path, prog, signal),
    (module) => files.read(module),
    path,
  );
  const resolved = resolveScenario(document, overrides, path);
  const scenario = { ...resolved, checked: checked ?? resolved.checked };
  if (scenario.traffic.length === 0) {
    throw new UsageError(
      `${path}: expected traffic, found none: give --pcap FILE or --traffic SPEC, or put traffic into the scenario`,
    );
  }
  return withAbsolutePaths(scenario, dirname(path));
}

function requireFile(path: string): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) throw new UsageError(`${path}: expected a file, found none`);
  if (!found.isFile()) throw new UsageError(`${path}: expected a file, found a directory`);
}

async function documentOf(
  path: string,
  prog: string | undefined,
  signal: AbortSignal | undefined,
): Promise<unknown> {
  const suffix = extname(path);
  if (suffix === OBJECT_SUFFIX) {
    const main = prog === undefined ? {} : { export: prog };
    return scenarioOfModule(basename(path), { programs: { main } });
  }
  if (prog !== undefined) {
    throw new UsageError(`--prog: expected an eBPF object (${OBJECT_SUFFIX}), found ${path}`);
  }
  if (suffix === '.json') return parseJson(readFileSync(path, 'utf8'), path);
  if (!MODULE_SUFFIXES.includes(suffix)) {
    throw new UsageError(
      `${path}: expected a program (${[...MODULE_SUFFIXES, OBJECT_SUFFIX].join(', ')}) or a scenario (.json), found ${suffix === '' ? 'no suffix' : suffix}`,
    );
  }
  const url = pathToFileURL(resolve(path)).href;
  const { exports, scenario } = await workerPool.loadModule(url, { ...(signal && { signal }) });
  if (exports['default'] !== 'program') throw noProgram(url, 'default', exports);
  return scenarioOfModule(basename(path), scenario);
}

function withAbsolutePaths(scenario: Scenario, folder: string): Scenario {
  const programs = Object.entries(scenario.programs).map(([name, program]) => {
    const isUrl = program.module.startsWith('file:');
    const module = isUrl ? program.module : resolve(folder, program.module);
    return [name, { ...program, module }] as const;
  });
  const traffic = scenario.traffic.map((spec) =>
    'capture' in spec ? { ...spec, capture: resolve(folder, spec.capture) } : spec,
  );
  return { ...scenario, programs: Object.fromEntries(programs), traffic };
}
