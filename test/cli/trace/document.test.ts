import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Report } from '../../../src/report/report.js';
import { LAN_PCAP, PACKAGE_FOLDER } from '../support/cli.js';

// The commands of the kernel's Documentation/bpf/redirect.rst, as they stand there, for a shell in which bpftrace is xdpemu.
const [countAll, countErrors] = readFileSync(
  join(PACKAGE_FOLDER, 'test/fixtures/redirect.rst-commands'),
  'utf8',
).split('\n\n');

const MAIN = join(PACKAGE_FOLDER, 'dist/src/cli/main.js');
const prelude = `
sudo() { "$@"; }
bpftrace() {
  "$NODE" "$MAIN" trace "$@" -- run examples/silent-drops.ts --pcap "$PCAP" --kernel "$KERNEL" --json
}
`;

interface Traced {
  readonly stdout: string;
  /** Of the same run. */
  readonly report: Report;
}

function runInShell(command: string, kernel: string): Traced {
  const env = { ...process.env, NODE: process.execPath, MAIN, PCAP: LAN_PCAP, KERNEL: kernel };
  const options = { cwd: PACKAGE_FOLDER, encoding: 'utf8', env } as const;
  const { stdout, stderr, status } = spawnSync('sh', ['-c', `${prelude}${command}`], options);
  assert.is(status, 0, stderr);
  return { stdout, report: JSON.parse(stderr) as Report };
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

test.run();
