import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { MapType } from '../../src/arena/layout.generated.js';
import { RingbufMap } from '../../src/maps/ringbuf.js';
import { explainRefusal } from '../../src/program/helperFault.js';
import { HelperMachine } from '../support/helperMachine.js';
import { property } from '../support/property.js';

const SIZE_BYTES = 4096;
const attributes = { type: MapType.RINGBUF, keySize: 0, valueSize: 0, mapFlags: 0 };

function newRing() {
  const machine = new HelperMachine();
  const { address, fd } = machine.map({ ...attributes, maxEntries: SIZE_BYTES });
  const file = machine.system.files.get(fd);
  const map = file?.kind === 'map' ? file.map : undefined;
  assert.instance(map, RingbufMap);
  return { machine, address, map: map as RingbufMap };
}

const steps = fc.array(
  fc.record({
    kind: fc.constantFrom('output', 'output', 'submit', 'discard', 'consume'),
    length: fc.integer({ min: 0, max: 1500 }),
  }),
  { maxLength: 60 },
);

property(
  'records come out as they went in, in order, until the ring is as full as the kernel’s',
  import.meta.filename,
  fc.property(steps, (list) => {
    const { machine, address, map } = newRing();
    /** Records in the ring: their bytes, or null where discarded. */
    let queued: (Uint8Array | null)[] = [];
    let used = 0;
    const cost = (length: number) => Math.ceil((length + 8) / 8) * 8;
    list.forEach(({ kind, length }, step) => {
      if (kind === 'consume') {
        assert.equal(
          [...map.consume()],
          queued.filter((record) => record !== null),
        );
        queued = [];
        used = 0;
        return;
      }
      const record = new Uint8Array(length).fill(step + 1);
      const fits = used + cost(length) <= SIZE_BYTES - 1;
      const fault = machine.run(() => {
        const data = machine.put(record);
        if (kind === 'output') {
          const result = machine.call('ringbuf_output', address, data, length, 0);
          assert.is(result, fits ? 0n : -11n);
          return;
        }
        const sample = machine.call('ringbuf_reserve', address, length, 0);
        assert.is(sample !== 0n, fits);
        if (!fits) return;
        assert.is(machine.call('ringbuf_query', address, 0), BigInt(used + cost(length)));
        machine.arena.u8.set(record, Number(sample));
        machine.call(kind === 'submit' ? 'ringbuf_submit' : 'ringbuf_discard', sample, 0);
      });
      assert.is(fault, undefined);
      if (!fits) return;
      used += cost(length);
      queued.push(kind === 'discard' ? null : record);
    });
  }),
);

test('nothing is read past a record that is still being written', () => {
  const { machine, address, map } = newRing();
  machine.run(() => {
    const first = machine.call('ringbuf_reserve', address, 8, 0);
    machine.call('ringbuf_output', address, machine.put(Uint8Array.of(2)), 1, 0);
    assert.equal([...map.consume()], []);
    machine.call('ringbuf_submit', first, 0);
    assert.equal([...map.consume()], [new Uint8Array(8), Uint8Array.of(2)]);
  });
});

test('a record that a run keeps is discarded when it ends', () => {
  const { machine, address, map } = newRing();
  machine.run(() => machine.call('ringbuf_reserve', address, 8, 0));
  machine.run(() => machine.call('ringbuf_output', address, machine.put(Uint8Array.of(1)), 1, 0));
  assert.equal([...map.consume()], [Uint8Array.of(1)]);
});

test('only what was reserved can be submitted, and once', () => {
  const { machine, address } = newRing();
  const wrong: ((sample: bigint) => void)[] = [
    (sample) => machine.call('ringbuf_submit', sample + 8n, 0),
    () => machine.call('ringbuf_submit', 0, 0),
    (sample) => {
      machine.call('ringbuf_submit', sample, 0);
      machine.call('ringbuf_discard', sample, 0);
    },
  ];
  for (const use of wrong) {
    const fault = machine.run(() => use(machine.call('ringbuf_reserve', address, 16, 0)));
    assert.match(explainRefusal(fault?.detail ?? 0n), /is not a record that the run has reserved/);
  }
});

test('what a program scribbles in the ring damages no header', () => {
  const { machine, address, map } = newRing();
  machine.run(() => {
    const sample = Number(machine.call('ringbuf_reserve', address, 8, 0));
    machine.arena.u8.fill(0xff, sample - 8, sample + SIZE_BYTES);
    machine.call('ringbuf_submit', sample, 0);
  });
  assert.equal([...map.consume()], [new Uint8Array(8).fill(0xff)]);
});

test('its size is a power of two and whole pages', () => {
  const { bpf } = new HelperMachine().system;
  for (const maxEntries of [0, 2048, 12288])
    assert.is(bpf.mapCreate({ ...attributes, maxEntries }), -22);
  assert.is(bpf.mapCreate({ ...attributes, maxEntries: 4096, keySize: 4 }), -22);
});

test.run();
