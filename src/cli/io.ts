import { EXIT } from './exit.js';

/** Where a command writes. */
export interface Io {
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * A reader that goes away (`xdpemu ... | head`) is no failure: what it did not want is dropped, and the command ends as
 * it would have. Output that cannot be written otherwise (a full disk) ends it, in a line.
 */
export function tolerateClosedPipes({ stdout, stderr }: Io): void {
  for (const stream of [stdout, stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') return;
      if (stream !== stderr) stderr.write(`xdpemu: output cannot be written: ${error.message}\n`);
      process.exit(EXIT.USAGE);
    });
  }
}
