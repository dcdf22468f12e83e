import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

let collect: (() => void) | undefined;

/**
 * A full collection of this thread's garbage. V8 does not count what a shared memory takes, so that a thread that makes
 * little other garbage would keep the arena of every machine that it has ever worked for.
 */
export function collectGarbage(): void {
  if (collect === undefined) {
    // The flag is the process's: another thread may need it at this moment, so it stays.
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc') as () => void;
  }
  collect();
}
