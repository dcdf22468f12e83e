import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import swc from '@swc/wasm-typescript';

/** Module customization hooks (https://nodejs.org/api/module.html#hooks) for program files. */

interface Resolved {
  readonly url: string;
  readonly format?: string | null;
  readonly shortCircuit?: boolean;
}
interface Loaded {
  readonly format: string;
  readonly source: string;
  readonly shortCircuit: true;
}
type NextResolve = (specifier: string, context: object) => Promise<Resolved>;
type NextLoad = (url: string, context: object) => Promise<unknown>;

/** `xdpemu` is this package, wherever the program lies. */
export async function resolve(
  specifier: string,
  context: object,
  next: NextResolve,
): Promise<Resolved> {
  if (specifier === 'xdpemu')
    return { url: new URL('../index.js', import.meta.url).href, shortCircuit: true };
  return next(specifier, context);
}

/** TypeScript without its types: blanks stand in their place, so lines and columns stay. */
export async function load(
  url: string,
  context: object,
  next: NextLoad,
): Promise<Loaded | unknown> {
  const path = url.startsWith('file:') ? fileURLToPath(url.replace(/\?.*$/, '')) : '';
  if (!/\.m?ts$/.test(path)) return next(url, context);
  const { code } = swc.transformSync(await readFile(path, 'utf8'), {
    mode: 'strip-only',
    module: true,
  });
  return { format: 'module', source: code, shortCircuit: true };
}
