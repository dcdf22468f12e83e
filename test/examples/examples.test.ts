import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadTarget } from '../../src/cli/run/target.js';
import { Machine } from '../../src/machine/machine.js';
import type { RunResult } from '../../src/machine/machineOptions.js';
import { endedFrames, origins } from '../../src/report/report.js';
import { LAN_FRAMES, LAN_PCAP, PACKAGE_FOLDER } from '../cli/support/cli.js';

/** Runs an example on the capture, on workers, as `xdpemu run` does. */
async function run(example: string, capture = LAN_PCAP): Promise<RunResult> {
  const path = join(PACKAGE_FOLDER, 'examples', example);
  const overrides = example.endsWith('.json') ? {} : { traffic: [{ capture }] };
  const scenario = await loadTarget(path, overrides);
  const machine = await Machine.create(scenario, { mode: 'threads' });
  try {
    const result = await machine.run();
    machine.verify();
    assert.is(endedFrames(result.frames), result.frames.received);
    assert.is(origins(result).wire, LAN_FRAMES);
    return result;
  } finally {
    await machine.close();
  }
}

const txFrames = ({ devices }: RunResult) =>
  Object.fromEntries(devices.map((device) => [device.name, device.txFrames]));

test('cpumap-lb: IP goes to four CPUs, everything to the stack', async () => {
  const { frames, cpus, events } = await run('cpumap-lb.ts');
  assert.equal(frames, { received: 2002, fates: { pass: 2002 } });
  assert.is(events['xdp_redirect'], 1936);
  assert.equal(
    cpus.map(({ kthreadProcessed }) => kthreadProcessed),
    [330, 751, 398, 457],
  );
});

test('devmap-bridge: all leaves at the trunk, four bytes longer', async () => {
  const result = await run('devmap-bridge.ts');
  assert.equal(result.frames, { received: 2002, fates: { transmitted: 2002 } });
  const [access, trunk] = result.devices;
  assert.is(trunk!.txFrames, 2002);
  assert.is(trunk!.txBytes, access!.rxBytes + 4 * 2002);
});

test('broadcast-switch: two hosts on ports of their own, group frames to three ports', async () => {
  const result = await run('broadcast-switch.ts');
  assert.equal(result.frames, { received: 2002 + 2 * 42, fates: { transmitted: 2086 } });
  assert.equal(txFrames(result), { port1: 0, port2: 799 + 42, port3: 1161 + 42, port4: 42 });
});

test('xskmap-steering: DNS and other UDP to the sockets of their queue', async () => {
  const { frames, sockets } = await run('xskmap-steering.ts');
  assert.equal(frames, { received: 2002, fates: { pass: 1493, socket: 509 } });
  assert.equal(
    sockets.map(({ name, rxFrames, appFrames }) => [name, rxFrames, appFrames]),
    [
      ['dns0', 40, 40],
      ['dns1', 24, 24],
      ['udp0', 444, 444],
      ['udp1', 1, 1],
    ],
  );
});

test('mixed: every kind of target', async () => {
  const result = await run('mixed.ts');
  const { frames, cpus, sockets } = result;
  assert.equal(frames, {
    received: 2044,
    fates: { pass: 1230, transmitted: 750, socket: 64 },
  });
  assert.equal(txFrames(result), { wan0: 0, lan1: 81, lan2: 669 });
  assert.equal(
    sockets.map(({ rxFrames }) => rxFrames),
    [40, 24],
  );
  assert.equal(
    cpus.map((cpu) => [cpu.received, cpu.kthreadProcessed, cpu.fates['pass']]),
    [
      [1166, 0, 477],
      [836, 0, 1],
      [0, 679, 375],
      [0, 700, 377],
    ],
  );
});

test('veth-pair: the peer passes, answers and drops by its own program', async () => {
  const result = await run('veth-pair.json');
  assert.equal(result.frames, {
    received: 2002,
    fates: { pass: 1900, transmitted: 66, drop: 36 },
  });
  assert.equal(txFrames(result), { eth0: 66, veth0: 0, veth1: 0 });
});

test.run();
