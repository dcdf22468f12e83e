import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { endedFrames, type Report } from '../../../src/report/report.js';
import { LAN_FRAMES, LAN_PCAP, programFile, runJson } from '../support/cli.js';

/** Frames of the capture that RSS puts on queue 0. */
const QUEUE_0_FRAMES = 1166;

function assertOthersComplete(report: Report): void {
  assert.is(report.cpus[0]!.received, QUEUE_0_FRAMES);
  assert.is(report.cpus[0]!.fates['pass'], QUEUE_0_FRAMES);
  const { fates, received } = report.frames;
  assert.is(endedFrames(report.frames), received);
  assert.ok(received < LAN_FRAMES);
  // It passed 99 frames; those of the batch that it held are lost with it.
  assert.is(fates['pass'], QUEUE_0_FRAMES + 99);
  assert.is(fates['worker_died'], received - QUEUE_0_FRAMES - 99);
  assert.equal(
    report.deaths.map(({ role, cpu, framesHeld }) => [role, cpu, framesHeld]),
    [['receive', 1, fates['worker_died']]],
  );
}

test('a program that never returns: its worker is ended and named, the others are complete', async () => {
  const { code, report, stderr } = await runJson([programFile('looping'), '--pcap', LAN_PCAP]);
  assert.is(code, 1);
  assertOthersComplete(report);
  assert.match(
    stderr,
    /^looping\nxdpemu: the receive worker of CPU 1 died: program main did not return within 2000 ms; it held \d+ frames\n/,
  );
  assert.match(
    stderr,
    /\nxdpemu: the other workers ran to the end; what they did is counted in full\n$/,
  );
});

test('a worker that ends in the middle: the same', async () => {
  const { code, report, stderr } = await runJson([programFile('exiting'), '--pcap', LAN_PCAP]);
  assert.is(code, 1);
  assertOthersComplete(report);
  assert.match(
    stderr,
    /^xdpemu: the receive worker of CPU 1 died: .*code: 3; it held \d+ frames\n/,
  );
});

test.run();
