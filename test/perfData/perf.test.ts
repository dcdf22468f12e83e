import { spawnSync } from 'node:child_process';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { PerfSample } from '../../src/perfData/writer.js';
import { printedText } from '../../src/trace/tracepointFormat.js';
import { tracepoints, xdpEventsOf } from '../../src/trace/tracepoints.js';
import { isPerfInstalled, perf } from '../support/perf.js';
import { sampleOf, withPerfData } from './samples.js';

const perfTest = isPerfInstalled ? test : test.skip;

/** One sample a field of each event, in which it differs from all others, and some in which values are at their ends. */
function* samplesOfEveryField(): Generator<PerfSample> {
  let timeNs = 5e9;
  for (const info of tracepoints) {
    for (const [index, { name, print }] of info.fields.entries()) {
      const values =
        print === 'action'
          ? [0, 4, 5, 9]
          : print === 'memType'
            ? [0, 3, 4]
            : [1, -22, 0x7fffffff, -(2 ** 31)];
      // Addresses are never printed as they are, by the kernel or by perf.
      if (print === 'pointer') continue;
      for (const value of values) {
        timeNs += 1000;
        yield sampleOf(info, { [name]: value }, { timeNs, cpu: index });
      }
    }
  }
}

perfTest('perf script prints every field of every event as the kernel does', async () => {
  const fired = [...samplesOfEveryField()];
  await withPerfData(tracepoints, fired, ({ path }) => {
    const lines = perf(['script', '-i', path, '-F', 'trace:cpu,event,trace']).trimEnd().split('\n');
    const expected = fired.map(({ info, cpu, fields }) => {
      return `[00${cpu}] xdp:${info.name}: ${printedText(info, fields)}`;
    });
    const found = lines.map((line) => line.trim().replace(/\s+xdp:/, ' xdp:'));
    assert.equal(found, expected);
  });
});

perfTest('perf script knows the tasks, their pids and the times', async () => {
  const info = tracepoints[0]!;
  const fired = [
    sampleOf(info, {}, { timeNs: 1_500_000_123, cpu: 1 }),
    sampleOf(info, {}, { timeNs: 1_500_002_123, cpu: 2, pid: 5, comm: 'cpumap/2/map:17' }),
    sampleOf(
      info,
      {},
      { timeNs: 1_500_001_123, cpu: 3, pid: 6, comm: 'ünïcode name: longer than the kernel has' },
    ),
    sampleOf(info, {}, { timeNs: 1_500_003_123, cpu: 2, pid: 5, comm: 'cpumap/2/map:18' }),
  ];
  await withPerfData([info], fired, ({ path }) => {
    const text = perf(['script', '--ns', '-i', path, '-F', 'trace:comm,tid,cpu,time']);
    assert.equal(
      text
        .trimEnd()
        .split('\n')
        .map((line) => line.trim().replaceAll(/\s+/g, ' ')),
      [
        'swapper 0 [001] 1.500000123:',
        'ünïcode name: longer than the kernel has 6 [003] 1.500001123:',
        'cpumap/2/map:17 5 [002] 1.500002123:',
        'cpumap/2/map:18 5 [002] 1.500003123:',
      ],
    );
  });
});

perfTest('perf evlist has every event, and perf report where it was recorded', async () => {
  const events = xdpEventsOf(618);
  await withPerfData(events, [sampleOf(tracepoints[0]!)], ({ path }) => {
    const names = perf(['evlist', '-i', path])
      .split('\n')
      .filter((line) => line.startsWith('xdp:'));
    assert.equal(
      names,
      events.map(({ name }) => `xdp:${name}`),
    );
    assert.match(
      perf(['evlist', '-v', '-i', path]),
      /xdp:xdp_exception: type: 2, .*sample_id_all: 1/,
    );
    const header = perf(['report', '--stdio', '--header', '-i', path]);
    assert.match(header, /^# hostname : hôst$/m);
    assert.match(header, /^# os release : 6\.18$/m);
    assert.match(header, /^# nrcpus online : 4$/m);
    assert.match(header, /^# cmdline : xdpemu record a b /m);
    assert.match(header, /^# Samples: 1 {2}of event 'xdp:xdp_exception'$/m);
  });
});

perfTest(
  'a file without samples is none for perf report, and no error for perf script',
  async () => {
    await withPerfData(tracepoints, [], ({ path }) => {
      assert.is(perf(['script', '-i', path]), '');
      const { stderr } = spawnSync('perf', ['report', '--stdio', '-i', path], { encoding: 'utf8' });
      assert.match(stderr, /has no samples/);
    });
  },
);

test.run();
