import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { interpret } from '../../src/bpf/interp/interpreter.js';
import { RegionMemory } from '../../src/bpf/interp/memory.js';
import { loadProgram } from '../../src/bpf/isaProgram.js';
import { conformanceVectors } from '../support/bpfVectors.js';
for (const v of conformanceVectors()) {
  if (v.name === 'callx') continue;
  const buffer = new ArrayBuffer(8192);
  const m = Buffer.from(v.memory, 'hex');
  new Uint8Array(buffer).set(m, 4096 + 512);
  const r = interpret(
    loadProgram(Uint8Array.from(Buffer.from(v.program, 'hex'))),
    {
      memory: new RegionMemory(buffer, [{ start: 1, end: 8192 }]),
      stackTop: 4096 + 512,
      call: () => 0n,
    },
    m.length ? 4608n : 0n,
    BigInt(m.length),
  );
  test(v.name, () => assert.is(`${r.fault?.reason ?? ''}0x${r.r0.toString(16)}`, v.expectedR0));
}
test.run();
