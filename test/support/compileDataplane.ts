import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const sourceFolder = 'src/dataplane/';

/** Files of the data plane by path from the root, as they are on disk. */
export function readDataplane(): Map<string, string> {
  const files = readdirSync(root + sourceFolder, { recursive: true, encoding: 'utf8' });
  return new Map(
    files
      .filter((file) => file.endsWith('.ts'))
      .map((file) => [sourceFolder + file, readFileSync(root + sourceFolder + file, 'utf8')]),
  );
}

/** What the compiler made of it: a module, or what it had to say. */
export interface Compiled {
  readonly wasm: Uint8Array | undefined;
  readonly messages: string;
}

/** Compiles the explored build (`scripts/buildDataplane.mjs`) from `sources` in place of the files on disk. */
export async function compileDataplane(
  sources: ReadonlyMap<string, string>,
  flags: readonly string[] = [],
): Promise<Compiled> {
  let wasm: Uint8Array | undefined;
  const { stderr } = await asc.main(
    [
      ...[`${sourceFolder}index.ts`, '--outFile', 'out.wasm', '--baseDir', root],
      ...['--runtime', 'stub', '--importMemory', '--sharedMemory', '--importTable'],
      ...['--initialMemory', '1', '--maximumMemory', '65536'],
      ...['--enable', 'threads', '--enable', 'simd'],
      ...['--use', 'EXPLORE=1', '--use', 'abort=', ...flags],
    ],
    {
      readFile: (name) => sources.get(name) ?? null,
      writeFile: (_name, contents) => {
        wasm = contents as Uint8Array;
      },
      listFiles: () => [],
    },
  );
  return { wasm, messages: stderr.toString() };
}
