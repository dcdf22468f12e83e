import { ModuleBuilder } from '../../src/wasm/moduleBuilder.js';

/** A JavaScript function as a callback of a compiled program: r1..r5 to r0, all i64. */
export function callbackTrampoline(
  run: (r1: bigint, r2: bigint, r3: bigint, r4: bigint, r5: bigint) => bigint,
): WebAssembly.ExportValue {
  const builder = new ModuleBuilder();
  const index = builder.importFunction('js', 'run', {
    params: ['i64', 'i64', 'i64', 'i64', 'i64'],
    results: ['i64'],
  });
  builder.exportFunction('run', index);
  const module = new WebAssembly.Module(builder.encode());
  return new WebAssembly.Instance(module, { js: { run } }).exports['run']!;
}
