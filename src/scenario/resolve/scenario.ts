import { ScenarioError } from '../error.js';
import type { Scenario } from '../scenario.js';
import type { ScenarioDeclared } from '../schema/scenario.js';
import { Checks, compact } from './checks.js';
import { resolveCpuCount } from './cpus.js';
import { resolveDevices } from './devices.js';
import { resolveMaps } from './maps.js';
import { resolveNeighbours, resolveRoutes } from './routes.js';
import { resolveSockets } from './sockets.js';
import { resolveTraffic } from './traffic.js';

/**
 * Fills in the defaults that depend on other parts of the document and checks what the parts say of each other; throws a
 * `ScenarioError` that lists everything that does not fit together.
 */
export function resolve(declared: ScenarioDeclared, source: string): Scenario {
  const checks = new Checks(declared);
  const { name, kernel, seed, checked, programs } = declared;
  const cpus = resolveCpuCount(declared);
  const scenario: Scenario = compact({
    name,
    kernel,
    seed,
    checked,
    cpus,
    devices: resolveDevices(declared, cpus, checks),
    programs,
    maps: resolveMaps(declared, cpus, checks),
    sockets: resolveSockets(declared, checks),
    routes: resolveRoutes(declared, checks),
    neighbours: resolveNeighbours(declared, checks),
    traffic: resolveTraffic(declared, checks),
  });
  if (checks.issues.length > 0) throw new ScenarioError(source, checks.issues);
  return scenario;
}
