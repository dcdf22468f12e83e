import {
  type Below,
  type Corrupter,
  type Corruption,
  corruptWith,
  otherThan,
  pick,
  unequalNeighbours,
  withIndex,
  withSwapped,
} from './corruption.js';
import type { MapResult, MapTrace } from './mapTrace.js';

const ERRNOS = [0, 1, 2, 7, 9, 12, 14, 16, 17, 19, 22, 75, 77, 88, 95, 524];

interface Change {
  readonly result: MapResult;
  readonly path: string;
}

/** Changes one random result among those that `change` applies to. */
function changeOne(
  change: (result: MapResult, below: Below) => Change | undefined,
): Corrupter<MapTrace> {
  return (trace, below) => {
    const applicable = [...trace.results.entries()].filter(([, result]) => change(result, () => 0));
    const [index, old] = pick(applicable, below) ?? [];
    const changed = old && change(old, below);
    if (index === undefined || !changed) return undefined;
    const { result, path } = changed;
    return {
      trace: { ...trace, results: withIndex(trace.results, index, result) },
      what: `${JSON.stringify(old)} became ${JSON.stringify(result)}`,
      place: { line: index + 2, path },
    };
  };
}

const wrongErrno = changeOne((result, below) => {
  if (result.errno === undefined) return undefined;
  const others = ERRNOS.filter((errno) => errno !== result.errno);
  return { result: { ...result, errno: others[below(others.length)] ?? 0 }, path: 'errno' };
});

/** Turns a hexadecimal digit, other than the last of nothing. */
function otherHex(hex: string, below: Below): string {
  const at = below(hex.length);
  const digit = (Number.parseInt(hex.charAt(at), 16) + 1 + below(15)) % 16;
  return hex.slice(0, at) + digit.toString(16) + hex.slice(at + 1);
}

const wrongValue = changeOne((result, below) => {
  if (!result.value) return undefined;
  const value = { ...result.value, raw: otherHex(result.value.raw, below) };
  return { result: { ...result, value }, path: 'value.raw' };
});

const wrongNextKey = changeOne((result, below) => {
  if (result.next === undefined) return undefined;
  return { result: { ...result, next: otherHex(result.next, below) }, path: 'next' };
});

const wrongInfo = changeOne((result, below) => {
  if (!result.info) return undefined;
  const [field, old] = pick(Object.entries(result.info), below) ?? [];
  if (field === undefined) return undefined;
  const info = { ...result.info, [field]: otherThan(old, below) };
  return { result: { ...result, info }, path: `info.${field}` };
});

const wrongCount = changeOne((result, below) => {
  if (result.countOut === undefined) return undefined;
  return { result: { ...result, countOut: result.countOut + 1 + below(3) }, path: 'countOut' };
});

const missingRemoval = changeOne((result) => {
  if (!result.removed?.length) return undefined;
  const removed = result.removed.slice(0, -1);
  return { result: { ...result, removed }, path: `removed[${removed.length}]` };
});

const swappedResults: Corrupter<MapTrace> = (trace, below) => {
  const errnos = trace.results.map((result) => result.errno);
  const candidates = unequalNeighbours(errnos).filter(
    (i) => errnos[i] !== undefined && errnos[i + 1] !== undefined,
  );
  const index = pick(candidates, below);
  if (index === undefined) return undefined;
  return {
    trace: { ...trace, results: withSwapped(trace.results, index) },
    what: `results of lines ${index + 2} and ${index + 3} swapped`,
    place: { line: index + 2, path: 'errno' },
  };
};

const CORRUPTERS = [
  wrongErrno,
  wrongValue,
  wrongNextKey,
  wrongInfo,
  wrongCount,
  missingRemoval,
  swappedResults,
];

/** Makes one random change to what a map trace expects; its operations stay as they are. */
export function corruptMapTrace(trace: MapTrace, below: Below): Corruption<MapTrace> {
  return corruptWith(CORRUPTERS, trace, below);
}
