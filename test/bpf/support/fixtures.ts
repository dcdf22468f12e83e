import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const directory = fileURLToPath(new URL('../../../../test/fixtures/bpf/', import.meta.url));

/** Each source is built by the oldest and the newest compiler that the loader is held to. */
export const COMPILERS = ['clang14', 'clang19'] as const;
export type Compiler = (typeof COMPILERS)[number];

export function fixturePath(name: string, compiler: Compiler): string {
  return join(directory, compiler, `${name}.o`);
}

export function readFixture(name: string, compiler: Compiler): Uint8Array {
  return new Uint8Array(readFileSync(fixturePath(name, compiler)));
}

/** Lines of a fixture's C source. */
export function sourceLines(name: string): string[] {
  return readFileSync(join(directory, `${name}.bpf.c`), 'utf8').split('\n');
}

/** Paths of all built fixtures. */
export function allFixtures(): string[] {
  return COMPILERS.flatMap((compiler) =>
    readdirSync(join(directory, compiler))
      .filter((file) => file.endsWith('.o'))
      .map((file) => join(directory, compiler, file)),
  );
}

/** Paths of the built examples. */
export function exampleObjects(): string[] {
  const examples = fileURLToPath(new URL('../../../../examples/bpf/', import.meta.url));
  return readdirSync(examples)
    .filter((file) => file.endsWith('.o'))
    .map((file) => join(examples, file));
}

/** Paths of the objects that Debian's xdp-tools, libxdp1 and libxdp-dev install; empty where they are not. */
export function packagedObjects(): string[] {
  const root = '/usr/lib';
  if (!existsSync(root)) return [];
  return readdirSync(root)
    .map((machine) => join(root, machine, 'bpf'))
    .filter((bpf) => existsSync(bpf))
    .flatMap((bpf) => readdirSync(bpf).map((file) => join(bpf, file)))
    .filter((file) => file.endsWith('.o'));
}

/** A short name for messages: `clang14/core.o`. */
export function shortName(path: string): string {
  return path.startsWith(directory) ? path.slice(directory.length) : basename(path);
}
