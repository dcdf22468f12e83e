import { readFileSync } from 'node:fs';
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
/** In the thread of its own that hooks have before Node.js 22.15 what comes next is a promise. */
type Next<T> = (what: string, context: object) => T | Promise<T>;

/** What programs import of this package, wherever they lie; `xdpemu/program` loads little, and every worker loads it. */
const entries: ReadonlyMap<string, string> = new Map([
  ['xdpemu', '../index.js'],
  ['xdpemu/program', './define.js'],
]);

export function resolve(
  specifier: string,
  context: object,
  next: Next<Resolved>,
): Resolved | Promise<Resolved> {
  const entry = entries.get(specifier);
  if (entry !== undefined) return { url: new URL(entry, import.meta.url).href, shortCircuit: true };
  const resolved = next(specifier, context);
  const retried = (found: Resolved) =>
    isPartOfRetried(context, found) ? { ...found, url: found.url + RETRIED } : found;
  return resolved instanceof Promise ? resolved.then(retried) : retried(resolved);
}

/** What stands behind the URL of a program that could not be loaded without these hooks. */
const RETRIED = '?xdpemu';
const OWN_FOLDER = new URL('..', import.meta.url).href;

/** A module that a program brings along has failed with it, for the same reason: Node.js knows it as failed. */
function isPartOfRetried(context: object, { url }: Resolved): boolean {
  const { parentURL } = context as { readonly parentURL?: string };
  if (parentURL?.endsWith(RETRIED) !== true || !/^file:[^?#]*$/.test(url)) return false;
  return !url.startsWith(OWN_FOLDER) && !url.includes('/node_modules/');
}

/** TypeScript is stripped of its types. */
export function load(url: string, context: object, next: Next<unknown>): unknown {
  const path = url.startsWith('file:') ? fileURLToPath(url.replace(/\?.*$/, '')) : '';
  if (!/\.m?ts$/.test(path)) return next(url, context);
  const source = stripTypes(readFileSync(path, 'utf8'), path);
  const loaded: Loaded = { format: 'module', source, shortCircuit: true };
  return loaded;
}
