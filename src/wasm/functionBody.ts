import { ByteBuffer } from './byteBuffer.js';
import {
  type AtomicOp,
  atomicOps,
  type MemoryOp,
  memoryOps,
  type PlainOp,
  plainOps,
  structuredOps,
  type ValueType,
  valueTypes,
} from './opcodes.js';

export interface FunctionType {
  readonly params: readonly ValueType[];
  readonly results: readonly ValueType[];
}

const EMPTY_BLOCK_TYPE = 0x40;
const ATOMIC_PREFIX = 0xfe;

/**
 * One function's locals and code. Methods append one instruction each and are named as in the text format; a branch
 * names its label by depth, 0 being the innermost. `end()` of the function itself is written by `finish`.
 */
export class FunctionBody {
  readonly type: FunctionType;
  readonly #code = new ByteBuffer(1024);
  readonly #locals: ValueType[] = [];
  #openBlocks = 0;

  constructor(type: FunctionType) {
    this.type = type;
  }

  /** How many blocks are open: the depth, from here, of the function's own label. */
  get openBlocks(): number {
    return this.#openBlocks;
  }

  /** A new local (parameters come first), zero at entry. */
  local(type: ValueType): number {
    return this.type.params.length + this.#locals.push(type) - 1;
  }

  op(name: PlainOp): void {
    this.#code.byte(plainOps[name]);
  }

  i32(value: number): void {
    this.#code.byte(structuredOps['i32.const']);
    this.#code.s32(value | 0);
  }

  /** A number must be a 32-bit signed integer (it is sign-extended); a bigint is taken modulo 2^64. */
  i64(value: number | bigint): void {
    this.#code.byte(structuredOps['i64.const']);
    if (typeof value === 'number') this.#code.s32(value);
    else this.#code.s64(BigInt.asIntN(64, value));
  }

  get(local: number): void {
    this.#indexed('local.get', local);
  }

  set(local: number): void {
    this.#indexed('local.set', local);
  }

  tee(local: number): void {
    this.#indexed('local.tee', local);
  }

  globalGet(global: number): void {
    this.#indexed('global.get', global);
  }

  globalSet(global: number): void {
    this.#indexed('global.set', global);
  }

  /** Load or store at `address + offset`, of any alignment. */
  memory(name: MemoryOp, offset = 0): void {
    this.#code.byte(memoryOps[name]);
    this.#code.byte(0);
    this.#code.u32(offset);
  }

  /** Traps unless the effective address is naturally aligned. */
  atomic(name: AtomicOp, offset = 0): void {
    const [code, alignment] = atomicOps[name];
    this.#code.byte(ATOMIC_PREFIX);
    this.#code.byte(code);
    this.#code.byte(alignment);
    this.#code.u32(offset);
  }

  block(result?: ValueType): void {
    this.#open('block', result);
  }

  loop(result?: ValueType): void {
    this.#open('loop', result);
  }

  if(result?: ValueType): void {
    this.#open('if', result);
  }

  else(): void {
    this.#code.byte(structuredOps.else);
  }

  end(): void {
    if (this.#openBlocks === 0) throw new RangeError('end: no block is open');
    this.#openBlocks--;
    this.#code.byte(structuredOps.end);
  }

  br(depth: number): void {
    this.#indexed('br', depth);
  }

  brIf(depth: number): void {
    this.#indexed('br_if', depth);
  }

  brTable(depths: readonly number[], defaultDepth: number): void {
    this.#indexed('br_table', depths.length);
    for (const depth of depths) this.#code.u32(depth);
    this.#code.u32(defaultDepth);
  }

  call(functionIndex: number): void {
    this.#indexed('call', functionIndex);
  }

  callIndirect(typeIndex: number, tableIndex = 0): void {
    this.#indexed('call_indirect', typeIndex);
    this.#code.u32(tableIndex);
  }

  /** Appends the code section entry: size, locals in runs of one type, code, end. */
  finish(out: ByteBuffer): void {
    if (this.#openBlocks !== 0)
      throw new RangeError(`finish: ${this.#openBlocks} blocks are still open`);
    const locals = new ByteBuffer(16);
    const runs = runLengths(this.#locals);
    locals.u32(runs.length);
    for (const [type, count] of runs) {
      locals.u32(count);
      locals.byte(valueTypes[type]);
    }
    out.u32(locals.length + this.#code.length + 1);
    out.append(locals.view());
    out.append(this.#code.view());
    out.byte(structuredOps.end);
  }

  #indexed(name: keyof typeof structuredOps, index: number): void {
    this.#code.byte(structuredOps[name]);
    this.#code.u32(index);
  }

  #open(name: 'block' | 'loop' | 'if', result: ValueType | undefined): void {
    this.#openBlocks++;
    this.#code.byte(structuredOps[name]);
    this.#code.byte(result === undefined ? EMPTY_BLOCK_TYPE : valueTypes[result]);
  }
}

function runLengths(types: readonly ValueType[]): [ValueType, number][] {
  const runs: [ValueType, number][] = [];
  for (const type of types) {
    const last = runs.at(-1);
    if (last?.[0] === type) last[1]++;
    else runs.push([type, 1]);
  }
  return runs;
}
