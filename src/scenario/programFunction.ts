import { isObjectModule } from '../program/ebpf/objectFile.js';
import type { Scenario } from './scenario.js';

/** An object's program is known by the name of its C function, unless two of the scenario's have it. */
export function programFunction(name: string, { programs }: Pick<Scenario, 'programs'>): string {
  const program = programs[name];
  if (program === undefined || !isObjectModule(program.module)) return name;
  const called = Object.values(programs).filter((other) => other.export === program.export);
  return called.length === 1 ? program.export : name;
}
