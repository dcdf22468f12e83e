import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { packageVersion } from '../../src/cli/version.js';
import { cli } from './support/cli.js';

test('--version prints the version of the package', async () => {
  const { code, stdout } = await cli(['--version']);
  assert.is(code, 0);
  assert.is(stdout, `${packageVersion()}\n`);
  assert.match(stdout, /^\d+\.\d+\.\d+\n$/);
});

test('--help lists the commands, and help COMMAND the options of one', async () => {
  const main = await cli(['--help']);
  assert.is(main.code, 0);
  assert.match(main.stdout, /^ {2}run {9}run an XDP program/m);
  const [long, short] = await Promise.all([cli(['run', '--help']), cli(['help', 'run'])]);
  assert.is(long.code, 0);
  assert.is(long.stdout, short.stdout);
  for (const option of ['pcap', 'loop', 'traffic', 'frames', 'duration', 'rx', 'cpus', 'kernel']) {
    assert.match(long.stdout, new RegExp(`^ {2}--${option} `, 'm'));
  }
  for (const line of long.stdout.split('\n')) assert.ok(line.length <= 100, line);
});

test('without a command there is the help, on stderr, and exit code 2', async () => {
  const { code, stdout, stderr } = await cli([]);
  assert.is(code, 2);
  assert.is(stdout, '');
  assert.match(stderr, /usage: xdpemu COMMAND/);
});

test('an unknown command is told from what was probably meant', async () => {
  const wrong = async (name: string) => {
    const { code, stdout, stderr } = await cli([name]);
    assert.is(code, 2);
    assert.is(stdout, '');
    return stderr;
  };
  assert.is(await wrong('rnu'), 'xdpemu: rnu: no such command; did you mean "run"?\n');
  assert.is(await wrong('dance'), 'xdpemu: dance: no such command; see xdpemu --help\n');
  assert.is(await wrong('--verison'), 'xdpemu: --verison: no such option; see xdpemu --help\n');
  assert.is(
    await wrong('lb.ts'),
    'xdpemu: lb.ts: no such command; to run a file: xdpemu run lb.ts\n',
  );
});

test('XDPEMU_DEBUG=1 adds the stack to a message', async () => {
  const { stderr } = await cli(['rnu'], { env: { XDPEMU_DEBUG: '1' } });
  assert.match(stderr, /^xdpemu: rnu: no such command.*\nUsageError: .*\n {4}at /);
});

test.run();
