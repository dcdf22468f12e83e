import { count, whole } from '../report/format.js';
import { fates } from '../trace/fates.js';
import type { EnqueueStep, LedgerStep, ProgramStep, RedirectErrorStep } from './entry.js';
import { targetText } from './way.js';

/** What a step means, in one sentence: the first rule of its kind that holds says it. */
export interface Rule<S> {
  readonly name: string;
  readonly holds: (step: S) => boolean;
  readonly says: (step: S) => string;
}

const always = () => true;

const programRules: readonly Rule<ProgramStep>[] = [
  {
    name: 'redirect without a target',
    holds: ({ action, to }) => action === 'XDP_REDIRECT' && to !== undefined && isNowhere(to),
    says: (step) =>
      `${whichProgram(step)} returned XDP_REDIRECT, but no helper had set a target${afterRefusal(step)}`,
  },
  {
    name: 'missing key, redirected all the same',
    holds: ({ action, refused }) => action === 'XDP_REDIRECT' && refused?.errno === 'ENOENT',
    says: (step) =>
      `${whichProgram(step)} asked for ${refusedText(step)}, which has no entry, and returned XDP_REDIRECT to ${targetText(step.to!)}`,
  },
  {
    name: 'redirect',
    holds: ({ action }) => action === 'XDP_REDIRECT',
    says: (step) => `${whichProgram(step)} returned XDP_REDIRECT to ${targetText(step.to!)}`,
  },
  {
    name: 'missing key',
    holds: ({ refused }) => refused?.errno === 'ENOENT',
    says: (step) =>
      `${whichProgram(step)} asked for ${refusedText(step)}, which has no entry, and returned ${step.action}: bpf_redirect_map() then returns the action in its flags, XDP_ABORTED if they are 0`,
  },
  {
    name: 'flags that the helper does not take',
    holds: ({ refused }) => refused !== undefined,
    says: (step) =>
      `${whichProgram(step)} asked for ${refusedText(step)} with flags that ${step.refused!.map === undefined ? 'bpf_redirect()' : 'bpf_redirect_map()'} does not take, and returned ${step.action}`,
  },
  {
    name: 'an action that does not exist',
    holds: ({ action }) => !action.startsWith('XDP_'),
    says: (step) =>
      `${whichProgram(step)} returned ${step.action}, which is no XDP action: as XDP_ABORTED`,
  },
  {
    name: 'any other action',
    holds: always,
    says: (step) => `${whichProgram(step)} returned ${step.action}`,
  },
];

const enqueueRules: readonly Rule<EnqueueStep>[] = [
  {
    name: 'cpumap entry takes it',
    holds: ({ ring, taken }) => ring === 'cpumap' && taken,
    says: (step) => `${cpumapEntry(step)} had ${slots(step)} taken: ${bulk(step)}`,
  },
  {
    name: 'cpumap entry is full',
    holds: ({ ring }) => ring === 'cpumap',
    says: (step) =>
      `${cpumapEntry(step)} had ${slots(step)} taken: ${bulk(step)}, this frame among them; raise qsize or add CPUs`,
  },
  {
    name: 'the device has no ndo_xdp_xmit',
    holds: ({ ring, errno }) => ring === 'device_bulk' && errno === 'EOPNOTSUPP',
    says: (step) => `${step.sink} has no ndo_xdp_xmit that would take this frame ${err(step)}`,
  },
  {
    name: 'the device is down',
    holds: ({ ring, errno }) => ring === 'device_bulk' && errno === 'ENETDOWN',
    says: (step) => `${step.sink} is down ${err(step)}`,
  },
  {
    name: 'longer than the MTU',
    holds: ({ ring }) => ring === 'device_bulk',
    says: (step) =>
      `${step.sink} takes ${whole(step.longest!)} bytes at most (its MTU, 14 and 4), the frame has ${whole(step.length!)} ${err(step)}`,
  },
  {
    name: 'ndo_xdp_xmit fails',
    holds: ({ ring, err: failed }) => ring === 'device' && failed !== undefined,
    says: (step) =>
      `ndo_xdp_xmit of ${step.sink} failed and took none of ${count(step.bulk!, 'frame')} ${err(step)}`,
  },
  {
    name: 'the device takes it',
    holds: ({ ring, taken }) => ring === 'device' && taken,
    says: (step) =>
      `ndo_xdp_xmit of ${step.sink} found ${slots(step)} of its ring taken: ${bulk(step)}`,
  },
  {
    name: 'ndo_xdp_xmit stops at a longer frame',
    holds: ({ ring, longest, depth, size, bulk: all, dropped }) =>
      ring === 'device' && longest !== undefined && depth! + all! - dropped! < size!,
    says: (step) =>
      `ndo_xdp_xmit of ${step.sink} stopped at a frame of ${whole(step.length!)} bytes, it takes ${whole(step.longest!)} at most: ${bulk(step)}`,
  },
  {
    name: 'the ring of the device is full',
    holds: ({ ring }) => ring === 'device',
    says: (step) =>
      `ndo_xdp_xmit of ${step.sink} found ${slots(step)} of its ring taken: ${bulk(step)}, this frame among them`,
  },
  {
    name: 'the socket takes it',
    holds: ({ taken }) => taken,
    says: (step) =>
      `socket ${step.sink} had ${slots(step)} of its RX ring taken and ${count(step.filled!, 'buffer')} to fill`,
  },
  {
    name: 'the fill ring is empty',
    holds: ({ errno }) => errno === 'ENOMEM',
    says: (step) =>
      `socket ${step.sink} had no buffer to fill: its FILL ring was empty ${err(step)}`,
  },
  {
    name: 'the RX ring is full',
    holds: ({ errno }) => errno === 'ENOBUFS',
    says: (step) => `socket ${step.sink} had ${slots(step)} of its RX ring taken ${err(step)}`,
  },
  {
    name: 'longer than the chunks',
    holds: ({ errno }) => errno === 'ENOSPC',
    says: (step) =>
      `socket ${step.sink} takes ${whole(step.longest!)} bytes at most (a chunk without its headroom), the frame has ${whole(step.length!)} ${err(step)}`,
  },
  {
    name: 'wrong queue',
    holds: ({ errno }) => errno === 'EINVAL',
    says: (step) =>
      `socket ${step.sink} is bound to queue ${step.queue} of its device, and the frame did not come in there ${err(step)}`,
  },
  {
    name: 'the socket is not bound',
    holds: always,
    says: (step) => `socket ${step.sink} is not bound ${err(step)}`,
  },
];

const redirectErrorRules: readonly Rule<RedirectErrorStep>[] = [
  {
    name: 'xdp_do_redirect fails',
    holds: always,
    says: (step) => {
      const known = fates.find(({ errno }) => errno === step.errno);
      const text = known === undefined ? '' : `: ${known.text.replace(/^.*?: /, '')}`;
      return `xdp_do_redirect failed ${err(step)}${text}`;
    },
  },
];

/** Every rule, by the kind of step. */
export const rules = {
  program: programRules,
  enqueue: enqueueRules,
  redirect_err: redirectErrorRules,
} as const;

/** The sentence of a step. */
export function sentenceOf(step: LedgerStep, isFirst: boolean): string {
  switch (step.do) {
    case 'receive':
      return isFirst
        ? `${step.device} received it on queue ${step.queue}`
        : `${step.device}, the peer, received it on queue ${step.queue}`;
    case 'send':
      return `an application sent it on ${step.device}`;
    case 'copy':
      return `a broadcast made copy ${step.copy}`;
    case 'left_out':
      return `${count(step.steps, 'step')} not kept: the frame goes round`;
    case 'program':
      return firstOf(programRules, step);
    case 'enqueue':
      return firstOf(enqueueRules, step);
    case 'redirect_err':
      return firstOf(redirectErrorRules, step);
  }
}

function firstOf<S>(of: readonly Rule<S>[], step: S): string {
  return of.find(({ holds }) => holds(step))!.says(step);
}

function isNowhere({ map, ifindex }: { readonly map?: string; readonly ifindex?: number }) {
  return map === undefined && ifindex === undefined;
}

function whichProgram({ program, hook, on }: ProgramStep): string {
  if (hook === 'cpumap') return `${program}(), the program of cpumap entry ${on.slice(4)},`;
  return `${program}(), the ${hook === 'devmap' ? 'devmap' : 'XDP'} program of ${on},`;
}

function refusedText({ refused }: ProgramStep): string {
  const { map, key } = refused!;
  return map === undefined ? `ifindex ${key}` : `${map}[${key}]`;
}

function afterRefusal(step: ProgramStep): string {
  return step.refused === undefined ? '' : ` (${refusedText(step)}: ${step.refused.errno})`;
}

function cpumapEntry({ map, key }: EnqueueStep): string {
  return `cpumap entry ${key} of ${map}`;
}

function slots({ depth, size }: EnqueueStep): string {
  return `${whole(depth!)} of ${whole(size!)} slots`;
}

function bulk({ bulk: all, dropped }: EnqueueStep): string {
  return `bulk of ${all}, ${dropped === 0 ? 'all taken' : `${dropped} dropped`}`;
}

function err({ err: number, errno }: { readonly err?: number; readonly errno?: string }): string {
  return `(${number}, ${errno})`;
}
