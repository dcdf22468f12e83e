import { spawnSync } from 'node:child_process';

export const RECORDED_VERSION = 'v0.17.0';

export interface Outcome {
  readonly program: string;
  readonly isRefused: boolean;
  readonly stdout: string;
  /** Without what is about the system that bpftrace ran on. */
  readonly stderr: string;
}

/** Why the real tool cannot be asked; undefined where it can. */
export function whyNoBpftrace(): string | undefined {
  const { status, stdout } = spawnSync('bpftrace', ['--version'], { encoding: 'utf8' });
  if (status !== 0) return 'bpftrace is not installed';
  const [, version] = /(v[0-9.]+)/.exec(stdout) ?? [];
  if (version !== RECORDED_VERSION) return `bpftrace is ${version}, not ${RECORDED_VERSION}`;
  if (process.getuid?.() !== 0) return 'bpftrace wants root';
  const { stdout: text } = spawnSync('bpftrace', ['-e', 'BEGIN { exit(); }'], { encoding: 'utf8' });
  return text.startsWith('Attaching') ? undefined : 'bpftrace does not work on this kernel';
}

export function askBpftrace(program: string, options: readonly string[] = []): Outcome {
  const { status, stdout, stderr } = spawnSync('bpftrace', [...options, '-e', program], {
    encoding: 'utf8',
    timeout: 60_000,
  });
  const said = stderr.replace(/^ERROR: Unknown error -1: couldn't set RLIMIT_MEMLOCK.*\n/m, '');
  return { program, isRefused: status !== 0, stdout, stderr: said };
}
