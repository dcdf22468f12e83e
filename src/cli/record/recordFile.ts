import { closeSync, fstatSync, openSync, renameSync, statSync } from 'node:fs';
import { UsageError } from '../usageError.js';

/** As perf creates it: what is traced may be private. */
const MODE = 0o600;

/**
 * Opens the file of `-o` for writing; one that is there with something in it becomes `PATH.old`, as with perf.
 *
 * @returns a descriptor
 * @throws UsageError where it is none that can be written at any position
 */
export function openRecordFile(path: string): number {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found?.isDirectory()) throw new UsageError(`-o ${path}: expected a file, found a directory`);
  if (found?.isFile() && found.size > 0) renameSync(path, `${path}.old`);
  const fd = openSync(path, 'w', MODE);
  const stats = fstatSync(fd);
  if (stats.isFIFO() || stats.isSocket()) {
    closeSync(fd);
    throw new UsageError(`-o ${path}: expected a file, found a pipe`);
  }
  return fd;
}
