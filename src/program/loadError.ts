import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** A program file that cannot be used. */
export class ProgramLoadError extends Error {
  override readonly name = 'ProgramLoadError';
}

/** The error for a module whose import failed: the message says what is wrong and at which line. */
export async function loadError(url: string, cause: unknown): Promise<ProgramLoadError> {
  const { message = String(cause), stack = '' } = cause instanceof Error ? cause : {};
  const syntaxError = isSyntaxError(cause) ? await locateSyntaxError(url) : undefined;
  const reason = isMissing(cause, url) ? 'there is no such file' : withoutOwnPath(message);
  const text = syntaxError ?? `${placeInStack(stack) ?? pathOf(url)}: cannot be loaded: ${reason}`;
  return new ProgramLoadError(text, { cause });
}

/** The module itself is not there, rather than one that it imports. */
function isMissing(cause: unknown, url: string): boolean {
  const { code, url: missing } = (cause ?? {}) as { code?: string; url?: string };
  return (
    code === 'ERR_MODULE_NOT_FOUND' && missing !== undefined && pathOf(missing) === pathOf(url)
  );
}

/** Node.js says which file imports a module that is not there: of no use where it is one of this package. */
function withoutOwnPath(message: string): string {
  const own = fileURLToPath(new URL('..', import.meta.url));
  const [line] = message.split('\n');
  const at = line!.indexOf(` imported from ${own}`);
  return at < 0 ? line! : line!.slice(0, at);
}

/** What a module's URL is to its author. */
export function pathOf(url: string): string {
  return url.startsWith('file:') ? fileURLToPath(url.replace(/\?.*$/, '')) : url;
}

function isSyntaxError(error: unknown): boolean {
  // Node.js's own type stripping has an error class of its own.
  const { code } = error as { code?: string };
  return error instanceof SyntaxError || code === 'ERR_INVALID_TYPESCRIPT_SYNTAX';
}

/** The first place in a stack that is not in this package: `/home/me/program.ts:3:14`. */
function placeInStack(stack: string): string | undefined {
  const own = new URL('..', import.meta.url).href;
  for (const [, url, place] of stack.matchAll(/(file:[^\s()]+?)((?::[0-9]+)+)/g)) {
    if (!url!.startsWith(own)) return `${pathOf(url!)}${place}`;
  }
  return undefined;
}

/** V8 keeps the place of a syntax error to itself. Undefined where the module itself is right: one that it imports is not. */
async function locateSyntaxError(url: string): Promise<string | undefined> {
  const { stripTypes } = await import('./stripTypes.js');
  try {
    stripTypes(readFileSync(pathOf(url), 'utf8'), pathOf(url));
    return undefined;
  } catch (error) {
    return error instanceof SyntaxError ? error.message : undefined;
  }
}
