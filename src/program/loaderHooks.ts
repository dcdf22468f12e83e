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

/** What programs import of this package, wherever they lie; `xdpemu/program` loads little, and every worker loads it. */
const entries: ReadonlyMap<string, string> = new Map([
  ['xdpemu', '../index.js'],
  ['xdpemu/program', './define.js'],
]);

export async function resolve(
  specifier: string,
  context: object,
  next: NextResolve,
): Promise<Resolved> {
  const entry = entries.get(specifier);
  if (entry === undefined) return next(specifier, context);
  return { url: new URL(entry, import.meta.url).href, shortCircuit: true };
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
