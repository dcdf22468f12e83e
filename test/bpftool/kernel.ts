import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { OutputForm } from '../../src/bpftool/mapDump.js';
import { FILLING, OBJECT } from './ours.js';
import { type Asked, asked, forms, titleOf } from './outputs.js';

/** Whether there are a bpftool, and a kernel that lets us. */
export function canAskKernel(): boolean {
  if (process.getuid?.() !== 0) return false;
  return ['bpftool version', 'taskset --version'].every((command) => {
    const [name, ...args] = command.split(' ');
    return spawnSync(name!, args).status === 0;
  });
}

/** CPUs that per-CPU maps of this machine have values for. */
export function possibleCpus(): number {
  const [, last = '0'] = /(\d+)\s*$/.exec(
    readFileSync('/sys/devices/system/cpu/possible', 'utf8'),
  )!;
  return Number(last) + 1;
}

/** Loads the fixture into this machine's kernel, lets it see one frame, and asks the real bpftool. By `titleOf`. */
export function kernelOutputs(): Map<string, string> {
  const pins = `/sys/fs/bpf/xdpemu-test-${process.pid}`;
  const folder = mkdtempSync(join(tmpdir(), 'xdpemu-bpftool-'));
  try {
    bpftool('prog', 'loadall', OBJECT, pins, 'type', 'xdp', 'pinmaps', `${pins}/maps`);
    const frame = join(folder, 'frame');
    writeFileSync(frame, new Uint8Array(64));
    const run = ['prog', 'run', 'pinned', `${pins}/${FILLING}`, 'data_in', frame, 'repeat', '1'];
    command('taskset', ['-c', '0', 'bpftool', ...run]);
    update(`${pins}/maps/ports`, 0, [1, 0, 0, 0]);
    update(`${pins}/maps/ports_by_name_that_is_long`, 5, [1, 0, 0, 0, 0, 0, 0, 0]);
    update(`${pins}/maps/cpus`, 1, [64, 0, 0, 0, 0, 0, 0, 0]);
    return new Map(
      asked.flatMap((output) => {
        return forms.map((form) => [titleOf(output, form), ask(pins, output, form)] as const);
      }),
    );
  } finally {
    rmSync(pins, { recursive: true, force: true });
    rmSync(folder, { recursive: true });
  }
}

function update(pin: string, key: number, value: readonly number[]): void {
  const bytes = value.map(String);
  bpftool('map', 'update', 'pinned', pin, 'key', `${key}`, '0', '0', '0', 'value', ...bytes);
}

function ask(pins: string, output: Asked, form: OutputForm): string {
  const { what, action, name } = output;
  const options = form === 'plain' ? [] : [form === 'json' ? '-j' : '-p'];
  // Of a dot in a file's name bpffs knows nothing.
  const pin = what === 'map' ? `${pins}/maps/${name.replace('.', '_')}` : `${pins}/${name}`;
  const detail =
    'detail' in output
      ? [output.detail!]
      : 'key' in output
        ? ['key', `${output.key}`, '0', '0', '0']
        : [];
  const words = what === 'prog' && action === 'dump' ? [action, 'xlated'] : [action];
  // Of maps without keys the exit code is an errno: only the text counts.
  const args = [...options, what, ...words, 'pinned', pin, ...detail];
  return spawnSync('bpftool', args, { encoding: 'utf8' }).stdout;
}

function bpftool(...args: readonly string[]): void {
  command('bpftool', args);
}

function command(name: string, args: readonly string[]): void {
  const { status, stderr } = spawnSync(name, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${name} ${args.join(' ')}: ${stderr}`);
}
