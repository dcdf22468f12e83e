import { spawnSync } from 'node:child_process';
import * as assert from 'uvu/assert';

export const isPerfInstalled = spawnSync('perf', ['--version']).status === 0;
if (!isPerfInstalled)
  console.log('perf is not installed: what it makes of our perf.data is skipped');

/** Standard output of `perf args`; anything that it complains of fails. */
export function perf(args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync('perf', args, {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  assert.is(stderr, '', `perf ${args.join(' ')}`);
  assert.is(status, 0);
  return stdout;
}

/** How often `perf script` prints each event; those that it does not are left out. */
export function scriptCounts(path: string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const [, name] of perf(['script', '-i', path, '-F', 'event']).matchAll(/xdp:(\w+):/g)) {
    counts[name!] = (counts[name!] ?? 0) + 1;
  }
  return counts;
}
