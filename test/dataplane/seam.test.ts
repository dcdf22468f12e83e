import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { compileDataplane, readDataplane } from '../support/compileDataplane.js';

/**
 * The seam is complete: whatever two contexts may touch at the same time is touched through `atomics.ts`, in the data
 * plane and in the control plane. Fields say so themselves (ATOMIC, where they are declared).
 */

const layoutFiles: readonly string[] = [
  'src/dataplane/layout.ts',
  'src/dataplane/map/structs.ts',
  'src/dataplane/fib/structs.ts',
];
const seamFiles: ReadonlySet<string> = new Set(['src/dataplane/atomics.ts', ...layoutFiles]);
const sources = readDataplane();
const layout = layoutFiles.map((file) => sources.get(file)!).join('\n');
const rest = new Map([...sources].filter(([file]) => !seamFiles.has(file)));
const atomicFields = readAtomicFields(layout);
/** Struct to the one that it extends. */
const parents = new Map(
  [...layout.matchAll(/class (\w+) extends (\w+)/g)].map(
    ([, child, parent]) => [child!, parent!] as const,
  ),
);

/** `Struct.field` of every field whose comment says ATOMIC; "each ATOMIC" is said of what a pointer leads to. */
function readAtomicFields(layout: string): Set<string> {
  const fields = new Set<string>();
  for (const [, struct, body] of layout.matchAll(/\nexport class (\w+)[^{]*\{\n(.*?)\n\}/gs)) {
    for (const [, comment, field] of body!.matchAll(/\/\*\*((?:(?!\*\/).)*)\*\/\n {2}(\w+): /gs)) {
      if (/(?<!each )\bATOMIC\b/.test(comment!)) fields.add(`${struct}.${field}`);
    }
  }
  return fields;
}

function isAtomic(struct: string, field: string): boolean {
  if (atomicFields.has(`${struct}.${field}`)) return true;
  const parent = parents.get(struct);
  return parent !== undefined && isAtomic(parent, field);
}

/** Whether "Plain:" and a reason stand on the line, or above it in the same block of lines. */
function isJustified(text: string, lineNumber: number): boolean {
  const lines = text.split('\n');
  for (let i = lineNumber - 1; i >= 0 && lines[i]!.trim() !== ''; i--) {
    if (lines[i]!.includes('// Plain: ')) return true;
  }
  return false;
}

function withoutComments(text: string): string {
  return text
    .replace(/\/\*.*?\*\//gs, (comment) => comment.replace(/[^\n]/g, ' '))
    .replace(/\/\/.*/g, '');
}

/** `file:line` of every match. */
function findAll(files: ReadonlyMap<string, string>, pattern: RegExp): string[] {
  return [...files].flatMap(([file, text]) => {
    const code = withoutComments(text);
    return [...code.matchAll(pattern)].map(
      (match) => `${file}:${code.slice(0, match.index).split('\n').length}`,
    );
  });
}

function readTypeScript(folder: string): Map<string, string> {
  const root = fileURLToPath(new URL('../../../', import.meta.url));
  const files = readdirSync(root + folder, { recursive: true, encoding: 'utf8' });
  return new Map(
    files
      .filter((file) => file.endsWith('.ts') && !/^dataplane|generated/.test(file))
      .map((file) => [`${folder}/${file}`, readFileSync(`${root}${folder}/${file}`, 'utf8')]),
  );
}

test('the layout says of its locks and indices that they are atomic', () => {
  for (const field of ['Cpu.bhLock', 'PtrRingProducer.lock', 'XdpRing.producer', 'Context.seq']) {
    assert.ok(atomicFields.has(field), field);
  }
});

test('only atomics.ts uses atomic instructions', () => {
  assert.equal(findAll(rest, /\b(atomic|memory\.atomic)\b/g), []);
});

test('every field that is reached by its offset is one that says ATOMIC', () => {
  const unmarked = [...rest].flatMap(([file, text]) =>
    [...text.matchAll(/offsetof<(\w+)>\("(\w+)"\)/g)]
      .filter(([, struct, field]) => !isAtomic(struct!, field!))
      .map(([, struct, field]) => `${file}: ${struct}.${field}`),
  );
  assert.equal(unmarked, []);
});

test('no atomic field is read or written as a property, unless a comment says why', async () => {
  // Under another name the fields are where they were, and the compiler finds every other use of the old one.
  const renamed = new Map(
    [...sources].map(([file, text]) => [file, renameAtomicFields(file, text)]),
  );

  const { wasm, messages } = await compileDataplane(renamed);

  assert.is(wasm, undefined, 'expected at least the uses that are justified');
  const uses = [
    ...messages.matchAll(
      /TS2339: Property '\w+' does not exist on type 'src\/dataplane\/(?:layout|map\/structs|fib\/structs).*?in (src\S+)\((\d+),/gs,
    ),
  ];
  assert.ok(uses.length > 0, messages);
  const unjustified = uses
    .filter(([, file, line]) => !isJustified(sources.get(file!)!, Number(line)))
    .map(([, file, line]) => `${file}:${line}`);
  assert.equal(unjustified, []);
});

function renameAtomicFields(file: string, text: string): string {
  if (!layoutFiles.includes(file)) {
    return text.replace(/offsetof<(\w+)>\("(\w+)"\)/g, (whole, struct: string, field: string) =>
      isAtomic(struct, field) ? `offsetof<${struct}>("${field}Renamed")` : whole,
    );
  }
  return text.replace(/\nexport class (\w+)[^{]*\{\n.*?\n\}/gs, (body: string, struct: string) =>
    body.replace(/\n {2}(\w+): /g, (line: string, field: string) =>
      atomicFields.has(`${struct}.${field}`) ? `\n  ${field}Renamed: ` : line,
    ),
  );
}

test('no word whose address goes to atomics.ts is loaded or stored without it', () => {
  for (const [file, text] of rest) {
    const calls =
      /\b(?:load32|store32|xchg32|cmpxchg32|add32|loadRelaxed32|storeRelaxed32|lock)\((\w+)\(/g;
    const addressOf = new Set([...text.matchAll(calls)].map(([, name]) => name!));
    addressOf.delete('changetype');
    if (addressOf.size === 0) continue;
    const raw = new RegExp(`\\b(?:load|store)<\\w+>\\((?:${[...addressOf].join('|')})\\(`, 'g');
    assert.equal(findAll(new Map([[file, text]]), raw), []);
  }
});

test('TypeScript uses Atomics on the arena in one file only', () => {
  const files = new Map([...readTypeScript('src'), ...readTypeScript('workers')]);
  for (const file of files.keys()) {
    // The schedule's own memory is not the arena.
    if (file === 'src/arena/atomics.ts' || file.startsWith('src/schedule/')) files.delete(file);
  }
  assert.equal(findAll(files, /\bAtomics\./g), []);
});

test('TypeScript reads and writes atomic fields by the shared accessors, unless a comment says why', () => {
  const found: string[] = [];
  for (const [file, text] of [...readTypeScript('src'), ...readTypeScript('workers')]) {
    for (const match of text.matchAll(/\.[gs]et\(\s*[^;]*?,\s*([A-Z]\w+)\.(\w+)/g)) {
      const line = text.slice(0, match.index).split('\n').length;
      if (isAtomic(match[1]!, match[2]!) && !isJustified(text, line)) {
        found.push(`${file}:${line}: ${match[1]}.${match[2]}`);
      }
    }
  }
  assert.equal(found, []);
});

test.run();
