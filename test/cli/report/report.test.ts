import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { cli, programFile, withFolder } from '../support/cli.js';

async function withRun(use: (folder: string) => Promise<void>): Promise<void> {
  await withFolder(async (folder) => {
    const { code } = await cli([
      'run',
      ...[programFile('pass'), '--traffic', 'frames=20', '--out', folder],
    ]);
    assert.is(code, 0);
    await use(folder);
  });
}

test('the page goes into the folder, or where -o says', async () => {
  await withRun(async (folder) => {
    const first = await cli(['report', folder]);
    assert.equal([first.code, first.stdout], [0, `${join(folder, 'report.html')}\n`]);
    const other = join(folder, 'other.html');
    assert.is((await cli(['report', folder, '-o', other])).code, 0);
    assert.match(readFileSync(other, 'utf8'), /^<!doctype html>/);
    assert.is(readFileSync(other, 'utf8'), readFileSync(join(folder, 'report.html'), 'utf8'));
  });
});

async function refused(args: readonly string[], expected: RegExp): Promise<void> {
  const { code, stderr } = await cli(['report', ...args]);
  assert.is(code, 2, stderr);
  assert.match(stderr, expected);
}

test('a folder that is none of a run is refused by what is missing', async () => {
  await refused([], /expected the folder of a run: xdpemu report DIR/);
  await refused(['a', 'b'], /expected one folder, found also b/);
  await withFolder((folder) =>
    refused([folder], /report\.json: expected a file, found none: xdpemu run --out DIR writes it/),
  );
});

test('a folder of another version or with other files is refused by what is wrong', async () => {
  await withRun(async (folder) => {
    const series = join(folder, 'series.json');
    const text = readFileSync(series, 'utf8');
    writeFileSync(series, text.replace('"version":1', '"version":99'));
    await refused([folder], /series\.json: expected version 1, found 99: run it again/);
    writeFileSync(series, text.replace('"binNs":100000', '"binNs":"x"'));
    await refused([folder], /series\.json: .*binNs is "x", not number/);
    writeFileSync(series, '{');
    await refused([folder], /series\.json/);
    rmSync(series);
    await refused([folder], /series\.json: expected a file, found none/);
    writeFileSync(join(folder, 'report.json'), '{}');
    await refused(
      [folder],
      /report\.json: expected what xdpemu run --out writes; kernel is undefined/,
    );
    assert.not.ok(existsSync(join(folder, 'report.html')));
  });
});

test.run();
