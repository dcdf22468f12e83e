import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { helperTable } from '../../src/program/helperTable.js';
import { kfuncTable } from '../../src/program/kfuncTable.js';

/** The README's tables of helpers are held against the emulator's, and that against the kernel's. */

const read = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');

/** Rows of the table between two marks: the names, and what is said of them. */
function rows(from: string, to: string): { names: string[]; state: string }[] {
  const [, text = ''] =
    new RegExp(`<!-- ${from} -->(.*?)<!-- ${to} -->`, 's').exec(read('README.md')) ?? [];
  return [...text.matchAll(/^\| (`.*?) \| (.*) \|$/gm)].map(([, names, state]) => ({
    names: [...names!.matchAll(/`(\w+)`/g)].map(([, name]) => name!),
    state: state!,
  }));
}

const isDone = ({ state }: { readonly state: string }) => !state.startsWith('not done');

test('the README names every helper once, as done or not as the emulator has it', () => {
  const helpers = rows('helpers', 'kfuncs');
  const listed = (done: boolean) =>
    helpers.filter((row) => isDone(row) === done).flatMap(({ names }) => names);
  const known = (done: boolean) =>
    [...helperTable.values()]
      .filter(({ exportName }) => (exportName !== undefined) === done)
      .map(({ name }) => name as string);
  for (const done of [true, false]) assert.equal(listed(done).sort(), known(done).sort());
});

test('the README names every kfunc once', () => {
  const listed = rows('kfuncs', 'end').flatMap(({ names }) => names.map((name) => `bpf_${name}`));
  assert.equal(listed.sort(), [...kfuncTable.keys()].sort());
});

test('the helpers are those that Linux 6.18 lets XDP programs call', () => {
  const ids = JSON.parse(read('test/fixtures/xdp-helpers-6.18.json')) as number[];
  assert.equal([...helperTable.keys()], ids);
});

test.run();
