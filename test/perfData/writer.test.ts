import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { tracepoints, xdpEventsOf } from '../../src/trace/tracepoints.js';
import { property } from '../support/property.js';
import { readPerfData } from './readPerfData.js';
import { sampleOf, withPerfData } from './samples.js';

const exception = tracepoints.find(({ name }) => name === 'xdp_exception')!;
const redirect = tracepoints.find(({ name }) => name === 'xdp_redirect')!;

test('a run in which nothing fired has a whole file', async () => {
  await withPerfData([exception], [], ({ bytes, summary }) => {
    const { attrs, samples, comms } = readPerfData(bytes);
    assert.equal([attrs.length, samples.length, comms.length], [1, 0, 0]);
    assert.equal(summary, { samples: 0, bytes: bytes.length, flushes: 1 });
  });
});

test('the formats and the header of the machine are in feature sections', async () => {
  const events = xdpEventsOf(601);
  await withPerfData(events, [], ({ bytes }) => {
    const { attrs, features } = readPerfData(bytes);
    assert.equal([...features.keys()], [1, 3, 4, 5, 6, 7, 11, 12, 21]);
    const formats = features.get(1)!.toString();
    events.forEach(({ name }, index) => {
      assert.ok(formats.includes(`name: ${name}\nID: ${attrs[index]!.config}\n`), name);
    });
    assert.is(features.get(3)!.toString('utf8', 4).replaceAll('\0', ''), 'hôst');
    assert.is(features.get(3)!.length % 64, 4);
    assert.is(features.get(11)!.readUInt32LE(0), 4);
  });
});

test('an event that is wanted twice is written twice, others not at all', async () => {
  const fired = [sampleOf(exception), sampleOf(redirect), sampleOf(exception)];
  await withPerfData([exception, exception], fired, ({ bytes, summary }) => {
    const { attrs, samples } = readPerfData(bytes);
    assert.equal(
      samples.map(({ id }) => id),
      [1, 2, 1, 2],
    );
    assert.equal(
      attrs.flatMap(({ ids }) => ids),
      [1, 2],
    );
    assert.is(summary.samples, 4);
  });
});

test('a task is named before its first sample, and again when its name is another', async () => {
  const by = (pid: number, comm: string) => sampleOf(exception, {}, { pid, comm });
  const fired = [
    by(0, ''),
    by(7, 'a'),
    by(7, 'a'),
    by(8, 'a'),
    by(7, 'cpumap/1/map:12345'),
    by(7, 'a'),
  ];
  await withPerfData([exception], fired, ({ bytes }) => {
    assert.equal(
      readPerfData(bytes).comms.map(({ pid, comm }) => `${pid} ${comm}`),
      ['7 a', '8 a', '7 cpumap/1/map:12345', '7 a'],
    );
  });
});

test('rounds end at least a second apart, and with the file', async () => {
  const at = (timeNs: number) => sampleOf(exception, {}, { timeNs });
  const fired = [at(0), at(9e8), at(1e9), at(1.5e9), at(1.1e9), at(2e9), at(2.5e9)];
  await withPerfData([exception], fired, ({ bytes }) => {
    assert.is(readPerfData(bytes).rounds, 3);
  });
});

test('more than the buffer holds goes to the file as it comes', async () => {
  const count = 20_000;
  function* fired() {
    for (let ifindex = 0; ifindex < count; ifindex++) yield sampleOf(exception, { ifindex });
  }
  await withPerfData([exception], fired(), ({ bytes, summary }) => {
    const { samples } = readPerfData(bytes);
    assert.ok(summary.flushes > 1);
    assert.is(samples.length, count);
    assert.ok(samples.every(({ raw }, index) => raw.readInt32LE(16) === index));
  });
});

const anySample = fc
  .record({
    info: fc.constantFrom(...tracepoints),
    timeNs: fc.double({ min: 0, max: 1e12, noNaN: true }),
    cpu: fc.integer({ min: -1, max: 255 }),
    pid: fc.integer({ min: 0, max: 40 }),
    comm: fc.string({ maxLength: 40 }).map((text) => text.replaceAll('\0', '')),
    value: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  })
  .map(({ info, value, ...more }) => {
    const fields = Object.fromEntries(info.fields.map(({ name }, i) => [name, (value + i) | 0]));
    return sampleOf(info, fields, more);
  });

property(
  'what is written is read back, in order',
  'dist/test/perfData/writer.test.js',
  fc.asyncProperty(fc.array(anySample, { maxLength: 50 }), async (fired) => {
    await withPerfData(tracepoints, fired, ({ bytes }) => {
      const { attrs, samples } = readPerfData(bytes);
      assert.is(samples.length, fired.length);
      samples.forEach(({ id, pid, timeNs, cpu, raw }, index) => {
        const sample = fired[index]!;
        const { config } = attrs.find(({ ids }) => ids.includes(id))!;
        assert.is(raw.readUInt16LE(0), config);
        assert.is(tracepoints[id - 1], sample.info);
        assert.equal([pid, raw.readInt32LE(4), cpu], [sample.pid, sample.pid, sample.cpu]);
        assert.is(timeNs, Math.round(sample.timeNs));
        assert.is((4 + raw.length) % 8, 0);
      });
    });
  }),
);

test.run();
