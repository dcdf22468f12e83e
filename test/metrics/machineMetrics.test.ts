import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { defineXdp, Machine, XDP } from '../../src/index.js';
import { MachineMetrics } from '../../src/metrics/machineMetrics.js';

/** A name that has to be escaped; a device may have it. */
const ODD_NAME = 'e"\\0';

/** Frames for a cpumap, a device, the stack and nobody, by their ports. */
const main = defineXdp((ctx) => {
  switch (ctx.u16(34) & 3) {
    case 0:
      return ctx.redirectMap('cpus', 1);
    case 1:
      return ctx.redirect(2);
    case 2:
      return XDP.PASS;
    default:
      return XDP.DROP;
  }
});

async function withMachine(use: (machine: Machine) => Promise<void>): Promise<void> {
  const machine = await Machine.create(
    {
      cpus: 2,
      devices: [{ name: 'eth0', rxQueues: 2, program: 'main' }, { name: ODD_NAME }],
      maps: { cpus: { type: 'cpumap', entries: [{ key: 1, qsize: 64 }] } },
      sockets: [{ name: 'xsk0', device: 'eth0' }],
      traffic: [{ flows: 100, frames: 1000 }],
    },
    { programs: { main } },
  );
  try {
    await use(machine);
  } finally {
    await machine.close();
  }
}

/** Every sample by its name and labels, as they are written. */
function samplesOf(text: string): Map<string, number> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => {
      const end = line.lastIndexOf(' ');
      return [line.slice(0, end), Number(line.slice(end + 1))];
    }),
  );
}

test('the metrics of a run are its counters', async () => {
  await withMachine(async (machine) => {
    const { frames, events, cpus, devices, sockets } = await machine.run();
    const samples = samplesOf(await new MachineMetrics(machine).text());
    const value = (name: string) => samples.get(`xdpemu_${name}`);
    assert.is(value('frames_received_total'), frames.received);
    assert.ok(Object.keys(frames.fates).length >= 3);
    for (const [fate, count] of Object.entries(frames.fates))
      assert.is(value(`frames_total{fate="${fate}"}`), count);
    for (const [event, hits] of Object.entries(events))
      assert.is(value(`tracepoint_hits_total{event="${event}"}`), hits);
    for (const { cpu, received, fates, kthreadProcessed } of cpus) {
      assert.is(value(`cpu_frames_received_total{cpu="${cpu}"}`), received);
      assert.is(value(`cpu_kthread_processed_total{cpu="${cpu}"}`), kthreadProcessed);
      for (const [fate, count] of Object.entries(fates))
        assert.is(value(`cpu_frames_total{cpu="${cpu}",fate="${fate}"}`), count);
    }
    const [eth0, odd] = devices;
    assert.is(value('device_receive_frames_total{device="eth0"}'), eth0!.rxFrames);
    assert.is(value('device_receive_bytes_total{device="eth0"}'), eth0!.rxBytes);
    eth0!.rxQueues.forEach((count, queue) => {
      const labels = `{device="eth0",queue="${queue}"}`;
      assert.is(value(`device_queue_receive_frames_total${labels}`), count);
    });
    assert.ok(odd!.txFrames > 0);
    assert.is(value('device_transmit_frames_total{device="e\\"\\\\0"}'), odd!.txFrames);
    assert.is(value('socket_receive_frames_total{socket="xsk0"}'), sockets[0]!.rxFrames);
    assert.is(value('cpumap_queue_slots{map="cpus",cpu="1"}'), 64);
    assert.is(value('lost_records_total'), 0);
  });
});

test('a second scrape has the counters of then, not the sum of both', async () => {
  await withMachine(async (machine) => {
    const metrics = new MachineMetrics(machine);
    await machine.run();
    const first = await metrics.text();
    assert.is(await metrics.text(), first);
    await machine.run();
    assert.is(samplesOf(await metrics.text()).get('xdpemu_frames_received_total'), 2000);
  });
});

test('series of cpumap entries that are gone are gone', async () => {
  await withMachine(async (machine) => {
    const metrics = new MachineMetrics(machine);
    assert.match(await metrics.text(), /^xdpemu_cpumap_queue_frames\{map="cpus",cpu="1"\} 0$/m);
    machine.map('cpus').delete(1);
    await machine.idle();
    assert.not.match(await metrics.text(), /^xdpemu_cpumap_queue_frames\{/m);
  });
});

test('each name has a help line and a type, and counters end in _total', async () => {
  await withMachine(async (machine) => {
    const text = await new MachineMetrics(machine).text();
    const types = new Map(
      [...text.matchAll(/^# HELP (\w+) \S.*\.\n# TYPE (\w+) (counter|gauge)$/gm)].map((match) => {
        assert.is(match[1], match[2]);
        return [match[1]!, match[3]!];
      }),
    );
    for (const key of samplesOf(text).keys()) {
      const name = key.replace(/\{.*/, '');
      assert.is(types.get(name), name.endsWith('_total') ? 'counter' : 'gauge', key);
    }
  });
});

test.run();
