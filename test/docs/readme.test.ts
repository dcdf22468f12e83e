import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import swc from '@swc/wasm-typescript';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const readme = readFileSync(join(root, 'README.md'), 'utf8');

/** Code blocks of one language, with the line that each starts on. */
function blocks(language: string): { code: string; line: number }[] {
  return [...readme.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms'))].map(
    (match) => ({
      code: match[1]!,
      line: readme.slice(0, match.index).split('\n').length + 1,
    }),
  );
}

const snippets = blocks('ts');

test('the README has snippets', () => {
  assert.ok(snippets.length >= 4);
});

for (const { code, line } of snippets) {
  test(`the snippet on line ${line} of the README runs`, async () => {
    // Inside the package, so that it finds itself under its own name; Node.js 20 has no `await using`.
    const folder = mkdtempSync(join(root, 'dist', 'readme-'));
    try {
      const file = join(folder, 'snippet.mjs');
      const portable = code.replace(/await using (\w+) =/g, 'const $1 =');
      writeFileSync(file, swc.transformSync(portable, { mode: 'strip-only', module: true }).code);
      await import(pathToFileURL(file).href);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
}

const commands = blocks('sh').flatMap(({ code }) => code.match(/^npx xdpemu .*$/gm) ?? []);

test('the README has commands', () => {
  assert.ok(commands.length >= 8);
});

// All in one folder: some look at what others wrote.
const commandFolder = mkdtempSync(join(root, 'dist', 'readme-'));
test.before(() => {
  for (const name of ['examples', 'test']) symlinkSync(join(root, name), join(commandFolder, name));
});
test.after(() => rmSync(commandFolder, { recursive: true }));

for (const command of commands) {
  test(`${command.slice(4)} works`, () => {
    // In a shell, which knows quotes.
    const main = `"${process.execPath}" "${join(root, 'dist/src/cli/main.js')}"`;
    const { status, stdout, stderr } = spawnSync(command.replaceAll('npx xdpemu', main), {
      cwd: commandFolder,
      encoding: 'utf8',
      shell: true,
    });
    assert.is(status, 0, stderr);
    // What watches a run may have nothing to print: the run's summary goes to stderr then.
    assert.ok(stdout.length + stderr.length > 0);
  });
}

test.run();
