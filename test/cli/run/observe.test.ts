import { once } from 'node:events';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { startCli } from '../support/cli.js';

const ENDLESS = ['--', 'run', 'examples/silent-drops.ts', '--traffic', 'flows=64'];

for (const command of [
  ['monitor', '-i', '0.05'],
  ['trace', '-e', 'interval:ms:50 { printf("tick\\n"); }'],
]) {
  test(`${command[0]}: a run without an end ends when nobody reads what is printed of it`, async () => {
    const { child, ended } = startCli([...command, ...ENDLESS]);
    await once(child.stdout!, 'data');
    child.stdout!.destroy();
    const { code, stderr } = await ended;
    assert.is(code, 0, stderr);
    assert.match(stderr, / frames received in /);
    assert.not.match(stderr, 'EPIPE');
  });
}

test.run();
