import { spawnSync } from 'node:child_process';

/**
 * Output of a program that a test compares with, or undefined where it is not installed; the test then passes and says
 * so.
 *
 * @throws Error when the program is there but fails
 */
export function runTool(command: string, args: readonly string[]): string | undefined {
  const result = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 1 << 28 });
  if (result.error !== undefined) {
    console.log(`  skipped: ${command} is not installed`);
    return undefined;
  }
  if (result.status !== 0) throw new Error(`${command} ${args.join(' ')}: ${result.stderr}`);
  return result.stdout;
}
