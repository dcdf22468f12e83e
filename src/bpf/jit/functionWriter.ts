import type { Insn } from '../isa/decode.js';
import type { BpfProgram, Subprogram } from '../isa/program.js';
import { FRAME_BYTES, MAX_LOOPS } from '../limits.js';
import { analyzeControlFlow, type ControlFlow, loopBody } from './cfg.js';
import { writeDispatcher } from './dispatcher.js';
import type { FunctionContext } from './functionContext.js';
import { blockKnowledge, entryKnowledge, type Knowledge, learn } from './knowledge.js';
import { type BlockWriter, writeStructured } from './structure.js';
import { pushCondition, writeAlu, writeMovsx, writeNeg, writeSwap } from './writeAlu.js';
import { writeCall } from './writeCall.js';
import {
  writeAtomic,
  writeLoad,
  writeLoadAcquire,
  writeStore,
  writeStoreRelease,
} from './writeMemory.js';

/** Function indexes by the position of the subprogram's first instruction. */
export type FunctionIndexes = ReadonlyMap<number, number>;

/** Writes one function of a program. */
export function writeFunction(
  context: FunctionContext,
  subprogram: Subprogram,
  functions: FunctionIndexes,
): void {
  const { program } = context.environment;
  const flow = analyzeControlFlow(program, subprogram);
  context.hasLoops = flow.loopHeaders.size > 0;
  context.openFaultBlock();
  writePrologue(context, subprogram, flow);
  const writer = new FunctionWriter(context, flow, functions);
  const write = flow.reducible ? writeStructured : writeDispatcher;
  write(flow, context.body, writer);
  context.closeFaultBlock();
}

/** Whether other functions may run before one ends, so that it must move the stack pointer below its frame. */
export function mayCallBack({ insns, callbacks }: BpfProgram, { start, end }: Subprogram): boolean {
  return insns
    .slice(start, end)
    .some(
      ({ form: { does } }) =>
        does.kind === 'call' && (does.callee === 'local' || callbacks.length > 0),
    );
}

/** Entering a function: its frame, its share of the budget, and the context's bytes that need no check. */
function writePrologue(
  context: FunctionContext,
  { start, end }: Subprogram,
  { loopHeaders }: ControlFlow,
): void {
  const { body, environment, role } = context;
  const { budgetGlobal, budgetInsns, contextGlobal, program } = environment;
  const { slot } = program.insns[start]!;
  if (role === 'xdp') {
    body.get(0);
    context.pop32(1);
  } else if (role === 'raw') {
    context.push32(1);
    body.set(context.contextAddress);
  }
  if (contextGlobal !== undefined) {
    if (role === 'subprogram') {
      body.globalGet(contextGlobal);
      body.set(context.contextAddress);
    } else {
      body.get(context.contextAddress);
      body.globalSet(contextGlobal);
    }
  }
  body.globalGet(environment.stackPointer);
  body.i32(FRAME_BYTES);
  body.op('i32.sub');
  body.set(context.frameLow);
  if (program.insns.slice(start, end).some(({ form }) => form.does.kind === 'mayGoto')) {
    body.i32(MAX_LOOPS);
    body.set(context.mayGotosLeft);
  }
  if (role === 'subprogram') {
    writeDepthCheck(context, slot);
    writeCharge(context, end - start, slot);
  } else if (budgetGlobal !== undefined || loopHeaders.size > 0) {
    body.i32(budgetInsns);
    context.pushSpentBefore();
    body.op('i32.sub');
    if (budgetGlobal !== undefined) body.globalSet(budgetGlobal);
    else body.set(context.budget);
  }
  if (context.reservesFrame) context.setStackPointer('belowFrame');
}

function writeDepthCheck(context: FunctionContext, slot: number): void {
  context.body.get(context.frameLow);
  context.body.globalGet(context.environment.stackLow);
  context.body.op('i32.lt_u');
  context.faultIf('callDepth', slot);
}

/** Takes instructions off the budget; a fault when it is used up. */
function writeCharge(context: FunctionContext, insns: number, slot: number): void {
  const { body, environment, budget } = context;
  const { budgetGlobal } = environment;
  if (budgetGlobal === undefined) body.get(budget);
  else body.globalGet(budgetGlobal);
  body.i32(insns);
  body.op('i32.sub');
  body.tee(budget);
  if (budgetGlobal !== undefined) {
    body.globalSet(budgetGlobal);
    body.get(budget);
  }
  body.i32(0);
  body.op('i32.lt_s');
  context.faultIf('budget', slot);
}

class FunctionWriter implements BlockWriter {
  readonly #context: FunctionContext;
  readonly #program: BpfProgram;
  readonly #flow: ControlFlow;
  readonly #functions: FunctionIndexes;
  readonly #knownBefore: readonly Knowledge[];
  readonly #loopInsns = new Map<number, number>();

  constructor(context: FunctionContext, flow: ControlFlow, functions: FunctionIndexes) {
    const { program, options } = context.environment;
    this.#context = context;
    this.#program = program;
    this.#flow = flow;
    this.#functions = functions;
    const { contextBytes = 0 } = options;
    const entry = entryKnowledge(context.role !== 'subprogram' && contextBytes > 0);
    this.#knownBefore = blockKnowledge(program.insns, flow, entry, contextBytes);
  }

  writeBlock(block: number): void {
    const { start, end } = this.#flow.blocks[block]!;
    const known = [...this.#knownBefore[block]!];
    const { contextBytes = 0 } = this.#context.environment.options;
    this.#context.known = known;
    for (let position = start; position < end; position++) {
      const insn = this.#program.insns[position]!;
      this.#writeInsn(insn, position);
      learn(known, insn, contextBytes);
    }
  }

  writeCondition(block: number, negated: boolean): void {
    const insn = this.#lastInsn(block);
    const { does } = insn.form;
    if (does.kind === 'jumpIf') pushCondition(this.#context, insn, does, negated);
    else this.#pushMayGoto(negated);
  }

  /** Charges one round of the loop, all of its blocks, however many of them this round took. */
  writeBackEdge(source: number, header: number): void {
    writeCharge(this.#context, this.#insnsOfLoop(header), this.#lastInsn(source).slot);
  }

  #writeInsn(insn: Insn, position: number): void {
    const context = this.#context;
    const { does } = insn.form;
    switch (does.kind) {
      case 'alu':
        writeAlu(context, insn, does);
        break;
      case 'neg':
        writeNeg(context, insn, does);
        break;
      case 'movsx':
        writeMovsx(context, insn, does);
        break;
      case 'swap':
        writeSwap(context, insn, does);
        break;
      case 'loadImm64':
        context.body.i64(insn.imm64);
        context.pop(insn.dst);
        break;
      case 'loadCallback':
        this.#writeCallback(insn, position);
        break;
      case 'load':
        writeLoad(context, insn, does);
        break;
      case 'store':
        writeStore(context, insn, does);
        break;
      case 'atomic':
        writeAtomic(context, insn, does);
        break;
      case 'loadAcquire':
        writeLoadAcquire(context, insn, does);
        break;
      case 'storeRelease':
        writeStoreRelease(context, insn, does);
        break;
      case 'call': {
        const target = this.#program.targets[position]!;
        writeCall(context, insn, does.callee, this.#functions.get(target));
        break;
      }
      case 'exit':
        context.leave();
        break;
      case 'jump':
      case 'jumpIf':
      case 'mayGoto':
        // The branching itself: written by who lays out the blocks.
        break;
    }
  }

  /** A callback's value is its slot in the imported table. */
  #writeCallback(insn: Insn, position: number): void {
    const { body, environment } = this.#context;
    body.globalGet(environment.callbackBase!);
    body.i32(this.#program.callbacks.indexOf(this.#program.targets[position]!));
    body.op('i32.add');
    this.#context.pop32(insn.dst);
  }

  #pushMayGoto(negated: boolean): void {
    const { body, mayGotosLeft } = this.#context;
    body.get(mayGotosLeft);
    body.i32(0);
    body.op(negated ? 'i32.gt_s' : 'i32.le_s');
    body.get(mayGotosLeft);
    body.i32(1);
    body.op('i32.sub');
    body.set(mayGotosLeft);
  }

  #lastInsn(block: number): Insn {
    return this.#program.insns[this.#flow.blocks[block]!.end - 1]!;
  }

  #insnsOfLoop(header: number): number {
    const known = this.#loopInsns.get(header);
    if (known !== undefined) return known;
    let insns = 0;
    for (const block of loopBody(this.#flow, header)) {
      const { start, end } = this.#flow.blocks[block]!;
      insns += end - start;
    }
    this.#loopInsns.set(header, insns);
    return insns;
  }
}
