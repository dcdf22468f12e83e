import { ByteBuffer } from './byteBuffer.js';
import { FunctionBody, type FunctionType } from './functionBody.js';
import { structuredOps, type ValueType, valueTypes } from './opcodes.js';

export interface GlobalType {
  readonly type: ValueType;
  readonly mutable: boolean;
}

/** Pages of 64 KiB. A shared memory must say its maximum. */
export interface MemoryType {
  readonly initialPages: number;
  readonly maximumPages: number;
  readonly shared: boolean;
}

const MAGIC_AND_VERSION = Uint8Array.of(0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00);
const FUNCTION_TYPE = 0x60;
const FUNCREF = 0x70;
const kinds = { function: 0x00, table: 0x01, memory: 0x02, global: 0x03 } as const;
/** Section ids, core specification 5.5.2. */
export const sections = {
  type: 1,
  import: 2,
  function: 3,
  global: 6,
  export: 7,
  element: 9,
  code: 10,
} as const;

/** A section's entries, counted as they are written. */
interface Entries {
  count: number;
  readonly bytes: ByteBuffer;
}

/** Where callbacks go in an imported table: an imported i32 global holds the first slot. */
interface TableFill {
  readonly baseGlobal: number;
  readonly functions: readonly number[];
}

/**
 * Builds one module. Index spaces put imports first (core specification 2.5.1), so every import must be declared before
 * the first function or global of the module's own.
 */
export class ModuleBuilder {
  readonly #types = new Map<string, number>();
  readonly #typeEntries = entries();
  readonly #imports = entries();
  readonly #globals = entries();
  readonly #exports = entries();
  readonly #bodies: FunctionBody[] = [];
  #importedFunctions = 0;
  #importedGlobals = 0;
  #fill: TableFill | undefined;

  importFunction(module: string, name: string, type: FunctionType): number {
    if (this.#bodies.length > 0)
      throw new RangeError(`import ${module}.${name}: functions of the module's own come later`);
    this.#import(module, name, kinds.function).u32(this.typeIndex(type));
    return this.#importedFunctions++;
  }

  importGlobal(module: string, name: string, { type, mutable }: GlobalType): number {
    if (this.#globals.count > 0)
      throw new RangeError(`import ${module}.${name}: globals of the module's own come later`);
    const out = this.#import(module, name, kinds.global);
    out.byte(valueTypes[type]);
    out.byte(mutable ? 1 : 0);
    return this.#importedGlobals++;
  }

  importMemory(module: string, name: string, memory: MemoryType): void {
    const out = this.#import(module, name, kinds.memory);
    out.byte(memory.shared ? 0x03 : 0x01);
    out.u32(memory.initialPages);
    out.u32(memory.maximumPages);
  }

  importTable(module: string, name: string, initialSize: number): void {
    const out = this.#import(module, name, kinds.table);
    out.byte(FUNCREF);
    out.byte(0x00);
    out.u32(initialSize);
  }

  global({ type, mutable }: GlobalType, initial: number): number {
    const out = this.#globals.bytes;
    out.byte(valueTypes[type]);
    out.byte(mutable ? 1 : 0);
    out.byte(structuredOps[`${type}.const`]);
    out.s32(initial);
    out.byte(structuredOps.end);
    return this.#importedGlobals + this.#globals.count++;
  }

  /** Declares a function; its body may be written in any order, until `encode`. */
  function(type: FunctionType): { readonly index: number; readonly body: FunctionBody } {
    const body = new FunctionBody(type);
    return { index: this.#importedFunctions + this.#bodies.push(body) - 1, body };
  }

  exportFunction(name: string, index: number): void {
    const out = this.#exports.bytes;
    out.name(name);
    out.byte(kinds.function);
    out.u32(index);
    this.#exports.count++;
  }

  /** At instantiation, writes `functions` into table 0 from the slot that an imported global names. */
  fillTable(baseGlobal: number, functions: readonly number[]): void {
    this.#fill = { baseGlobal, functions };
  }

  typeIndex({ params, results }: FunctionType): number {
    const key = `${params}>${results}`;
    const known = this.#types.get(key);
    if (known !== undefined) return known;
    const out = this.#typeEntries.bytes;
    out.byte(FUNCTION_TYPE);
    for (const list of [params, results]) {
      out.u32(list.length);
      for (const type of list) out.byte(valueTypes[type]);
    }
    this.#types.set(key, this.#typeEntries.count);
    return this.#typeEntries.count++;
  }

  encode(): Uint8Array<ArrayBuffer> {
    const functions = entries();
    const code = entries();
    for (const body of this.#bodies) {
      functions.bytes.u32(this.typeIndex(body.type));
      functions.count++;
      body.finish(code.bytes);
      code.count++;
    }
    const out = new ByteBuffer(code.bytes.length + 1024);
    out.append(MAGIC_AND_VERSION);
    section(out, sections.type, this.#typeEntries);
    section(out, sections.import, this.#imports);
    section(out, sections.function, functions);
    section(out, sections.global, this.#globals);
    section(out, sections.export, this.#exports);
    section(out, sections.element, this.#elementEntries());
    section(out, sections.code, code);
    return out.view().slice();
  }

  #elementEntries(): Entries {
    const result = entries();
    if (this.#fill === undefined) return result;
    const out = result.bytes;
    out.byte(0x00);
    out.byte(structuredOps['global.get']);
    out.u32(this.#fill.baseGlobal);
    out.byte(structuredOps.end);
    out.u32(this.#fill.functions.length);
    for (const index of this.#fill.functions) out.u32(index);
    result.count = 1;
    return result;
  }

  #import(module: string, name: string, kind: number): ByteBuffer {
    const out = this.#imports.bytes;
    out.name(module);
    out.name(name);
    out.byte(kind);
    this.#imports.count++;
    return out;
  }
}

function entries(): Entries {
  return { count: 0, bytes: new ByteBuffer() };
}

function section(out: ByteBuffer, id: number, { count, bytes }: Entries): void {
  if (count === 0) return;
  const size = new ByteBuffer(8);
  size.u32(count);
  out.byte(id);
  out.u32(size.length + bytes.length);
  out.append(size.view());
  out.append(bytes.view());
}
