import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { MACHINE_ADDRESS, Machine, MapType } from '../../../src/arena/layout.generated.js';
import type { PerfEvent, PrintkEvent } from '../../../src/machine/recordEvents.js';
import { Recorder } from '../../../src/machine/recorder.js';
import { HelperMachine } from '../../support/helperMachine.js';

const RING_BYTES = 65536;

function recordingMachine() {
  const machine = new HelperMachine();
  const { system, arena } = machine;
  arena.set(MACHINE_ADDRESS, Machine.recordBytesPerFrame, 200);
  for (const context of system.kernel.contexts) system.kernel.addTraceRing(context, RING_BYTES);
  const recorder = new Recorder(system);
  const printks: PrintkEvent[] = [];
  const perfEvents: PerfEvent[] = [];
  recorder.add({
    onPrintk: (event) => printks.push(event),
    onPerfEvent: (event) => perfEvents.push(event),
  });
  return { machine, recorder, printks, perfEvents };
}

function perfArray(machine: HelperMachine) {
  const { system } = machine;
  const attributes = { keySize: 4, valueSize: 4, maxEntries: 2, mapFlags: 0 };
  const array = machine.map({ ...attributes, type: MapType.PERF_EVENT_ARRAY });
  const fd = new Uint8Array(Uint32Array.of(system.openPerfEvent(0)).buffer);
  assert.is(system.bpf.mapUpdateElem(array.fd, new Uint8Array(4), fd, 0n), 0);
  return array.address;
}

test('perf events carry the program’s bytes and the packet’s', () => {
  const { machine, recorder, perfEvents } = recordingMachine();
  const map = perfArray(machine);
  const frame = Uint8Array.from({ length: 80 }, (_, i) => i);
  machine.run((xdp) => {
    const data = machine.put(Uint8Array.of(1, 2, 3, 4));
    const flags = (16n << 32n) | 0xffffffffn;
    assert.is(machine.call('perf_event_output', xdp, map, flags, data, 4), 0n);
    assert.is(machine.call('perf_event_output', xdp, map, 0, data, 1), 0n);
    assert.is(machine.call('perf_event_output', xdp, map, 1, data, 4), -2n);
    assert.is(machine.call('perf_event_output', xdp, map, 2, data, 4), -7n);
    assert.is(machine.call('perf_event_output', xdp, map, 81n << 32n, data, 4), -14n);
    assert.is(machine.call('perf_event_output', xdp, map, 1n << 60n, data, 4), -22n);
  }, frame);
  recorder.drain();
  const seen = perfEvents.map(({ data, packet, index, cpu }) => ({ data, packet, index, cpu }));
  assert.equal(seen, [
    { data: Uint8Array.of(1, 2, 3, 4), packet: frame.slice(0, 16), index: 0, cpu: 0 },
    { data: Uint8Array.of(1), packet: new Uint8Array(0), index: 0, cpu: 0 },
  ]);
});

test('what does not fit is refused, and leaves the room that frames need', () => {
  const { machine, recorder } = recordingMachine();
  const map = perfArray(machine);
  machine.run((xdp) => {
    const data = machine.put(new Uint8Array(1000));
    const results = Array.from({ length: 100 }, () =>
      machine.call('perf_event_output', xdp, map, 0, data, 1000),
    );
    assert.is(results[0], 0n);
    assert.is(results.at(-1), -28n);
  });
  assert.ok(recorder.lost > 0);
});

function printed(text: string, ...args: readonly (number | bigint)[]): string | bigint {
  const { machine, recorder, printks } = recordingMachine();
  let result = 0n;
  machine.run(() => {
    machine.put(Buffer.from('some text\0'), 2048);
    machine.put(Uint8Array.of(192, 168, 0, 1), 3000);
    const format = machine.put(Buffer.from(`${text}\0`));
    result = machine.call('trace_printk', format, text.length + 1, ...args);
  });
  recorder.drain();
  const event = printks[0];
  if (event !== undefined) assert.is(result, BigInt(event.text.length));
  return event?.text ?? result;
}

test('trace_printk formats as printf does', () => {
  const minus1 = 2n ** 64n - 1n;
  assert.is(printed('a %d b %u c %x', 2n ** 32n - 5n, 5, 255), 'a -5 b 5 c ff');
  assert.is(printed('%lld %llu %llx', minus1, minus1, minus1), `-1 ${minus1} ffffffffffffffff`);
  assert.is(printed('%d %i', 2n ** 31n, 0), '-2147483648 0');
  assert.is(printed('[%5d] [%-5d] [%05d]', 42, 42, 2n ** 32n - 42n), '[   42] [42   ] [-0042]');
  assert.is(printed('100%% %c%X', 65, 0xabc), '100% AABC');
  assert.is(printed('%p', 0x1234), '0000000000001234');
});

test('trace_printk shows strings and addresses of the program’s memory alone', () => {
  const machine = new HelperMachine();
  const { scratch } = machine;
  assert.is(printed('<%s>', scratch + 2048), '<some text>');
  assert.is(printed('<%s>', 8), '<>');
  assert.is(printed('%pI4', scratch + 3000), '192.168.0.1');
  assert.is(printed('%pI6', scratch + 3000), 'c0a8:0001:0000:0000:0000:0000:0000:0000');
});

test('trace_printk shows nothing of addresses near the end of 64 or 32 bits, or of the program’s memory', () => {
  const { arena } = new HelperMachine();
  const { high } = arena.programWindow;
  for (const conversion of ['%pI4', '%pI6', '%pi4', '%pi6']) {
    for (const end of [2n ** 64n, 2n ** 32n, BigInt(high)])
      for (const below of [1n, 2n, 3n]) assert.is(printed(`<${conversion}>`, end - below), '<>');
    assert.is(printed(`<${conversion}>`, 2n ** 64n - 8n), '<>');
  }
  for (const below of [1n, 8n, 4096n]) assert.is(printed('<%s>', 2n ** 64n - below), '<>');
});

test('trace_printk refuses what the kernel refuses', () => {
  for (const text of ['%q', '%d %d %d %d', '%', 'caf\u00e9', '%l']) assert.is(printed(text), -22n);
});

test('snprintf writes what fits, and says how long the text is', () => {
  const { machine } = recordingMachine();
  const { arena } = machine;
  machine.run(() => {
    const data = machine.put(new Uint8Array(BigUint64Array.of(7n, 8n).buffer), 512);
    const format = machine.put(Buffer.from('%d and %d\0'), 256);
    const into = machine.put(new Uint8Array(32).fill(0xee));
    assert.is(machine.call('snprintf', into, 32, format, data, 16), 8n);
    assert.equal(Buffer.from(arena.bytes(into, 9)).toString('latin1'), '7 and 8\0\xee');
    assert.is(machine.call('snprintf', into, 4, format, data, 16), 8n);
    assert.equal(Buffer.from(arena.bytes(into, 5)).toString('latin1'), '7 a\0d');
    assert.is(machine.call('snprintf', 0, 0, format, data, 16), 8n);
    assert.is(machine.call('snprintf', into, 32, format, data, 8), -22n);
    assert.is(machine.call('snprintf', into, 32, format, data, 7), -22n);
  });
});

test('strncmp compares up to the first NUL', () => {
  const { machine } = recordingMachine();
  machine.run(() => {
    const compare = (a: string, size: number, b: string) =>
      machine.call(
        'strncmp',
        machine.put(Buffer.from(a)),
        size,
        machine.put(Buffer.from(`${b}\0`), 512),
      );
    assert.is(compare('abc', 3, 'abcd'), 0n);
    assert.is(compare('abc\0', 4, 'abcd'), -1n);
    assert.is(compare('abd\0', 4, 'abcd'), 1n);
    assert.is(compare('ab\0x', 4, 'ab'), 0n);
  });
});

test.run();
