import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { cli, LAN_PCAP, startCli, withFolder } from '../support/cli.js';

const RUN = ['--', 'run', 'examples/silent-drops.ts', '--pcap', LAN_PCAP];
const trace = (args: readonly string[], run: readonly string[] = RUN) =>
  cli(['trace', ...args, ...run]);

test("what the program prints is on standard output, the run's summary on standard error", async () => {
  const { code, stdout, stderr } = await trace([
    '-e',
    't:xdp:xdp_exception { @[args->act] = count(); }',
  ]);
  assert.is(code, 0);
  assert.match(stdout, /^Attaching 1 probe\.\.\.\n\n\n@\[77\]: 246\n$/);
  assert.match(stderr, /^2,002 frames received/);
});

test('a program with a syntax error: position, line and marker, and nothing runs', async () => {
  const { code, stdout, stderr } = await trace(['-e', 'BEGIN { @x = ; }']);
  assert.is(code, 2);
  assert.is(stdout, '');
  assert.is(
    stderr,
    'stdin:1:14-15: ERROR: syntax error, unexpected ;\nBEGIN { @x = ; }\n             ~\n',
  );
});

test('a field that the event does not have: the same, once the kernel is known', async () => {
  const { code, stdout, stderr } = await trace(['-e', 't:xdp:xdp_redirect { @ = args->action; }']);
  assert.is(code, 2);
  assert.is(stdout, '');
  assert.match(stderr, /does not contain a field named 'action'\nt:xdp:xdp_redirect \{ @ = /);
  assert.not.match(stderr, /frames received/);
});

test('events that the kernel does not have are not found', async () => {
  const program = 't:xdp:xdp_redirect_map { @ = count(); }';
  const { code, stderr } = await trace(['-e', program]);
  assert.is(code, 2);
  assert.match(stderr, /^stdin:1:1-23: ERROR: tracepoint not found: xdp:xdp_redirect_map\n/);
  assert.is((await trace(['-e', program], [...RUN, '--kernel', '6.1'])).code, 0);
});

test('a program of a file, with positional parameters, to a file', async () => {
  await withFolder(async (folder) => {
    const program = join(folder, 'count.bt');
    const output = join(folder, 'out.txt');
    writeFileSync(program, 't:xdp:xdp_redirect_err /args->err == -$1/ { @[str($2)] = count(); }\n');
    const { code, stdout } = await trace([program, '100', 'down', '-o', output, '-q']);
    assert.is(code, 0);
    assert.is(stdout, '');
    assert.is(readFileSync(output, 'utf8'), '\n\n@[down]: 292\n');
    writeFileSync(program, 'BEGIN { foo }\n');
    const { stderr } = await trace([program]);
    assert.ok(stderr.startsWith(`${program}:1:9-12: ERROR: Unknown identifier: 'foo'\n`));
  });
});

test('-f json prints an object a line', async () => {
  const { stdout } = await trace([
    '-f',
    'json',
    '-e',
    't:xdp:xdp_exception { @[probe] = count(); }',
  ]);
  assert.equal(
    stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line)),
    [
      { type: 'attached_probes', data: { probes: 1 } },
      { type: 'map', data: { '@': { 'tracepoint:xdp:xdp_exception': 246 } } },
    ],
  );
});

test('exit() ends a run that has no end, from an interval or a tracepoint', async () => {
  const endless = ['--', 'run', 'examples/silent-drops.ts', '--traffic', 'flows=64'];
  const timed = await trace(
    ['-e', 'interval:ms:50 { printf("tick\\n"); exit(); } END { printf("end\\n"); }'],
    endless,
  );
  assert.is(timed.code, 0, timed.stderr);
  assert.is(timed.stdout, 'Attaching 2 probes...\ntick\nend\n\n\n');
  const counted = await trace(
    ['-e', 't:xdp:xdp_redirect* { @n++; if (@n == 1000) { exit(); } }'],
    endless,
  );
  assert.is(counted.code, 0, counted.stderr);
  assert.is(counted.stdout, 'Attaching 2 probes...\n\n\n@n: 1000\n');
});

test('Ctrl-C ends the run: END runs, and the maps are printed', async () => {
  const program =
    'BEGIN { printf("ready\\n"); } t:xdp:xdp_redirect* { @ = count(); } END { printf("end\\n"); }';
  const args = ['trace', '-e', program, '--', 'run', 'examples/silent-drops.ts'];
  const { child, ended } = startCli([...args, '--traffic', 'flows=64']);
  await once(child.stdout!, 'data');
  child.kill('SIGINT');
  const { code, stdout, stderr } = await ended;
  assert.is(code, 0, stderr);
  assert.match(stdout, /^Attaching 4 probes\.\.\.\nready\nend\n\n\n@: [0-9]+\n$/);
});

test('exit() of BEGIN: no frame is let in', async () => {
  const { code, stdout, stderr } = await trace([
    '-e',
    'BEGIN { exit(); } t:xdp:* { @ = count(); }',
  ]);
  assert.is(code, 0);
  assert.is(stdout, 'Attaching 11 probes...\n\n\n@: 0\n');
  assert.match(stderr, /^0 frames received/);
});

test('tasks are those of the kernel: softirqs borrow the idle one, kthreads have their names', async () => {
  const { stdout } = await trace(
    ['-e', 't:xdp:xdp_cpumap_* { @[probe, comm, pid > 0] = sum(args->processed); }'],
    ['--', 'run', 'examples/cpumap-lb.ts', '--pcap', LAN_PCAP, '--rx', '1'],
  );
  assert.match(stdout, /^@\[tracepoint:xdp:xdp_cpumap_enqueue, swapper\/0, 0\]: 1936$/m);
  assert.match(stdout, /^@\[tracepoint:xdp:xdp_cpumap_kthread, cpumap\/0\/map:[0-9]+, 1\]: 330$/m);
});

test('a file that cannot be written ends a run that has no end, from a probe or a timer', async () => {
  if (!existsSync('/dev/full')) return;
  const endless = ['--', 'run', 'examples/silent-drops.ts', '--traffic', 'flows=64'];
  for (const probe of ['t:xdp:xdp_redirect_err', 'interval:ms:20']) {
    const program = `${probe} { printf("x\\n"); }`;
    const { code, stderr } = await trace(['-q', '-o', '/dev/full', '-e', program], endless);
    assert.is(code, 2);
    assert.match(stderr, /^xdpemu: \/dev\/full: cannot be written: ENOSPC.*\n$/);
  }
});

test('wrong usage is said in a line', async () => {
  const none = await trace([]);
  assert.is(none.code, 2);
  assert.is(none.stderr, "xdpemu: expected -e 'PROGRAM' or FILE.bt, found neither\n");
  const format = await trace(['-e', 'BEGIN { }', '-f', 'xml']);
  assert.is(format.stderr, 'xdpemu: --format: expected text or json, found xml\n');
});

test.run();
