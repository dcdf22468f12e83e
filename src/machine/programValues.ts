import type { XdpProgram } from '../program/define.js';
import type { ModuleScenario } from '../scenario/module.js';
import type { Scenario } from '../scenario/scenario.js';

/** Programs that are given as values need no module in the scenario. */
export function withPrograms(
  scenario: ModuleScenario | Scenario,
  values: Readonly<Record<string, XdpProgram>>,
): unknown {
  const declared: Readonly<Record<string, object>> = scenario.programs ?? {};
  const given = Object.keys(values).map((name) => [
    name,
    { module: '(a value)', ...declared[name] },
  ]);
  return { ...scenario, programs: { ...declared, ...Object.fromEntries(given) } };
}
