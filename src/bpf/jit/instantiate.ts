/** r1..r5 to r0: an export of another WebAssembly instance, for speed, or a JavaScript function over signed bigints. */
export type BpfFunction = (r1: bigint, r2: bigint, r3: bigint, r4: bigint, r5: bigint) => bigint;

/** What a compiled program needs of the worker that runs it. All addresses are arena offsets. */
export interface JitHost {
  readonly memory: WebAssembly.Memory;
  /**
   * Mutable i32, shared by all programs of an emulated CPU: the top of the next frame. Between runs it is the top of
   * the stack, 8-byte aligned.
   */
  readonly stackPointer: WebAssembly.Global;
  /** `STACK_BYTES` below the top. */
  readonly stackLow: number;
  /** Of a record of `FAULT_RECORD_BYTES`, zero between runs: see `takeFault`. */
  readonly faultAddress: number;
  /** By id. A helper refuses its arguments by leaving a fault record. */
  readonly helpers?: Readonly<Record<number, BpfFunction>>;
  readonly kfuncs?: Readonly<Record<number, BpfFunction>>;
  /** For bounds of the `checked` kind: 0 refuses. */
  readonly check?: (address: number, sizeBytes: number, write: number, frame: number) => number;
  readonly setFrame?: (frame: number) => void;
  /** Values of `JitOptions.globals`. */
  readonly globals?: Readonly<Record<string, number>>;
  /** For programs with callbacks: they take `JitModule.callbacks` slots from `callbackBase`. */
  readonly table?: WebAssembly.Table;
  readonly callbackBase?: number;
}

/** Entry of a module compiled with `entry: 'xdp'`: takes the context's address, gives the verdict. */
export type XdpEntry = (context: number) => number;
/** Entry of a module compiled with `entry: 'raw'`. */
export type RawEntry = (r1: bigint, r2: bigint) => bigint;

/** The import object of a compiled program. */
export function jitImports(host: JitHost): WebAssembly.Imports {
  const { memory, stackPointer, stackLow, faultAddress, table, callbackBase } = host;
  const { check, setFrame } = host;
  return {
    env: {
      memory,
      stackPointer,
      stackLow,
      faultAddress,
      ...host.globals,
      ...(check !== undefined && { check }),
      ...(setFrame !== undefined && { setFrame }),
      ...(table !== undefined && { table }),
      ...(callbackBase !== undefined && { callbackBase }),
    },
    helper: { ...host.helpers },
    kfunc: { ...host.kfuncs },
  };
}

export function instantiateXdp(module: WebAssembly.Module, host: JitHost): XdpEntry {
  const { exports } = new WebAssembly.Instance(module, jitImports(host));
  const { run } = exports as { run: XdpEntry };
  return run;
}

export function instantiateRaw(module: WebAssembly.Module, host: JitHost): RawEntry {
  const { exports } = new WebAssembly.Instance(module, jitImports(host));
  const { run64 } = exports as { run64: RawEntry };
  return (r1, r2) => BigInt.asUintN(64, run64(r1, r2));
}
