import { hint } from '../../scenario/suggest.js';
import { SYSTEM, type TracepointInfo, xdpEventsOf } from '../../trace/tracepoints.js';
import { UsageError } from '../usageError.js';

/** The oldest kernel that there is a profile of; it has events that went since. */
const OLDEST = 601;

/**
 * The events that perf's `-e` selects: `xdp:NAME`, where both may have `*`, `?` and `[...]`, several with commas between
 * them. Several of one list may be the same, as with perf.
 *
 * @param lists one for each `-e`
 * @param version of the kernel, `major * 100 + minor`
 * @throws UsageError
 */
export function selectEvents(lists: readonly string[], version: number): TracepointInfo[] {
  return lists.flatMap((list) => list.split(',')).flatMap((item) => eventsOf(item, version));
}

function eventsOf(item: string, version: number): readonly TracepointInfo[] {
  const [system, pattern, ...more] = item.split(':');
  if (pattern === undefined || pattern === '' || more.length > 0 || /[{}/]/.test(item)) {
    const expected = `expected ${SYSTEM}:NAME, without modifiers or groups`;
    throw new UsageError(`-e ${item}: ${expected}, found ${JSON.stringify(item)}`);
  }
  if (!glob(system!).test(SYSTEM)) {
    throw new UsageError(`-e ${item}: expected the system ${SYSTEM}, found ${system}`);
  }
  const events = xdpEventsOf(version);
  const found = events.filter(({ name }) => glob(pattern).test(name));
  if (found.length > 0) return found;
  if (xdpEventsOf(OLDEST).some(({ name }) => glob(pattern).test(name))) {
    const gone = 'Linux 6.18 has no such event, 6.1 has it';
    throw new UsageError(`-e ${item}: ${gone}: leave it out, or add --kernel 6.1 to run`);
  }
  const names = events.map(({ name }) => name);
  throw new UsageError(`-e ${item}: no such event; ${hint(pattern, names)}`);
}

/** perf's globs (tools/lib/string.c:strglobmatch). */
function glob(pattern: string): RegExp {
  const parts = pattern.split(/(\*|\?|\[!?[^\]]+\])/);
  const sources = parts.map((part, index) => {
    if (index % 2 === 0) return part.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');
    if (part === '*') return '.*';
    if (part === '?') return '.';
    return part.replace('[!', '[^').replaceAll('\\', '\\\\');
  });
  return new RegExp(`^${sources.join('')}$`);
}
