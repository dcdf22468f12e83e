import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { endedFrames, type Report } from '../../../src/report/report.js';
import { programFile, startCli } from '../support/cli.js';

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  test(`${signal} ends the traffic, and the summary is complete`, async () => {
    const program = programFile('announcing');
    const { child, ended } = startCli(['run', program, '--traffic', 'flows=4', '--json']);
    await once(child.stderr!, 'data');
    child.kill(signal);
    const { code, stdout, stderr } = await ended;
    assert.is(stderr, 'frames flow\n');
    assert.is(code, 0);
    const report = JSON.parse(stdout) as Report;
    assert.is(report.stoppedBy, signal);
    assert.ok(report.frames.received > 0);
    assert.is(endedFrames(report.frames), report.frames.received);
  });
}

test('a SIGINT while the program still loads ends the command, which says so', async () => {
  const { child, ended } = startCli(['run', programFile('neverLoads'), '--traffic', 'frames=10']);
  await once(child.stderr!, 'data');
  child.kill('SIGINT');
  const { code, stdout, stderr } = await ended;
  assert.is(code, 130);
  assert.is(stdout, '');
  assert.is(stderr, 'loading\nxdpemu: stopped by SIGINT before any frame came in\n');
});

test('a second SIGINT ends the process at once', async () => {
  const { child, ended } = startCli(['run', programFile('looping'), '--traffic', 'flows=64']);
  // The looping worker keeps the run from ending for two seconds.
  await once(child.stderr!, 'data');
  child.kill('SIGINT');
  await sleep(100);
  child.kill('SIGINT');
  assert.is((await ended).code, 130);
});

test.run();
