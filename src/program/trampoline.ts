/**
 * A function of JavaScript as one that a WebAssembly table takes: a module that exports what it imports.
 *
 *     (module (import "js" "run" (func (param i32) (result i32))) (export "run" (func 0)))
 */
// biome-ignore format: sections, one a line
const bytes = Uint8Array.of(
  0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00,
  0x01, 0x06, 0x01, 0x60, 0x01, 0x7f, 0x01, 0x7f,
  0x02, 0x0a, 0x01, 0x02, 0x6a, 0x73, 0x03, 0x72, 0x75, 0x6e, 0x00, 0x00,
  0x07, 0x07, 0x01, 0x03, 0x72, 0x75, 0x6e, 0x00, 0x00,
);
let module: WebAssembly.Module | undefined;

/** `run` takes the address of an `xdp_buff` and returns an action. */
export function trampoline(run: (xdp: number) => number): WebAssembly.ExportValue {
  module ??= new WebAssembly.Module(bytes);
  return new WebAssembly.Instance(module, { js: { run } }).exports['run']!;
}

/** Puts a program into the data plane's table, where a `BpfProg` names it by its index. */
export function installProgram(
  table: WebAssembly.Table,
  tableIndex: number,
  run: (xdp: number) => number,
): void {
  installEntry(table, tableIndex, trampoline(run));
}

/** The same for a function that is an export of a WebAssembly instance. */
export function installEntry(
  table: WebAssembly.Table,
  tableIndex: number,
  entry: WebAssembly.ExportValue,
): void {
  if (tableIndex >= table.length) table.grow(tableIndex + 1 - table.length);
  table.set(tableIndex, entry);
}
