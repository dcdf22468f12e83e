import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Report } from '../../../src/report/report.js';

const MAIN = fileURLToPath(new URL('../../../src/cli/main.js', import.meta.url));
export const PACKAGE_FOLDER = fileURLToPath(new URL('../../../../', import.meta.url));
export const LAN_PCAP = join(PACKAGE_FOLDER, 'examples/lan.pcap');
export const LAN_FRAMES = 2002;

export interface CliResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A compiled program of `test/fixtures/programs`. */
export function programFile(name: string): string {
  return fileURLToPath(new URL(`../../fixtures/programs/${name}.js`, import.meta.url));
}

/** Starts `xdpemu args`. */
export function startCli(
  args: readonly string[],
  { cwd = PACKAGE_FOLDER, env = {} }: { cwd?: string; env?: Record<string, string> } = {},
): { readonly child: ChildProcess; readonly ended: Promise<CliResult> } {
  const child = spawn(process.execPath, [MAIN, ...args], { cwd, env: { ...process.env, ...env } });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const ended = new Promise<CliResult>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
  return { child, ended };
}

/** Runs `xdpemu args` to its end. */
export function cli(
  args: readonly string[],
  options: { cwd?: string; env?: Record<string, string> } = {},
): Promise<CliResult> {
  return startCli(args, options).ended;
}

/** `xdpemu run args --json`, and the object that it prints. */
export async function runJson(args: readonly string[]): Promise<CliResult & { report: Report }> {
  const result = await cli(['run', ...args, '--json']);
  return { ...result, report: JSON.parse(result.stdout || 'null') };
}

/** Gives `use` a folder that is gone afterwards. */
export async function withFolder<T>(use: (folder: string) => T | Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'xdpemu-test-'));
  try {
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
