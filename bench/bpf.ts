/**
 * Nanoseconds a run of three small programs (bench/programs): compiled, called from WebAssembly as the data plane does
 * and from JavaScript, interpreted, and as hand-written TypeScript. Every result is checked.
 *
 *     node dist/bench/bpf.js [--smoke]
 *
 * What the kernel's JIT takes for `parse` and `alu`, beside it and with nothing else running (`frame`: the bytes below):
 *
 *     clang -O2 -g -target bpf -mcpu=v3 -c bench/programs/parse.bpf.c -o parse.o
 *     bpftool prog loadall parse.o /sys/fs/bpf/parse
 *     bpftool prog run pinned /sys/fs/bpf/parse/NAME data_in frame repeat 2000000
 */
import { readFileSync } from 'node:fs';
import { takeFault } from '../src/bpf/fault.js';
import { interpret } from '../src/bpf/interp/interpreter.js';
import { RegionMemory } from '../src/bpf/interp/memory.js';
import { type BpfProgram, loadProgram } from '../src/bpf/isa/program.js';
import { compile } from '../src/bpf/jit/compile.js';
import { instantiateXdp, type JitHost, type XdpEntry } from '../src/bpf/jit/instantiate.js';
import type { BoundsPolicy, InlineCall, JitOptions } from '../src/bpf/jit/options.js';
import { STACK_BYTES } from '../src/bpf/limits.js';
import { ModuleBuilder } from '../src/wasm/moduleBuilder.js';
import { aluByHand, parseByHand, parseMapByHand } from './support/byHand.js';
import { median, nsPerCall } from './support/timing.js';

const smoke = process.argv.includes('--smoke');
const ROUNDS = smoke ? 1 : 15;
const RUNS = smoke ? 1000 : 1_000_000;
const INTERPRETED_RUNS = smoke ? 10 : 1000;

const PAGES = 8;
const STACK_LOW = 3 * 65536;
const CONTEXT = STACK_LOW + STACK_BYTES;
const FRAME = CONTEXT + 64;
const MAP = FRAME + 64;
const FAULT_ADDRESS = 64;
const PLACEHOLDER = 0x1122334455667788n;
const MAP_ENTRIES = 64;
const VALUE_BYTES = 16;
const HIGH = MAP + MAP_ENTRIES * VALUE_BYTES;
const MAP_LOOKUP_ELEM = 1;

/** Ethernet, IPv4, UDP 10.0.0.1:1024 -> 10.0.0.2:9, 22 bytes of data. */
const frameBytes = Uint8Array.from([
  ...[2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0],
  ...[0x45, 0, 0, 50, 0, 1, 0, 0, 64, 17, 0x66, 0xb8, 10, 0, 0, 1, 10, 0, 0, 2],
  ...[4, 0, 0, 9, 0, 30, 0, 0],
  ...new Uint8Array(22).fill(0x5a),
]);

const memory = new WebAssembly.Memory({ initial: PAGES, maximum: PAGES, shared: true });
const view = new DataView(memory.buffer);
new Uint8Array(memory.buffer).set(frameBytes, FRAME);
view.setUint32(CONTEXT, FRAME, true);
view.setUint32(CONTEXT + 4, FRAME + frameBytes.length, true);

interface Subject {
  readonly name: string;
  readonly expected: number;
  readonly byHand: (view: DataView, data: number, end: number) => number;
}
const subjects: readonly Subject[] = [
  { name: 'parse', expected: 23, byHand: parseByHand },
  { name: 'parseMap', expected: 23, byHand: parseMapByHand(MAP) },
  { name: 'alu', expected: 3507798220 | 0, byHand: aluByHand },
];

function readProgram(name: string): BpfProgram {
  const url = new URL(`../../bench/programs/${name}.hex`, import.meta.url);
  const bytes = Uint8Array.from(Buffer.from(readFileSync(url, 'utf8').replace(/\s/g, ''), 'hex'));
  const code = new DataView(bytes.buffer);
  for (let at = 0; at + 16 <= bytes.length; at += 8)
    if (
      code.getUint8(at) === 0x18 &&
      code.getUint32(at + 4, true) === Number(PLACEHOLDER & 0xffffffffn)
    ) {
      code.setUint32(at + 4, MAP, true);
      code.setUint32(at + 12, 0, true);
    }
  return loadProgram(bytes);
}

/** bpf_map_lookup_elem of the one array map here: `r0 = key < entries ? values + key * size : 0`. */
function inlineLookup(call: InlineCall): boolean {
  const { code } = call;
  if (call.constant(1) !== BigInt(MAP)) return false;
  const key = call.scratch('i32', 0);
  call.pushAddress(2, 4);
  code.memory('i32.load');
  code.tee(key);
  code.i32(VALUE_BYTES);
  code.op('i32.mul');
  code.i32(MAP);
  code.op('i32.add');
  code.i32(0);
  code.get(key);
  code.i32(MAP_ENTRIES);
  code.op('i32.lt_u');
  code.op('select');
  code.op('i64.extend_i32_u');
  call.popResult();
  return true;
}

/** `check` of the checked bounds: the whole window may be touched, so this is the cost of asking. */
function checkFunction(): (address: number, size: number, write: number, frame: number) => number {
  const builder = new ModuleBuilder();
  const { index, body } = builder.function({
    params: ['i32', 'i32', 'i32', 'i32'],
    results: ['i32'],
  });
  body.get(0);
  body.get(1);
  body.op('i32.add');
  body.i32(HIGH);
  body.op('i32.le_u');
  builder.exportFunction('check', index);
  const module = new WebAssembly.Module(builder.encode());
  const { check } = new WebAssembly.Instance(module).exports as {
    check: (address: number, size: number, write: number, frame: number) => number;
  };
  return check;
}

const host: JitHost = {
  memory,
  stackPointer: new WebAssembly.Global({ value: 'i32', mutable: true }, CONTEXT),
  stackLow: STACK_LOW,
  faultAddress: FAULT_ADDRESS,
  helpers: { [MAP_LOOKUP_ELEM]: () => 0n },
  check: checkFunction(),
  setFrame: () => {},
};

function optionsOf(bounds: Partial<BoundsPolicy>): JitOptions {
  return {
    bounds: { kind: 'window', low: STACK_LOW, high: HIGH, ...bounds },
    memory: { initialPages: PAGES, maximumPages: PAGES, shared: true },
    entry: 'xdp',
    contextBytes: 24,
    inlineHelpers: new Map([[MAP_LOOKUP_ELEM, inlineLookup]]),
  };
}

/** A WebAssembly function that calls a program `times` times: the caller that the data plane is. */
function loopOver(entry: XdpEntry): (times: number, context: number) => number {
  const builder = new ModuleBuilder();
  const callee = builder.importFunction('env', 'run', { params: ['i32'], results: ['i32'] });
  const { index, body } = builder.function({ params: ['i32', 'i32'], results: ['i32'] });
  const last = body.local('i32');
  body.loop();
  body.get(1);
  body.call(callee);
  body.set(last);
  body.get(0);
  body.i32(1);
  body.op('i32.sub');
  body.tee(0);
  body.brIf(0);
  body.end();
  body.get(last);
  builder.exportFunction('loop', index);
  const module = new WebAssembly.Module(builder.encode());
  const { loop } = new WebAssembly.Instance(module, { env: { run: entry } }).exports as {
    loop: (times: number, context: number) => number;
  };
  return loop;
}

function interpretOnce(program: BpfProgram): number {
  const { r0 } = interpret(
    program,
    {
      memory: new RegionMemory(memory.buffer, [{ start: STACK_LOW, end: HIGH }]),
      stackTop: CONTEXT,
      call: ({ args: [, key] }) => {
        const index = view.getUint32(Number(key), true);
        return index < MAP_ENTRIES ? BigInt(MAP + index * VALUE_BYTES) : 0n;
      },
    },
    BigInt(CONTEXT),
  );
  return Number(BigInt.asIntN(32, r0));
}

type Contender = readonly [name: string, runs: number, run: (runs: number) => number];

function contendersOf({ name, byHand }: Subject): Contender[] {
  const program = readProgram(name);
  const compiled = (bounds: Partial<BoundsPolicy>) =>
    instantiateXdp(new WebAssembly.Module(compile(program, optionsOf(bounds)).bytes), host);
  const entry = compiled({ gaps: true });
  const fromWasm = (callee: XdpEntry) => {
    const loop = loopOver(callee);
    return (runs: number) => loop(runs, CONTEXT);
  };
  const repeat = (once: () => number) => (runs: number) => {
    let last = 0;
    for (let i = 0; i < runs; i++) last = once();
    return last;
  };
  return [
    ['jit', RUNS, fromWasm(entry)],
    ['jit exact window', RUNS, fromWasm(compiled({}))],
    ['jit checked', RUNS, fromWasm(compiled({ kind: 'checked' }))],
    ['jit from JS', RUNS, repeat(() => entry(CONTEXT))],
    ['by hand', RUNS, repeat(() => byHand(view, FRAME, FRAME + frameBytes.length))],
    ['interp', INTERPRETED_RUNS, repeat(() => interpretOnce(program))],
  ];
}

function report(subject: Subject): void {
  const columns = contendersOf(subject).map(([name, runs, run]) => {
    const samples: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const { ns, result } = nsPerCall(run, runs);
      if (result !== subject.expected)
        throw new Error(`${subject.name}, ${name}: expected ${subject.expected}, found ${result}`);
      samples.push(ns);
    }
    return `${name} ${median(samples).toFixed(1)}`;
  });
  const fault = takeFault(view, FAULT_ADDRESS);
  if (fault !== undefined) throw new Error(`${subject.name}: fault ${fault.reason}`);
  console.log(`${subject.name.padEnd(10)} ns a run: ${columns.join(', ')}`);
}

function reportCompileTime(): void {
  const program = readProgram('parseMap');
  const samples: number[] = [];
  for (let round = 0; round < 20 * ROUNDS; round++) {
    const { ns } = nsPerCall(() => compile(program, optionsOf({ gaps: true })).bytes.length, 1);
    samples.push(ns);
  }
  const insns = program.insns.length;
  console.log(`compile    ${insns} instructions in ${(median(samples) / 1e6).toFixed(3)} ms`);
}

for (const subject of subjects) report(subject);
reportCompileTime();
