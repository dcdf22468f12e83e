import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { isXdpProgram } from '../../src/program/define.js';
import { importProgramModule, programOf } from '../../src/program/load.js';
import { withFolder } from '../cli/support/cli.js';

/** Imports `main` out of a folder with these files, which is outside of the package. */
function load(files: Readonly<Record<string, string>>, main = Object.keys(files)[0]!) {
  return withFolder((folder) => {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    return importProgramModule(pathToFileURL(join(folder, main)).href);
  });
}

const HEAD = "import { defineXdp, XDP } from 'xdpemu';\n";

test('TypeScript outside of the package imports xdpemu and its own files', async () => {
  const module = await load({
    'main.ts': `${HEAD}import { verdict } from './verdict.ts';\nexport default defineXdp((): number => verdict);`,
    'verdict.ts': `${HEAD}export const verdict: number = XDP.DROP;`,
  });
  assert.ok(isXdpProgram(module['default']));
});

test('what a module imports may import xdpemu when the module itself does not', async () => {
  const module = await load({
    'main.mjs': "import verdict from './verdict.mjs';\nexport default verdict;",
    'verdict.mjs': `${HEAD}export default defineXdp(() => XDP.DROP);`,
  });
  assert.ok(isXdpProgram(module['default']));
});

test('a module can be imported again', async () => {
  await withFolder(async (folder) => {
    const file = join(folder, 'main.ts');
    writeFileSync(file, `${HEAD}export default defineXdp(() => XDP.PASS as number);`);
    const url = pathToFileURL(file).href;
    assert.is(await importProgramModule(url), await importProgramModule(url));
  });
});

for (const [name, text, message] of [
  ['a.ts', `${HEAD}\nexport default defineXdp((ctx: ) => 1);`, /a\.ts:3:\d+: /],
  ['b.mjs', `${HEAD}\nexport default defineXdp((ctx => 1);`, /b\.mjs:3:\d+: /],
  ['c.ts', 'enum E { A }\nexport default E;', /c\.ts:1:1: TypeScript enum is not supported/],
  ['d.mjs', "import { redirect } from 'xdpemu';", /d\.mjs:1: cannot be loaded: .*'redirect'/],
  ['e.mjs', "import './none.mjs';", /e\.mjs: cannot be loaded: Cannot find module .*none\.mjs/],
  ['f.mjs', '\nthrow new Error("no");', /f\.mjs:2:7: cannot be loaded: no$/],
] as const) {
  test(`${name}: the message says where it is wrong`, async () => {
    try {
      await load({ [name]: text });
      assert.unreachable();
    } catch (error) {
      assert.is((error as Error).name, 'ProgramLoadError');
      assert.match((error as Error).message, message);
    }
  });
}

test('what is no program is refused, and the programs that there are named', async () => {
  const url = 'file:///home/me/lb.ts';
  const { default: program } = await load({
    'm.mjs': `${HEAD}export default defineXdp(() => XDP.PASS);`,
  });
  assert.throws(
    () => programOf({ filter: program, helper: 3 }, url, 'default'),
    /^\/home\/me\/lb\.ts: expected export "default" .* found no such export; its programs are filter$/,
  );
});

test.run();
