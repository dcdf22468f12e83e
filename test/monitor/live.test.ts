import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { cli } from '../cli/support/cli.js';
import { intervalsOf, KernelWorld } from './support/kernelWorld.js';
import { OUTCOMES, writeOutcomeFrames } from './support/outcomeFrames.js';

const LABEL_WIDTH = 23;
const COLUMN = / *[0-9,]+(\.[0-9]{2})? (.{13})/g;

/** A line with its numbers as # where they end: labels, units, widths and decimals are left. */
function shape(line: string): string {
  const columns = line.slice(LABEL_WIDTH).replace(COLUMN, (all, decimals = '', unit: string) => {
    return `${`#${decimals.replace(/[0-9]/g, '#')}`.padStart(all.length - 14)} ${unit}|`;
  });
  return `${line.slice(0, LABEL_WIDTH)}${columns}`;
}

function shapes(interval: string): string[] {
  return interval.replace(/\n+$/, '').split('\n').map(shape);
}

/** Whether all of `lines` are among `all`, in their order. */
function isWithin(lines: readonly string[], all: readonly string[]): boolean {
  let found = 0;
  for (const line of all) if (line === lines[found]) found++;
  return found === lines.length;
}

/** What the emulator prints of the same program, devices, maps and frames. */
async function emulated(folder: string, options: readonly string[]): Promise<string> {
  const run = ['run', OUTCOMES, '--pcap', writeOutcomeFrames(folder), '--loop', '100'];
  const { stdout, stderr } = await cli(['monitor', '-i', '1000', ...options, '--', ...run]);
  assert.is(intervalsOf(stdout).length, 1, stderr);
  return stdout;
}

test("xdp-monitor's lines of a real kernel are the emulator's", async () => {
  if (process.getuid?.() !== 0 || cpus().length < 2) {
    console.log('  skipped: needs root and two CPUs');
    return;
  }
  const folder = mkdtempSync(join(tmpdir(), 'xdpemu-'));
  const world = new KernelWorld(folder);
  try {
    const problem = await world.start();
    if (problem !== undefined) {
      console.log(`  skipped: ${problem}`);
      return;
    }
    for (const options of [['-s', '-e'], ['-s'], ['-e'], []]) {
      const expected = await emulated(folder, options);
      const own = shapes(intervalsOf(expected)[0]!.replace(/^ {2}Duration.*/ms, ''));
      // Whatever else this kernel redirects meanwhile is in its lines, too, between ours.
      const hasAll = (interval: string) => isWithin(own, shapes(interval));
      const output = await world.watch(options, hasAll);
      if (/Failed to|not found|No such file/.test(output)) {
        console.log(`  skipped: ${output.trim()}`);
        return;
      }
      const last = intervalsOf(output).at(-1) ?? '';
      const message = `${options.join(' ')}: expected these lines in this order\n${own.join('\n')}\nfound`;
      assert.ok(intervalsOf(output).some(hasAll), `${message}\n${shapes(last).join('\n')}`);
      const titles = lastTitles(expected);
      assert.equal(
        lastTitles(output).filter((title) => titles.includes(title)),
        titles,
        options.join(' '),
      );
    }
  } finally {
    await world.stop();
    rmSync(folder, { recursive: true });
  }
});

/** Titles of the last lines; xdp-monitor up to 1.4 says no duration. */
function lastTitles(output: string): string[] {
  const titles = output.split('\n').map((line) => line.match(/^ {2}(\w[\w /]*\w) +: /)?.[1]);
  return titles.filter((title) => title !== undefined && title !== 'Duration') as string[];
}

test.run();
