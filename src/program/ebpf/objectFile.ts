import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BpfObjectError } from '../../bpf/elf/objectError.js';
import { loadObjectSpec } from '../../bpf/spec/loadObjectSpec.js';
import type { ObjectSpec } from '../../bpf/spec/objectSpec.js';
import { ProgramLoadError } from '../loadError.js';

/** Whether a program's `module` is an object that clang built for the kernel. */
export function isObjectModule(module: string): boolean {
  return module.endsWith('.o');
}

/** The objects that a scenario names, each read once. */
export class ObjectFiles {
  readonly #folder: string;
  readonly #specs = new Map<string, ObjectSpec>();

  /** `folder`: what relative paths are relative to. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Throws `ProgramLoadError` when the file cannot be read or is broken. */
  read(module: string): ObjectSpec {
    const path = module.startsWith('file:') ? fileURLToPath(module) : resolve(this.#folder, module);
    let spec = this.#specs.get(path);
    if (spec === undefined) {
      spec = readObject(path, module);
      this.#specs.set(path, spec);
    }
    return spec;
  }
}

function readObject(path: string, module: string): ObjectSpec {
  try {
    return loadObjectSpec(readFileSync(path), module);
  } catch (error) {
    if (error instanceof BpfObjectError)
      throw new ProgramLoadError(error.message, { cause: error });
    const reason = error instanceof Error ? error.message : String(error);
    throw new ProgramLoadError(`${module}: cannot be read: ${reason}`, { cause: error });
  }
}
