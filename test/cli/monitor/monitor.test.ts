import { once } from 'node:events';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Report } from '../../../src/report/report.js';
import {
  OUTCOME_FRAMES,
  OUTCOMES,
  writeOutcomeFrames,
} from '../../monitor/support/outcomeFrames.js';
import { cli, programFile, startCli, withFolder } from '../support/cli.js';

interface Monitored {
  readonly stdout: string;
  readonly report: Report;
}

/** Watches a run of frames of all outcomes. */
async function monitored(options: readonly string[], loop: number): Promise<Monitored> {
  return await withFolder(async (folder) => {
    const run = ['run', OUTCOMES, '--pcap', writeOutcomeFrames(folder), '--loop', String(loop)];
    const { code, stdout, stderr } = await cli(['monitor', ...options, '--', ...run, '--json']);
    assert.is(code, 0, stderr);
    return { stdout, report: JSON.parse(stderr) };
  });
}

/** The numbers of the line that begins with `label`. */
function numbers(stdout: string, label: string): number[] {
  const line = stdout.split('\n').find((text) => text.trim().startsWith(label));
  assert.ok(line !== undefined, `${label}: expected a line, found none in\n${stdout}`);
  const rest = line.trim().slice(label.length).replaceAll(',', '');
  return (rest.match(/ [0-9]+(?:\.[0-9]+)?(?= |$)/g) ?? []).map(Number);
}

function redirectErrors({ frames, events }: Report): number {
  const fates = Object.entries(frames.fates).filter(([name]) => name.startsWith('redirect_err_'));
  const sum = fates.reduce((total, [, count]) => total + count, 0);
  assert.is(events['xdp_redirect_err'], sum);
  return sum;
}

test('what the last lines add up is what the run counted', async () => {
  const { stdout, report } = await monitored(['-s', '-r', '-i', '0.02'], 200);
  const { events, cpus } = report;
  const received = cpus.reduce((sum, { received: own }) => sum + own, 0);
  assert.is(received, 200 * OUTCOME_FRAMES);
  assert.is(numbers(stdout, 'Packets received')[0], received);
  assert.is(numbers(stdout, 'Packets redirected')[0], events['xdp_redirect']);
  const port0 = report.frames.fates['drop'] ?? 0;
  assert.ok(port0 > 0);
  // An exception is an error and so is a frame that the program aborted: the receive row counts it, too.
  const errors =
    redirectErrors(report) + events['xdp_exception']! + report.frames.fates['aborted']!;
  assert.is(numbers(stdout, 'Errors recorded')[0], errors);
});

test('one interval over the whole run has the rates of its counters', async () => {
  const { stdout, report } = await monitored(['-s', '-e', '-i', '1000'], 50);
  const seconds = report.elapsedNs / 1e9;
  const rate = (count: number) => Math.round(count / seconds);
  const { events, cpus } = report;
  assert.equal(numbers(stdout, 'redirect total'), [rate(events['xdp_redirect']!)]);
  const third = events['xdp_redirect_err']! / 3;
  for (const errno of ['Unknown', 'EINVAL', 'EOPNOTSUPP']) {
    assert.equal(numbers(stdout, `${errno} total`), [rate(third)]);
  }
  assert.equal(numbers(stdout, 'XDP_ABORTED'), [rate(events['xdp_exception']! / 2)]);
  const processed = cpus.reduce((sum, { kthreadProcessed }) => sum + kthreadProcessed, 0);
  assert.is(numbers(stdout, 'kthread total')[0], rate(processed));
  const [enqueued, dropped, bulk] = numbers(stdout, 'enqueue to cpu 1');
  // What did not fit was processed, too.
  assert.is(enqueued, rate(24 * 50));
  assert.is(dropped, rate(report.frames.fates['cpumap_full'] ?? 0));
  assert.ok(bulk! > 0 && bulk! <= 8);
  const [sent, lost] = numbers(stdout, 'xmit eth0->port0');
  const transmitted = report.devices.find(({ name }) => name === 'far0')!.rxFrames;
  assert.is(sent, rate(transmitted));
  assert.is(numbers(stdout, 'devmap_xmit')[1], lost);
});

test('without -s it says that redirects which went well are not shown', async () => {
  const { stdout } = await monitored([], 1);
  assert.match(stdout, /^NOTICE: Only tracking XDP redirect errors\n/);
  assert.not.match(stdout, /^Summary.*redir\/s|Packets redirected/m);
});

test('Ctrl-\\ switches to the long form and back, Ctrl-C ends with the last interval and the sums', async () => {
  const run = ['run', programFile('pass'), '--traffic', 'flows=4', '--duration', '600'];
  const { child, ended } = startCli(['monitor', '-s', '-i', '0.05', '--', ...run]);
  const waitFor = async (pattern: RegExp) => {
    for (let text = ''; !pattern.test(text); ) {
      const [more] = (await once(child.stdout!, 'data')) as [string];
      text += more;
    }
  };
  try {
    await waitFor(/^Summary.*\nSummary/m);
    child.kill('SIGQUIT');
    await waitFor(/^\nSummary.*\n {2}kthread .*\n {2}redirect /m);
    child.kill('SIGQUIT');
    await waitFor(/^Summary.*\nSummary/m);
    child.kill('SIGINT');
    const { code, stdout } = await ended;
    assert.is(code, 0);
    assert.match(stdout, /\n\nSummary.*\n {2}Duration {12}: [0-9.]+s\n$/);
  } finally {
    child.kill('SIGKILL');
  }
});

test('an interval is a number of seconds', async () => {
  for (const bad of ['0', 'x', '-1', '1e3', '9999999']) {
    const { code, stderr } = await cli(['monitor', '-i', bad, '--', 'run', programFile('pass')]);
    assert.is(code, 2);
    assert.match(stderr, `--interval: expected seconds from 0.001 to 2147483, found ${bad}`);
  }
});

test.run();
