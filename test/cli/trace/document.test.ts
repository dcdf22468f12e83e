import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Report } from '../../../src/report/report.js';
import { readPerfData, sampleCounts } from '../../perfData/readPerfData.js';
import { isPerfInstalled, perf, scriptCounts } from '../../support/perf.js';
import { LAN_PCAP, PACKAGE_FOLDER, withFolder } from '../support/cli.js';

// The commands of the kernel's Documentation/bpf/redirect.rst, as they stand there, for a shell in which bpftrace is
// xdpemu trace and `perf record` is xdpemu record.
const [countAll, countErrors, perfRecord] = readFileSync(
  join(PACKAGE_FOLDER, 'test/fixtures/redirect.rst-commands'),
  'utf8',
).split('\n\n');

const MAIN = join(PACKAGE_FOLDER, 'dist/src/cli/main.js');
const prelude = `
sudo() { "$@"; }
bpftrace() {
  "$NODE" "$MAIN" trace "$@" -- run "$PROGRAM" --pcap "$PCAP" --kernel "$KERNEL" --json
}
perf() {
  "$NODE" "$MAIN" "$@" -- run "$PROGRAM" --pcap "$PCAP" --kernel "$KERNEL" --json
}
`;

interface Traced {
  readonly stdout: string;
  /** Of the same run. */
  readonly report: Report;
}

const PROGRAM = join(PACKAGE_FOLDER, 'examples/silent-drops.ts');

function shell(command: string, kernel: string, cwd = PACKAGE_FOLDER) {
  const names = { NODE: process.execPath, MAIN, PROGRAM, PCAP: LAN_PCAP, KERNEL: kernel };
  const options = { cwd, encoding: 'utf8', env: { ...process.env, ...names } } as const;
  return spawnSync('sh', ['-c', `${prelude}${command}`], options);
}

function runInShell(command: string, kernel: string, cwd?: string): Traced {
  const { stdout, stderr, status } = shell(command, kernel, cwd);
  assert.is(status, 0, stderr);
  const json = stderr.split('\n').find((line) => line.startsWith('{'));
  return { stdout, report: JSON.parse(json ?? 'null') as Report };
}

/** The entries of a map, in the order in which they are printed. */
function entriesOf(stdout: string, map: string): [string, number][] {
  return [...stdout.matchAll(new RegExp(`^${map}\\[(.*)\\]: ([0-9]+)$`, 'gm'))].map(
    ([, key, count]) => [key!, Number(count)],
  );
}

for (const [kernel, probes] of [
  ['6.18', 10],
  ['6.1', 12],
] as const) {
  test(`${kernel}: the document's command counts every tracepoint as the run itself does`, () => {
    const { stdout, report } = runInShell(countAll!, kernel);
    assert.ok(stdout.startsWith(`Attaching ${probes} probes...\n\n\n@cnt[tracepoint:xdp:`));
    const entries = entriesOf(stdout, '@cnt');
    const counted = Object.entries(report.events).filter(([, count]) => count > 0);
    assert.equal(
      Object.fromEntries(entries),
      Object.fromEntries(counted.map(([name, count]) => [`tracepoint:xdp:${name}`, count])),
    );
    for (const name of ['xdp_redirect', 'xdp_redirect_err', 'xdp_exception', 'xdp_devmap_xmit']) {
      assert.ok(report.events[name]! > 0, `${name} fires`);
    }
    const counts = entries.map(([, count]) => count);
    assert.equal(
      counts,
      [...counts].sort((a, b) => a - b),
    );
    assert.is(stdout.split('\n').length, 3 + entries.length + 1);
  });

  test(`${kernel}: the document's command counts errors by errno as the run itself does`, () => {
    const { stdout, report } = runInShell(countErrors!, kernel);
    const { fates } = report.frames;
    const { events } = report;
    assert.ok(
      stdout.startsWith(`Attaching ${kernel === '6.1' ? 3 : 2} probes...\n\n\n@devmap_errno[`),
    );
    assert.equal(Object.fromEntries(entriesOf(stdout, '@redir_errno')), {
      22: fates['redirect_err_EINVAL'],
      100: fates['redirect_err_ENETDOWN'],
    });
    const xmits = entriesOf(stdout, '@devmap_errno');
    assert.equal(xmits.map(([errno]) => errno).sort(), ['0', '6']);
    assert.is(
      xmits.reduce((sum, [, count]) => sum + count, 0),
      events['xdp_devmap_xmit'],
    );
  });
}

const PERF_EVENTS = [
  'xdp_redirect_err',
  'xdp_redirect_map_err',
  'xdp_exception',
  'xdp_devmap_xmit',
];

test("6.1: the document's perf command records as many of each event as the run itself counts", async () => {
  await withFolder((folder) => {
    const { events } = runInShell(perfRecord!, '6.1', folder).report;
    const path = join(folder, 'perf.data');
    const wanted = Object.fromEntries(PERF_EVENTS.map((name) => [name, events[name]]));
    for (const name of PERF_EVENTS) {
      // No caller in the kernel is left that fires it.
      if (name !== 'xdp_redirect_map_err') assert.ok(wanted[name]! > 0, `${name} fires`);
    }
    assert.equal(sampleCounts(readPerfData(readFileSync(path))), wanted);
    if (!isPerfInstalled) return;
    const evlist = perf(['evlist', '-i', path]).match(/xdp:\w+/g);
    assert.equal(
      evlist,
      PERF_EVENTS.map((name) => `xdp:${name}`),
    );
    const fired = Object.entries(wanted).filter(([, count]) => count !== 0);
    assert.equal(scriptCounts(path), Object.fromEntries(fired));
    const reported = perf(['report', '--stdio', '-i', path]);
    for (const [name, count] of fired) {
      const total = `of event 'xdp:${name}'\n# Event count (approx.): ${count}\n`;
      assert.ok(reported.includes(total), total);
    }
  });
});

test("6.18: the document's perf command names an event that is gone, and is refused as by perf", async () => {
  await withFolder((folder) => {
    const { status, stderr } = shell(perfRecord!, '6.18', folder);
    assert.is(status, 2);
    assert.match(stderr, '-e xdp:xdp_redirect_map_err: Linux 6.18 has no such event');
  });
});

test.run();
