import { spawnSync } from 'node:child_process';
import { type Browser, launch } from 'puppeteer-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];

/** A browser of the system, undefined where there is none. */
export function findChromium(): string | undefined {
  for (const name of NAMES) {
    const { status, stdout } = spawnSync('which', [name], { encoding: 'utf8' });
    if (status === 0) return stdout.trim();
  }
  return undefined;
}

export function startChromium(executablePath: string): Promise<Browser> {
  // Root has no sandbox.
  return launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
}
