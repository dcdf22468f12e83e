import type { LedgerEntry, LedgerStep, ProgramStep, Target } from './entry.js';

/** A frame's way in one line, without what differs from frame to frame: frames with the same way had the same fate. */
export function wayOf({ steps, fate, sink }: LedgerEntry): string {
  const parts = steps.map(partOf).filter((part) => part !== undefined);
  const end = fate === null ? 'no fate' : `${fate}${sink === undefined ? '' : ` ${sink}`}`;
  return [...parts, end].join(' -> ');
}

function partOf(step: LedgerStep): string | undefined {
  switch (step.do) {
    case 'receive':
      return `${step.device} q${step.queue}`;
    case 'send':
      return `sent on ${step.device}`;
    case 'program':
      return programPart(step);
    case 'redirect_err':
      return step.errno;
    case 'copy':
      return 'copy';
    case 'left_out':
      return '...';
    case 'enqueue': {
      if (step.taken) return step.ring === 'socket' ? undefined : `ring of ${step.sink}`;
      if (step.errno !== undefined) return `${step.sink} ${step.errno}`;
      return step.longest === undefined ? `ring of ${step.sink} full` : `${step.sink} refuses it`;
    }
  }
}

function programPart({ program, action, to, refused }: ProgramStep): string {
  const target = to === undefined ? '' : ` ${targetText(to)}`;
  const key = refused?.map === undefined ? refused?.key : `${refused.map}[${refused.key}]`;
  return `${program} ${action}${target}${refused === undefined ? '' : ` (${key}: ${refused.errno})`}`;
}

/** `cpus[3]`, `every entry of ports`, `eth1`. */
export function targetText({ map, key, ifindex, device }: Target): string {
  if (map !== undefined) return key === undefined ? `every entry of ${map}` : `${map}[${key}]`;
  if (ifindex === undefined) return 'nowhere';
  return device ?? `ifindex ${ifindex}`;
}
