import { BpfError } from '../maps/errno.js';
import { formatPath } from '../scenario/error.js';
import type { MapSpec } from '../scenario/scenario.js';

/** Types whose keys are any bytes, or that have none: what is full is the map. */
const UNORDERED: ReadonlySet<MapSpec['type']> = new Set([
  'hash',
  'percpu_hash',
  'lru_hash',
  'lru_percpu_hash',
  'lpm_trie',
  'devmap_hash',
  'queue',
  'stack',
]);

export interface RefusedEntry {
  readonly map: string;
  readonly spec: MapSpec;
  readonly index: number;
  /** As the document has it; undefined in maps without keys. */
  readonly key: number | string | undefined;
  readonly nrCpus: number;
}

/** The error for an entry of a scenario that the kernel refuses, with its place in the document and the reason in words. */
export function entryRefusal({ errno, code, syscall }: BpfError, entry: RefusedEntry): BpfError {
  const path = formatPath(['maps', entry.map, 'entries', entry.index]);
  return new BpfError(errno, syscall, `${path}: ${reasonOf(code, entry)}`);
}

function reasonOf(code: string, { spec, key, nrCpus }: RefusedEntry): string {
  const { type } = spec;
  const maxEntries = 'maxEntries' in spec ? spec.maxEntries : 0;
  const isFull = code === 'E2BIG' || code === 'ENOSPC';
  if (isFull && UNORDERED.has(type)) {
    const entries = maxEntries === 1 ? 'entry' : 'entries';
    return `expected at most ${maxEntries} ${entries} in the map (max_entries), found one more`;
  }
  if (code === 'E2BIG') {
    const index = typeof key === 'string' ? Buffer.from(key, 'hex').readUInt32LE() : key;
    return `expected a key below max_entries (${maxEntries}), found ${index}`;
  }
  if (code === 'ENODEV' && type === 'cpumap') {
    return `expected the number of a CPU, 0 to ${nrCpus - 1} (cpus), found ${key}`;
  }
  if (code === 'EINVAL' && 'entries' in spec && 'program' in (spec.entries[0] ?? {})) {
    return 'expected a program like those that use the map (attach, frags), found one that is not';
  }
  return `expected an entry that a ${type} takes, found key ${key}`;
}
