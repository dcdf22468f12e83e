import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { stripTypes } from './stripTypes.js';

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

/** TypeScript is stripped of its types. */
export async function load(
  url: string,
  context: object,
  next: NextLoad,
): Promise<Loaded | unknown> {
  const path = url.startsWith('file:') ? fileURLToPath(url.replace(/\?.*$/, '')) : '';
  if (!/\.m?ts$/.test(path)) return next(url, context);
  const source = stripTypes(await readFile(path, 'utf8'), path);
  return { format: 'module', source, shortCircuit: true };
}
