import { formatPath, type PathKey, type ScenarioIssue, show } from '../error.js';
import type { ProgramDeclared, ScenarioDeclared } from '../schema/scenario.js';
import { hint } from '../suggest.js';

type Path = readonly PathKey[];

/** The names that a document declares, and what was found wrong with it so far. */
export class Checks {
  readonly issues: ScenarioIssue[] = [];
  /** Index of each device and socket by name. */
  readonly devices: ReadonlyMap<string, number>;
  readonly sockets: ReadonlyMap<string, number>;
  readonly #programs: ReadonlyMap<string, ProgramDeclared>;

  constructor(declared: ScenarioDeclared) {
    this.devices = this.#indexByName('devices', declared.devices);
    this.sockets = this.#indexByName('sockets', declared.sockets);
    this.#programs = new Map(Object.entries(declared.programs));
  }

  report(path: Path, expected: string, found: string): void {
    this.issues.push({ path: formatPath(path), expected, found });
  }

  /** Index of the device `name`, which the document mentions at `path`; undefined where there is none. */
  device(path: Path, name: string | undefined): number | undefined {
    return this.#lookup(path, 'a device', name, this.devices);
  }

  socket(path: Path, name: string): number | undefined {
    return this.#lookup(path, 'a socket', name, this.sockets);
  }

  /** Checks that there is such a program and that it was loaded for a place of this kind, if one is given. */
  program(path: Path, name: string | undefined, attach?: ProgramDeclared['attach']): void {
    if (name === undefined) return;
    const program = this.#lookup(path, 'a program', name, this.#programs);
    if (program === undefined || attach === undefined || program.attach === attach) return;
    const found = `${show(name)}, whose attach is "${program.attach}"`;
    this.report(path, `a program whose attach is "${attach}"`, found);
  }

  #lookup<T>(path: Path, kind: string, name: string | undefined, known: ReadonlyMap<string, T>) {
    const value = name === undefined ? undefined : known.get(name);
    if (value === undefined) {
      const expected = `the name of ${kind} (${hint(name ?? '', [...known.keys()])})`;
      this.report(path, expected, show(name));
    }
    return value;
  }

  #indexByName(list: 'devices' | 'sockets', items: readonly { readonly name: string }[]) {
    const indexes = new Map<string, number>();
    for (const [index, { name }] of items.entries()) {
      const first = indexes.get(name);
      if (first === undefined) indexes.set(name, index);
      else this.report([list, index, 'name'], `a name that ${list}[${first}] has not`, show(name));
    }
    return indexes;
  }
}

/** The object without the keys that were given as `undefined`. */
export function compact<T extends object>(object: T): T {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as T;
}
