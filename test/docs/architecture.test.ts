import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** The folders of src in the order of the list in ARCHITECTURE.md. */
const listed = [
  ...readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8').matchAll(/^ {4}src\/(\w+)/gm),
].map(([, folder]) => folder!);

/** Each import of a file, as the folder of src that it leads to. */
function importsOf(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8');
  const paths = [...text.matchAll(/(?:from |import\()'(\.[^']+)'/g)].map(([, path]) => path!);
  return paths.map((path) => normalize(join(dirname(file), path)).split('/')[1]!);
}

test('ARCHITECTURE.md lists every folder of src', () => {
  const folders = readdirSync(join(root, 'src'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
  assert.equal([...listed].sort(), folders.sort());
});

test('each folder imports only from those above it in the list', () => {
  const wrong: string[] = [];
  let imports = 0;
  for (const [index, folder] of listed.entries()) {
    const files = readdirSync(join(root, 'src', folder), { recursive: true, encoding: 'utf8' });
    for (const name of files.filter((file) => file.endsWith('.ts'))) {
      const file = `src/${folder}/${name}`;
      for (const to of importsOf(file)) {
        imports++;
        if (listed.indexOf(to) > index) wrong.push(`${file} imports from src/${to}`);
      }
    }
  }
  assert.ok(imports > 1000);
  assert.equal(wrong, []);
});

test.run();
