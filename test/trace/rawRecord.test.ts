import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { RawRecordLayout } from '../../src/trace/rawRecord.js';
import { tracepoints } from '../../src/trace/tracepoints.js';

const named = (name: string) => tracepoints.find((info) => info.name === name)!;

function bytesOf(name: string, id: number, pid: number, fields: Record<string, number>): string {
  const layout = new RawRecordLayout(named(name), id);
  const view = new DataView(new ArrayBuffer(layout.bytes));
  layout.write(view, 0, pid, fields);
  return Buffer.from(view.buffer).toString('hex');
}

test('a record has the bytes that perf recorded on a 6.18 kernel', () => {
  // bash sent a frame: its pid stands where here the idle task runs, as does its preemption count.
  const recorded = '45021000' + '00000000' + 'f56f0000' + '04000000' + '02000000' + 'eaffffff';
  const fields = {
    prog_id: 28661,
    action: 4,
    ifindex: 2,
    to_ifindex: 99,
    err: -22,
    map_id: 0x7fffffff,
    map_index: 0,
  };
  assert.is(bytesOf('xdp_redirect_err', 0x245, 0, fields), `${recorded}63000000ffffff7f00000000`);
});

test('drops stand before what was sent, though they are printed after it', () => {
  const fields = { from_ifindex: 2, to_ifindex: 3, action: 4, sent: 5, drops: 6, err: -95 };
  const members = [2, 4, 3, 6, 5].map((value) => `0${value}000000`).join('');
  assert.is(bytesOf('xdp_devmap_xmit', 0x1f0, 0, fields), `f001100000000000${members}a1ffffff`);
});

test('a kthread is named by its pid, and serves no softirq', () => {
  assert.is(
    bytesOf('xdp_exception', 1, 258, { prog_id: 1, action: 0, ifindex: 2 }),
    '0100800002010000010000000000000002000000',
  );
});

test('members that are never printed are 0, addresses have 64 bits', () => {
  const record = bytesOf('mem_connect', 1, 0, { mem_id: 1, mem_type: 2, allocator: 3, ifindex: 4 });
  const head = '0100100000000000';
  const pointers = '0300000000000000' + '0000000000000000';
  assert.is(record, `${head}00000000000000000100000002000000${pointers}04000000`);
});

test.run();
