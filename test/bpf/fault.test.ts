import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  type FaultReason,
  faultCodes,
  faultRecord,
  formatFault,
  takeFault,
} from '../../src/bpf/fault.js';

test('each reason has a line for people', () => {
  const lines = (Object.keys(faultCodes) as FaultReason[]).map((reason) =>
    formatFault({ reason, slot: 3, detail: 16n }),
  );
  assert.equal(lines, [
    'insn 3: bad memory access at 0x10',
    'insn 3: unaligned atomic access at 0x10',
    'insn 3: access outside of the stack frame at r10 16',
    'insn 3: instruction budget exhausted',
    'insn 3: more than 8 frames of calls',
    'insn 3: unknown helper 16',
    'insn 3: helper refused its arguments (0x10)',
  ]);
});

test('a record with a code that nobody wrote is an error, not a fault', () => {
  const view = new DataView(new ArrayBuffer(32));
  view.setUint32(8 + faultRecord.code, 99, true);
  assert.throws(() => takeFault(view, 8), /fault record at 8: unknown code 99/);
});

test.run();
