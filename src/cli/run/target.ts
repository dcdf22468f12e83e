import { readFileSync, statSync } from 'node:fs';
import { basename, dirname, extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { importProgramModule, programOf } from '../../program/load.js';
import { scenarioOfModule } from '../../scenario/module.js';
import { resolveScenario, type ScenarioOverrides } from '../../scenario/overrides.js';
import { parseJson } from '../../scenario/parse.js';
import type { Scenario } from '../../scenario/scenario.js';
import { UsageError } from '../usageError.js';

const MODULE_SUFFIXES = ['.ts', '.mts', '.js', '.mjs'];

/**
 * The resolved scenario of the file that `xdpemu run` is given, with all its paths absolute: it can be kept in a report
 * and run again from anywhere.
 *
 * @throws UsageError, ScenarioError, ProgramLoadError
 */
export async function loadTarget(path: string, overrides: ScenarioOverrides): Promise<Scenario> {
  requireFile(path);
  const document = await documentOf(path);
  const scenario = resolveScenario(document, overrides, path);
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

async function documentOf(path: string): Promise<unknown> {
  const suffix = extname(path);
  if (suffix === '.json') return parseJson(readFileSync(path, 'utf8'), path);
  if (!MODULE_SUFFIXES.includes(suffix)) {
    throw new UsageError(
      `${path}: expected a program (${MODULE_SUFFIXES.join(', ')}) or a scenario (.json), found ${suffix === '' ? 'no suffix' : suffix}`,
    );
  }
  const url = pathToFileURL(resolve(path)).href;
  const module = await importProgramModule(url);
  programOf(module, url, 'default');
  return scenarioOfModule(basename(path), module['scenario']);
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
