import type { TraceEvent } from '../machine/recordEvents.js';
import { actionNames } from '../trace/tracepointFormat.js';
import type { Tally } from './counts.js';

type Counted = Pick<TraceEvent, 'cpu' | 'fields'>;

/** The errno that has a row of its own, in the order of the rows; all others are in the first. */
export const errnoNames = [
  'Unknown',
  'EINVAL',
  'ENETDOWN',
  'EMSGSIZE',
  'EOPNOTSUPP',
  'ENOSPC',
] as const;
const namesByErrno: Readonly<Record<number, (typeof errnoNames)[number]>> = {
  22: 'EINVAL',
  100: 'ENETDOWN',
  90: 'EMSGSIZE',
  95: 'EOPNOTSUPP',
  28: 'ENOSPC',
};

/** Actions in the order of the rows; the last is for what is none. */
export const exceptionNames = [...actionNames.map((name) => `XDP_${name}`), 'XDP_UNKNOWN'] as const;

const counters: Readonly<Record<string, (tally: Tally, event: Counted) => void>> = {
  xdp_redirect_err: countRedirectError,
  xdp_redirect_map_err: countRedirectError,
  xdp_exception: countException,
  xdp_cpumap_enqueue: countEnqueue,
  xdp_cpumap_kthread: countKthread,
  xdp_devmap_xmit: countXmit,
};

/** What has to be recorded: nothing that fires for each frame that goes well. */
export const countedTracepoints: readonly string[] = Object.keys(counters);

/** Adds `event` to the sums that xdp-monitor would add it to; others are nothing to it. */
export function countTracepoint(tally: Tally, event: Pick<TraceEvent, 'name'> & Counted): void {
  counters[event.name]?.(tally, event);
}

function countRedirectError(tally: Tally, { cpu, fields }: Counted): void {
  const name = namesByErrno[-fields['err']!] ?? 'Unknown';
  tally.of('redirectErr', name, cpu).dropped++;
}

function countException(tally: Tally, { cpu, fields }: Counted): void {
  const name = exceptionNames[fields['action']! >>> 0] ?? 'XDP_UNKNOWN';
  tally.of('exception', name, cpu).dropped++;
}

function countEnqueue(tally: Tally, { cpu, fields }: Counted): void {
  const record = tally.of('enqueue', String(fields['to_cpu']), cpu);
  const processed = fields['processed']!;
  record.processed += processed;
  record.dropped += fields['drops']!;
  if (processed > 0) record.issue++;
}

function countKthread(tally: Tally, { cpu, fields }: Counted): void {
  const record = tally.of('kthread', '', cpu);
  record.processed += fields['processed']!;
  record.dropped += fields['drops']!;
  record.xdpPass += fields['xdp_pass']!;
  record.xdpDrop += fields['xdp_drop']!;
  record.xdpRedirect += fields['xdp_redirect']!;
  if (fields['sched'] !== 0) record.issue++;
}

function countXmit(tally: Tally, { cpu, fields }: Counted): void {
  const record = tally.of('xmit', `${fields['from_ifindex']}->${fields['to_ifindex']}`, cpu);
  const drops = fields['drops']!;
  record.processed += fields['sent']!;
  record.dropped += drops;
  record.info++;
  if (fields['err'] !== 0 || drops < 0) record.issue++;
}
