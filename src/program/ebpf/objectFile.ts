import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Btf } from '../../bpf/btf/btf.js';
import { parseBtf } from '../../bpf/btf/parseBtf.js';
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
  /** Types of the kernel that programs are adapted to (CO-RE); each object's own where there are none. */
  readonly targetBtf: Btf | undefined;

  /**
   * @param folder what relative paths are relative to
   * @param btf a file as /sys/kernel/btf/vmlinux is one
   * @throws ProgramLoadError when that cannot be read or is broken
   */
  constructor(folder: string, btf?: string) {
    this.#folder = folder;
    this.targetBtf = btf === undefined ? undefined : readFile(resolve(folder, btf), btf, parseBtf);
  }

  /** Throws `ProgramLoadError` when the file cannot be read or is broken. */
  read(module: string): ObjectSpec {
    const path = module.startsWith('file:') ? fileURLToPath(module) : resolve(this.#folder, module);
    let spec = this.#specs.get(path);
    if (spec === undefined) {
      spec = readFile(path, module, loadObjectSpec);
      this.#specs.set(path, spec);
    }
    return spec;
  }
}

function readFile<T>(path: string, name: string, parse: (bytes: Uint8Array, name: string) => T): T {
  try {
    return parse(readFileSync(path), name);
  } catch (error) {
    if (error instanceof BpfObjectError)
      throw new ProgramLoadError(error.message, { cause: error });
    const reason = error instanceof Error ? error.message : String(error);
    throw new ProgramLoadError(`${name}: cannot be read: ${reason}`, { cause: error });
  }
}
