import type { Btf } from '../bpf/btf/btf.js';
import type {
  MapSpec as ObjectMapSpec,
  ProgramSpec as ObjectProgram,
  ObjectSpec,
} from '../bpf/spec/objectSpec.js';
import type { OpenRelocation } from '../bpf/spec/relocation.js';
import { type CompiledProgram, compileProgram } from '../program/ebpf/compileProgram.js';
import { withGlobals, withKernelVersion } from '../program/ebpf/globals.js';
import { prints } from '../program/ebpf/helpers.js';
import { kfuncNumber } from '../program/ebpf/kfuncs.js';
import { isObjectModule, type ObjectFiles } from '../program/ebpf/objectFile.js';
import { createObjectMaps, fillProgramArrays, type ObjectMap } from '../program/ebpf/objectMaps.js';
import { CALLBACK_BASE } from '../program/ebpf/runtime.js';
import { ProgramLoadError } from '../program/loadError.js';
import type { Scenario } from '../scenario/scenario.js';
import type { System } from './system.js';

/** An eBPF object of a machine. */
export interface LoadedObject {
  readonly spec: ObjectSpec;
  readonly maps: ReadonlyMap<string, ObjectMap>;
}

/** A program of an object, as it runs. */
export interface LoadedCode {
  readonly object: LoadedObject;
  readonly program: ObjectProgram;
  readonly compiled: CompiledProgram;
}

/** The eBPF objects of a machine: their maps exist, their programs are compiled when they are asked for. */
export class MachineObjects {
  /** Descriptors of all maps by the name that the machine has them under. */
  readonly mapFds = new Map<string, number>();
  readonly #system: System;
  readonly #scenario: Scenario;
  readonly #targetBtf: Btf | undefined;
  readonly #objects = new Map<string, LoadedObject>();
  readonly #code = new Map<string, LoadedCode>();
  #nextCallback = CALLBACK_BASE;

  /** Throws `ProgramLoadError`. */
  constructor(system: System, scenario: Scenario, files: ObjectFiles) {
    this.#system = system;
    this.#targetBtf = files.targetBtf;
    this.#scenario = scenario;
    for (const { module } of Object.values(scenario.programs)) {
      if (!isObjectModule(module) || this.#objects.has(module)) continue;
      const object = withKernelVersion(files.read(module), scenario.kernel);
      const spec = withGlobals(object, globalsOf(scenario, module));
      this.#objects.set(module, { spec, maps: this.#createMaps(spec) });
    }
  }

  #createMaps(object: ObjectSpec): ReadonlyMap<string, ObjectMap> {
    const declared = this.#scenario.maps;
    const maps = createObjectMaps(this.#system, object, {
      maxEntries: (name) => declared[name]?.maxEntries,
      existing: (map) => (this.#isShared(map) ? this.mapFds.get(map.name) : undefined),
    });
    for (const [name, map] of maps) {
      if ('refused' in map) {
        if (declared[name] !== undefined) throw refusal(object, name, map.refused);
      } else if (this.mapFds.get(name) !== map.fd) {
        const taken = this.mapFds.has(name);
        this.mapFds.set(taken ? `${object.name}:${name}` : name, map.fd);
      }
    }
    return maps;
  }

  /** A map that is pinned by its name, or that the scenario declares, is one for all objects. */
  #isShared({ name, pinning }: ObjectMapSpec): boolean {
    return pinning === 'byName' || this.#scenario.maps[name] !== undefined;
  }

  /** Puts programs where the objects say, `fdOf` being that of a program by the scenario's name. Throws `ProgramLoadError`. */
  fillProgramArrays(fdOf: (program: string) => number): void {
    for (const [module, { spec, maps }] of this.#objects) {
      fillProgramArrays(this.#system, spec, maps, (name) => {
        const declared = Object.entries(this.#scenario.programs).find(
          ([, program]) => program.module === module && program.export === name,
        );
        return declared && fdOf(declared[0]);
      });
    }
  }

  /** The program that the scenario calls `name`; undefined where it is none of an object. Throws `ProgramLoadError`. */
  compile(name: string): CompiledProgram | undefined {
    const { module, export: exportName } = this.#scenario.programs[name]!;
    const object = this.#objects.get(module);
    if (object === undefined) return undefined;
    const program = object.spec.programs.find((candidate) => candidate.name === exportName);
    if (program === undefined) throw new ProgramLoadError(`${module}: no program ${exportName}`);
    const compiled = compileProgram(object.spec, program, {
      arena: this.#system.arena,
      checked: this.#scenario.checked,
      ...(this.#targetBtf !== undefined && { targetBtf: this.#targetBtf }),
      resolve: (reference) => this.#resolve(object, reference),
      callbackBase: this.#nextCallback,
      inlineMaps: this.#system.kernel.build === 'production' ? addressesOf(object) : undefined,
    });
    this.#nextCallback += compiled.callbacks;
    this.#code.set(name, { object, program, compiled });
    return compiled;
  }

  /** In the order in which the scenario's programs name them. */
  get objects(): readonly LoadedObject[] {
    return [...this.#objects.values()];
  }

  /** What the scenario's program `name` runs; undefined where it is none of an object, or was not compiled. */
  codeOf(name: string): LoadedCode | undefined {
    return this.#code.get(name);
  }

  /** Whether any program of the scenario prints (`bpf_trace_printk`, `bpf_trace_vprintk`). */
  get usePrintk(): boolean {
    return Object.values(this.#scenario.programs).some(({ module, export: name }) => {
      const programs = this.#objects.get(module)?.spec.programs ?? [];
      return programs.some((program) => program.name === name && prints(program));
    });
  }

  #resolve({ spec, maps }: LoadedObject, reference: OpenRelocation): bigint | undefined {
    // The address of a kfunc is nothing that can be called or read: a program only asks whether it is 0.
    if (!('map' in reference)) return kfuncNumber(reference.name);
    const map = maps.get(reference.map);
    if (map === undefined) return undefined;
    if ('refused' in map) throw refusal(spec, reference.map, map.refused);
    if (reference.kind === 'map') return BigInt(map.map.address);
    return BigInt(this.#system.dp.arrayValueOfCpu(map.map.address, 0, 0) + reference.offset);
  }
}

function addressesOf({ maps }: LoadedObject): ReadonlySet<number> {
  return new Set([...maps.values()].flatMap((found) => ('map' in found ? found.map.address : [])));
}

function refusal(object: ObjectSpec, map: string, reason: string): ProgramLoadError {
  return new ProgramLoadError(`${object.name}: map ${map}: ${reason}`);
}

/** What all programs of one module want their variables to be: they have them together. */
function globalsOf({ programs }: Scenario, module: string): Record<string, unknown> {
  const globals = new Map<string, unknown>();
  for (const [name, program] of Object.entries(programs)) {
    if (program.module !== module) continue;
    for (const [variable, value] of Object.entries(program.globals ?? {})) {
      const other = globals.get(variable) ?? value;
      if (JSON.stringify(other) !== JSON.stringify(value)) {
        throw new ProgramLoadError(
          `${module}: program ${name} sets variable ${variable} to another value than the object's other programs do`,
        );
      }
      globals.set(variable, value);
    }
  }
  return Object.fromEntries(globals);
}
