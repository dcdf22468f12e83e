import { type MapTypeName, mapTypeName } from '../bpf/spec/mapType.js';
import type { MapSpec, ObjectSpec, ProgramSpec } from '../bpf/spec/objectSpec.js';
import { isObjectModule } from '../program/ebpf/objectFile.js';
import {
  type AttachName,
  attachOf,
  chooseProgram,
  obstaclesOf,
  xdpPrograms,
} from '../program/ebpf/objectPrograms.js';
import { formatPath, ScenarioError, show } from './error.js';
import { isPlainObject } from './schema/blocks.js';

/** Reads the object that a program's `module` names. */
export type ReadObject = (module: string) => ObjectSpec;

type Document = Record<string, unknown>;

/**
 * A document in which everything is said that its eBPF objects (modules that end in `.o`) say:
 *
 * - a program's `export`, `attach` and `frags` follow from the object, where the document does not have them;
 * - the object's other XDP programs join under their own names, as far as they are free;
 * - a map that the document declares under the name of an object's map has that one's type and sizes;
 * - the object's cpumaps are declared, so that the number of CPUs can fill them.
 *
 * What is no object, or out of shape, is left as it is: the document is validated afterwards. Doing it twice changes nothing.
 *
 * @throws ProgramLoadError (an object, or a program in it, cannot be used), ScenarioError (a map of another type)
 */
export function withObjects(document: unknown, read: ReadObject, source = 'scenario'): unknown {
  if (!isPlainObject(document) || !isPlainObject(document['programs'])) return document;
  const declared = document['programs'];
  const modules = new Set(Object.values(declared).flatMap(objectModuleOf));
  if (modules.size === 0) return document;
  const objects = [...modules].map((module) => ({ module, object: read(module) }));
  const programs = new Map(
    Object.entries(declared).map(([name, program]) => [name, completeProgram(program, read)]),
  );
  for (const { module, object } of objects) addPrograms(programs, module, object);
  const maps = completeMaps(
    document['maps'] ?? {},
    objects.map(({ object }) => object),
    source,
  );
  return { ...document, programs: Object.fromEntries(programs), maps };
}

function objectModuleOf(program: unknown): string[] {
  const module = isPlainObject(program) ? program['module'] : undefined;
  return typeof module === 'string' && isObjectModule(module) ? [module] : [];
}

// -- programs

/** What the schema puts where a document names no export; no C function can be called that. */
const NO_EXPORT = 'default';

function completeProgram(program: unknown, read: ReadObject): unknown {
  const [module] = objectModuleOf(program);
  if (module === undefined) return program;
  const given = program as Document;
  const { export: name = NO_EXPORT, attach = 'xdp' } = given;
  if (typeof name !== 'string') return program;
  const spec = chooseProgram(
    read(module),
    name === NO_EXPORT ? undefined : name,
    attach as AttachName,
  );
  return { ...declarationOf(module, spec), ...given, export: spec.name };
}

function declarationOf(module: string, program: ProgramSpec): Document {
  return {
    module,
    export: program.name,
    attach: attachOf(program) ?? 'xdp',
    frags: program.type.frags,
  };
}

function addPrograms(programs: Map<string, unknown>, module: string, object: ObjectSpec): void {
  const present = new Set(
    [...programs.values()]
      .filter((program) => objectModuleOf(program)[0] === module)
      .map((program) => (program as Document)['export']),
  );
  for (const program of xdpPrograms(object)) {
    const { name } = program;
    if (present.has(name) || programs.has(name) || obstaclesOf(program).length > 0) continue;
    programs.set(name, declarationOf(module, program));
  }
}

// -- maps

/** What the schema of each type lets a document say of its size. */
const sizeKeys: Readonly<Partial<Record<MapTypeName, readonly string[]>>> = {
  cpumap: ['valueSize', 'maxEntries'],
  devmap: ['valueSize', 'maxEntries'],
  devmap_hash: ['valueSize', 'maxEntries'],
  xskmap: ['maxEntries'],
  queue: ['valueSize', 'maxEntries'],
  stack: ['valueSize', 'maxEntries'],
  bloom_filter: ['valueSize', 'maxEntries'],
  ringbuf: ['maxEntries'],
  perf_event_array: ['maxEntries'],
  prog_array: ['maxEntries'],
  array_of_maps: ['maxEntries'],
  hash_of_maps: ['maxEntries'],
};
const PLAIN_SIZE_KEYS = ['keySize', 'valueSize', 'maxEntries'];

function completeMaps(declared: unknown, objects: readonly ObjectSpec[], source: string): unknown {
  if (!isPlainObject(declared)) return declared;
  const maps = new Map(Object.entries(declared));
  for (const object of objects) {
    for (const spec of object.maps) {
      const { name } = spec;
      const isWanted = mapTypeName(spec.type) === 'cpumap' && isShared(spec, objects);
      const map = maps.get(name) ?? (isWanted ? {} : undefined);
      if (isPlainObject(map)) maps.set(name, completeMap(map, spec, object, source));
    }
  }
  return Object.fromEntries(maps);
}

/** Whether all objects that have a map of that name mean the same one. */
function isShared({ name, pinning }: MapSpec, objects: readonly ObjectSpec[]): boolean {
  const having = objects.filter(({ maps }) => maps.some((map) => map.name === name));
  return having.length === 1 || pinning === 'byName';
}

function completeMap(declared: Document, spec: MapSpec, object: ObjectSpec, source: string) {
  const type = mapTypeName(spec.type);
  const fixed: Document = { type, keySize: spec.keySizeBytes, valueSize: spec.valueSizeBytes };
  const issues = Object.entries(fixed).flatMap(([key, value]) => {
    const found = declared[key] ?? value;
    if (found === value) return [];
    const path = formatPath(['maps', spec.name, key]);
    return [{ path, expected: `${show(value)}, as ${object.name} has it`, found: show(found) }];
  });
  if (issues.length > 0) throw new ScenarioError(source, issues);
  const all: Document = { ...fixed, maxEntries: spec.maxEntries };
  const keys = (type && sizeKeys[type]) ?? PLAIN_SIZE_KEYS;
  // A size of 0 is one that the object leaves to the user.
  const said = keys.filter((key) => all[key] !== 0).map((key) => [key, all[key]]);
  return { type, ...Object.fromEntries(said), ...declared };
}
