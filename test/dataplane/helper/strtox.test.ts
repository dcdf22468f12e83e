import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { HelperMachine } from '../../support/helperMachine.js';

/** What Linux 6.18 answered: text, flags, 1 for `bpf_strtoul`, the result, and what was stored. */
type Row = readonly [text: string, flags: string, unsigned: 0 | 1, result: string, stored: string];

const rows = JSON.parse(
  readFileSync(new URL('../../../../test/fixtures/strtox-6.18.json', import.meta.url), 'utf8'),
) as readonly Row[];

test('numbers are read as the kernel reads them', () => {
  assert.ok(rows.length > 200);
  const machine = new HelperMachine();
  const into = machine.scratch + 1024;
  machine.run(() => {
    for (const [text, flags, unsigned, result, stored] of rows) {
      machine.put(new Uint8Array(8).fill(0xff), 1024);
      const bytes = Buffer.from(text, 'latin1');
      const name = unsigned === 1 ? 'strtoul' : 'strtol';
      const found = machine.call(name, machine.put(bytes), bytes.length, BigInt(flags), into);
      const value = new DataView(machine.arena.memory.buffer).getBigUint64(into, true);
      assert.equal([found, value], [BigInt(result), BigInt(stored)], `${name} ${text} ${flags}`);
    }
  });
});

test('nothing is a number, and no memory is none of the program’s', () => {
  const machine = new HelperMachine();
  machine.run(() => {
    assert.is(machine.call('strtol', machine.scratch, 0, 10, machine.scratch + 64), -22n);
  });
  const fault = machine.run(() => machine.call('strtol', 8, 4, 10, machine.scratch));
  assert.is(fault?.reason, 'helper');
  assert.is(
    machine.run(() => machine.call('strtoul', machine.scratch, 1, 10, 8))?.reason,
    'helper',
  );
});

test.run();
