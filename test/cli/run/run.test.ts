import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { endedFrames } from '../../../src/report/report.js';
import { COMPILERS, fixturePath } from '../../bpf/support/fixtures.js';
import {
  cli,
  LAN_FRAMES,
  LAN_PCAP,
  PACKAGE_FOLDER,
  programFile,
  runJson,
  startCli,
  withFolder,
} from '../support/cli.js';

const PASS = programFile('pass');

test('a program on a capture: the summary says what became of every frame', async () => {
  const { code, stdout, stderr } = await cli(['run', PASS, '--pcap', LAN_PCAP, '--rx', '2']);
  assert.is(stderr, '');
  assert.is(code, 0);
  assert.match(
    stdout,
    /^2,002 frames received in [0-9.]+ m?s: [0-9,]+ frames\/s, [0-9,]+ Mbit\/s$/m,
  );
  assert.match(stdout, /^ {2}pass {3}2,002 {2}100\.0 % {2}passed to the stack$/m);
  assert.match(stdout, /^ {2}all {4}2,002 .* every frame that was received has met one fate$/m);
  assert.match(stdout, /^ {2}0 +1,166 {2}1,166$/m);
  assert.match(stdout, /^ {2}eth0 +2,002 +1,157,180 {2}1,166 836$/m);
  // Nothing is said of what there is none of.
  assert.not.match(stdout, /socket|tracepoint|exception|tx frames/);
});

test('--json prints one object whose numbers add up', async () => {
  const { code, report, stdout } = await runJson([PASS, '--pcap', LAN_PCAP, '--seed', '5']);
  assert.is(code, 0);
  assert.is(stdout.trim().split('\n').length, 1);
  assert.equal(report.frames, { received: LAN_FRAMES, fates: { pass: LAN_FRAMES } });
  assert.is(endedFrames(report.frames), report.frames.received);
  assert.is(report.seed, 5);
  assert.is(report.kernel, '6.18');
  assert.is(report.stoppedBy, null);
  assert.equal([report.faults, report.deaths, report.sockets], [[], [], []]);
  assert.ok(Number.isInteger(report.elapsedNs) && report.elapsedNs > 0);
  assert.is(report.events['xdp_redirect'], 0);
  assert.equal(
    report.cpus.map(({ cpu, received }) => [cpu, received]),
    [[0, LAN_FRAMES]],
  );
  assert.equal(
    report.devices.map(({ name, rxFrames, rxQueues }) => [name, rxFrames, rxQueues]),
    [['eth0', LAN_FRAMES, [LAN_FRAMES]]],
  );
});

test('--loop and --frames say how many frames of a capture', async () => {
  const looped = await runJson([PASS, '--pcap', LAN_PCAP, '--loop', '3']);
  assert.is(looped.report.frames.received, 3 * LAN_FRAMES);
  const bounded = await runJson([PASS, '--pcap', LAN_PCAP, '--frames', '5000', '--rx', '3']);
  assert.is(bounded.report.frames.received, 5000);
});

test('--duration ends traffic that has no end', async () => {
  const { code, report } = await runJson([PASS, '--traffic', 'flows=8', '--duration', '0.2']);
  assert.is(code, 0);
  assert.ok(report.frames.received > 0);
  assert.is(endedFrames(report.frames), report.frames.received);
  assert.ok(report.elapsedNs >= 0.2e9, `${report.elapsedNs}`);
});

test('--cpus, --kernel and --traffic shape the machine', async () => {
  const args = [`${PACKAGE_FOLDER}examples/cpumap-lb.ts`, '--traffic', 'frames=1000,flows=100'];
  const { report } = await runJson([...args, '--kernel', '6.1', '--cpus', '6']);
  assert.is(report.kernel, '6.1');
  assert.is(report.frames.fates['pass'], 1000);
  assert.is(report.events['xdp_redirect'], 1000);
  // Only kernels before 6.18 have this tracepoint.
  assert.is(report.events['xdp_redirect_map'], 0);
  assert.is(
    report.cpus.reduce((sum, { kthreadProcessed }) => sum + kthreadProcessed, 0),
    1000,
  );
});

test('exceptions in a program are counted, with their place; the frames are aborted', async () => {
  const { code, report } = await runJson([programFile('throwing'), '--pcap', LAN_PCAP]);
  assert.is(code, 0);
  const arp = report.faults.find(({ message }) => message === 'Error: no ARP here')!;
  assert.match(arp.at!, /throwing\.js:\d+:\d+/);
  assert.is(arp.count, 66);
  assert.ok(report.faults.some(({ message }) => message.startsWith('PacketAccessError: packet')));
  assert.ok(report.faults[0]!.count >= report.faults.at(-1)!.count);
  const thrown = report.faults.reduce((sum, { count }) => sum + count, 0);
  assert.is(thrown, report.frames.fates['aborted']);
});

test('a fault at whatever addresses is one row, under the name of the C function', async () => {
  const faults = fixturePath('faults', 'clang14');
  const picked = [faults, '--prog', 'past_packet', '--checked', '--traffic', 'frames=500'];
  const { code, stdout } = await cli(['run', ...picked]);
  assert.is(code, 0);
  assert.match(
    stdout,
    /^exceptions in programs\n.*\n {2}past_packet +500 {2}insn \d+: bad memory access at several addresses: .*faults\.bpf\.c:\d+: .*\n\n/m,
  );
});

test('what an eBPF program prints goes to stderr, as trace_pipe shows it', async () => {
  const queue = /^ {10}<idle>-0 {7}\[000\] \.{5} +\d+\.\d{6}: bpf_trace_printk: queue 0$/;
  const onCpu = /^ *cpumap\/1\/map:\d+-\d+ +\[001\] \.{5} +\d+\.\d{6}: bpf_trace_printk: on a CPU$/;
  for (const compiler of COMPILERS) {
    const { code, stdout, stderr } = await withFolder((folder) => {
      const file = join(folder, 'print.json');
      writeFileSync(
        file,
        JSON.stringify({
          devices: [{ name: 'eth0', program: 'main' }],
          programs: { main: { module: fixturePath('printk', compiler), export: 'receive' } },
          maps: { cpus: { entries: [{ key: 1, program: 'on_cpu' }] } },
          traffic: [{ device: 'eth0', frames: 2000 }],
        }),
      );
      return cli(['run', file, '--json']);
    });
    assert.is(code, 0);
    assert.is(JSON.parse(stdout).frames.fates.pass, 2000);
    const lines = stderr.trimEnd().split('\n');
    assert.is(lines.filter((line) => queue.test(line)).length, 2000);
    assert.is(lines.filter((line) => onCpu.test(line)).length, 2000);
    assert.is(lines.length, 4000);
  }
});

test('no line is lost where everything else is captured too', async () => {
  const printk = fixturePath('printk', 'clang19');
  const { code, stderr } = await withFolder((folder) => {
    const traffic = ['--prog', 'receive', '--traffic', 'frames=20000'];
    return cli(['run', printk, ...traffic, '--out', join(folder, 'out')]);
  });
  assert.is(code, 0);
  assert.is(stderr.trimEnd().split('\n').length, 20_000);
});

test('a reader that goes away is no failure', async () => {
  const { child, ended } = startCli(['run', PASS, '--pcap', LAN_PCAP]);
  child.stdout!.destroy();
  assert.equal(await ended, { code: 0, stdout: '', stderr: '' });
});

test.run();
