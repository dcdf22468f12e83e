import * as nodeModule from 'node:module';
import { isXdpProgram, type XdpProgram } from './define.js';
import { loadError, ProgramLoadError, pathOf } from './loadError.js';

const LOAD_TIMEOUT_MS = 10_000;

let hooks: Promise<void> | undefined;
/** Modules that could not be loaded before there were hooks: they stay failed under their own URL. */
const retried = new Set<string>();

/**
 * Imports a module that holds programs. TypeScript is stripped of its types where Node.js itself does not do it, and
 * `xdpemu` resolves to this package where the module's own folder has none installed.
 */
export async function importProgramModule(url: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    if (!retried.has(url)) return await imported(url);
  } catch (error) {
    if (!needsHooks(error)) throw await loadError(url, error);
    retried.add(url);
  }
  hooks ??= registerHooks();
  await hooks;
  try {
    return await imported(`${url}?xdpemu`);
  } catch (error) {
    throw await loadError(url, error);
  }
}

/** `registerHooks` is there from Node.js 22.15 on; what it takes the place of needs a thread, and is deprecated in 26. */
async function registerHooks(): Promise<void> {
  const { registerHooks: register } = nodeModule as { registerHooks?: (hooks: object) => void };
  if (register === undefined) nodeModule.register(new URL('./loaderHooks.js', import.meta.url));
  else register(await import('./loaderHooks.js'));
}

/** A module that waits at its top level for what never comes must not keep everybody waiting. */
async function imported(url: string): Promise<Readonly<Record<string, unknown>>> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const reason = `it did not finish loading within ${LOAD_TIMEOUT_MS / 1000} s`;
    timer = setTimeout(() => reject(new Error(reason)), LOAD_TIMEOUT_MS);
  });
  try {
    return await Promise.race([import(url), late]);
  } finally {
    clearTimeout(timer);
  }
}

function needsHooks(error: unknown): boolean {
  const { code, message } = error as { code?: string; message?: string };
  return (
    code === 'ERR_UNKNOWN_FILE_EXTENSION' ||
    code === 'ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING' ||
    (code === 'ERR_MODULE_NOT_FOUND' && message?.includes("'xdpemu'") === true)
  );
}

/** The program that `module` exports as `name`. Throws ProgramLoadError. */
export function programOf(
  module: Readonly<Record<string, unknown>>,
  url: string,
  name: string,
): XdpProgram {
  const value = module[name];
  if (isXdpProgram(value)) return value;
  throw noProgram(url, name, kindsOfExports(module));
}

/** What each export of a module is: `program`, or what `typeof` says. */
export function kindsOfExports(module: Readonly<Record<string, unknown>>): Record<string, string> {
  const kinds = Object.entries(module).map(([name, value]) => {
    return [name, isXdpProgram(value) ? 'program' : typeof value] as const;
  });
  return Object.fromEntries(kinds);
}

/** The error for a module in which `name` is no program. */
export function noProgram(
  url: string,
  name: string,
  exports: Readonly<Record<string, string>>,
): ProgramLoadError {
  const programs = Object.keys(exports).filter((key) => exports[key] === 'program');
  return new ProgramLoadError(
    `${pathOf(url)}: expected export "${name}" to be an XDP program (defineXdp), found ${exports[name] ?? 'no such export'}` +
      (programs.length > 0 ? `; its programs are ${programs.join(', ')}` : ''),
  );
}
