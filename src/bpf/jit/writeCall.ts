import { CALLER_SLOT, faultRecord } from '../fault.js';
import type { Insn } from '../isa/decode.js';
import type { Callee } from '../isa/insn.js';
import { TAIL_CALL_HELPER } from '../limits.js';
import type { FunctionContext } from './functionContext.js';
import { pushChecked } from './guard.js';
import type { InlineCall } from './options.js';

/** `functionIndex` is that of the called function, if it is the program's own. */
export function writeCall(
  context: FunctionContext,
  insn: Insn,
  callee: Callee,
  functionIndex: number | undefined,
): void {
  if (callee === 'local') writePlainCall(context, functionIndex!);
  else if (callee === 'kfunc')
    writeOutsideCall(context, insn, context.environment.kfuncs.get(insn.imm));
  else if (insn.imm === TAIL_CALL_HELPER) writeTailCall(context, insn);
  else if (!writeInline(context, insn))
    writeOutsideCall(context, insn, context.environment.helpers.get(insn.imm));
}

function writeOutsideCall(
  context: FunctionContext,
  insn: Insn,
  functionIndex: number | undefined,
): void {
  if (functionIndex === undefined)
    context.fault('unknownHelper', insn.slot, () => context.body.i64(insn.imm));
  else {
    const { frameFunction } = context.environment;
    if (frameFunction !== undefined) {
      context.body.get(context.frameLow);
      context.body.call(frameFunction);
    }
    writePlainCall(context, functionIndex, insn.slot);
  }
}

/**
 * Arguments, call, r0; a callee that has recorded a fault ends the caller too. A helper knows no instruction: its record
 * gets the call's slot.
 */
function writePlainCall(context: FunctionContext, functionIndex: number, slot?: number): void {
  const { body, environment } = context;
  for (let register = 1; register <= 5; register++) context.push(register);
  body.call(functionIndex);
  context.pop(0);
  body.globalGet(environment.faultAddress);
  body.memory('i32.load', faultRecord.code);
  body.if();
  if (slot !== undefined) writeCallerSlot(context, slot);
  context.abort();
  body.end();
}

function writeCallerSlot({ body, environment }: FunctionContext, slot: number): void {
  body.globalGet(environment.faultAddress);
  body.memory('i32.load', faultRecord.slot);
  body.i32(CALLER_SLOT);
  body.op('i32.eq');
  body.if();
  body.globalGet(environment.faultAddress);
  body.i32(slot);
  body.memory('i32.store', faultRecord.slot);
  body.end();
}

/**
 * A tail call that succeeds ends this function with the other program's verdict. That program's frame takes the place
 * of this one's, as in the kernel; a negative result says that the call failed and the program goes on.
 */
function writeTailCall(context: FunctionContext, insn: Insn): void {
  const { body, reservesFrame, environment } = context;
  if (reservesFrame) context.setStackPointer('aboveFrame');
  if (environment.options.spent !== undefined) {
    context.pushSpent();
    context.pop32(5);
  }
  writeOutsideCall(context, insn, environment.helpers.get(TAIL_CALL_HELPER));
  context.push(0);
  body.i64(0);
  body.op('i64.ge_s');
  body.if();
  context.leave();
  body.end();
  if (reservesFrame) context.setStackPointer('belowFrame');
}

function writeInline(context: FunctionContext, insn: Insn): boolean {
  const { inlineHelpers } = context.environment.options;
  const inline = inlineHelpers?.get(insn.imm);
  return inline?.(inlineCall(context, insn)) ?? false;
}

function inlineCall(context: FunctionContext, { slot }: Insn): InlineCall {
  const { body } = context;
  return {
    code: body,
    constant(register) {
      const value = context.known[register];
      return value?.kind === 'constant' ? value.value : undefined;
    },
    push: (register) => context.push(register),
    pushAddress(register, sizeBytes, write = false) {
      const access = { base: register, off: 0, size: sizeBytes, write, slot };
      const offset = pushChecked(context, access);
      body.i32(offset);
      body.op('i32.add');
    },
    popResult: () => context.pop(0),
    pushGlobal(name) {
      const global = context.environment.globals.get(name);
      if (global === undefined)
        throw new RangeError(`inline helper: no global ${name} in the options`);
      body.globalGet(global);
    },
    scratch: (type, index) => context.scratch(type, `inline ${index}`),
  };
}
