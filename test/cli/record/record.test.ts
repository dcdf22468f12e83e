import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Report } from '../../../src/report/report.js';
import { readPerfData, sampleCounts } from '../../perfData/readPerfData.js';
import { isPerfInstalled, perf, scriptCounts } from '../../support/perf.js';
import { cli, programFile, withFolder } from '../support/cli.js';

const MISHAPS = programFile('mishaps');
const DOCUMENTED = ['err', 'map_err'].map((name) => `-e xdp:xdp_redirect_${name}`).join(' ');
/** Documentation/bpf/redirect.rst. */
const KERNEL_DOCUMENT = `-a ${DOCUMENTED} -e xdp:xdp_exception -e xdp:xdp_devmap_xmit`.split(' ');

test('a file has as many samples of each event as the run counted', async () => {
  await withFolder(async (cwd) => {
    const { code, stdout, stderr } = await cli(['record', '--', 'run', MISHAPS, '--json'], { cwd });
    assert.is(code, 0, stderr);
    assert.is(stdout, '');
    const [woken, captured, json] = stderr.trimEnd().split('\n');
    const { events } = JSON.parse(json!) as Report;
    for (const name of [
      'redirect',
      'redirect_err',
      'exception',
      'devmap_xmit',
      'bulk_tx',
      'cpumap_kthread',
    ]) {
      assert.ok(events[`xdp_${name}`]! > 0, name);
    }
    const path = join(cwd, 'perf.data');
    const data = readPerfData(readFileSync(path));
    assert.equal(sampleCounts(data), { ...events, bpf_xdp_link_attach_failed: 0 });
    assert.ok(data.comms.some(({ comm }) => /^cpumap\/1\/map:\d+$/.test(comm)));
    assert.match(woken!, /^\[ perf record: Woken up \d+ times to write data \]$/);
    const megabytes = (statSync(path).size / 1024 / 1024).toFixed(3);
    const { length } = data.samples;
    assert.is(
      captured,
      `[ perf record: Captured and wrote ${megabytes} MB perf.data (${length} samples) ]`,
    );
    if (!isPerfInstalled) return;
    const fired = Object.entries(events).filter(([, count]) => count > 0);
    assert.equal(scriptCounts(path), Object.fromEntries(fired));
    const report = perf(['report', '--stdio', '-i', path]);
    for (const [name, count] of fired) {
      assert.match(
        report,
        new RegExp(`of event 'xdp:${name}'\\n# Event count \\(approx\\.\\): ${count}\\n`),
      );
    }
  });
});

test('an event that 6.18 lacks is refused before anything is written', async () => {
  await withFolder(async (cwd) => {
    const { code, stderr } = await cli(['record', ...KERNEL_DOCUMENT, '--', 'run', MISHAPS], {
      cwd,
    });
    assert.is(code, 2);
    assert.match(stderr, /^xdpemu: -e xdp:xdp_redirect_map_err: Linux 6\.18 has no such event/);
    assert.not(existsSync(join(cwd, 'perf.data')));
  });
});

test('a file of before becomes perf.data.old; -q says nothing of what was recorded', async () => {
  await withFolder(async (cwd) => {
    writeFileSync(join(cwd, 'x.data'), 'before');
    const args = ['-q', '-o', 'x.data', '-e', 'xdp:xdp_exception', '--', 'run', MISHAPS];
    const { code, stderr } = await cli(['record', ...args], { cwd });
    assert.is(code, 0, stderr);
    assert.not.match(stderr, /perf record/);
    assert.is(readFileSync(join(cwd, 'x.data.old'), 'utf8'), 'before');
    assert.is(statSync(join(cwd, 'x.data')).mode & 0o777, 0o600);
  });
});

for (const [args, message] of [
  [['-o', '-'], '-o -: expected a file, found standard output'],
  [['-o', '.'], '-o .: expected a file, found a directory'],
  [['-o', '/dev/full'], '-o /dev/full: cannot be written: ENOSPC: no space left on device, write'],
  [['xdp:*'], 'expected -- before run, found xdp:*'],
] as const) {
  test(`record ${args.join(' ')} is refused`, async () => {
    await withFolder(async (cwd) => {
      const { code, stderr } = await cli(['record', ...args, '--', 'run', MISHAPS], { cwd });
      assert.is(code, 2);
      assert.is(stderr, `xdpemu: ${message}\n`);
    });
  });
}

test.run();
