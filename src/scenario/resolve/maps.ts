import { type PathKey, show } from '../error.js';
import { type Hex, hexOfNumber, normalizeHex } from '../hex.js';
import type {
  CpumapSpec,
  DevmapSpec,
  KeylessMapSpec,
  MapSpec,
  PlainMapSpec,
  ProgArraySpec,
  XskmapSpec,
} from '../scenario.js';
import type {
  CpumapDeclared,
  DevmapDeclared,
  KeylessMapDeclared,
  PlainMapDeclared,
  ProgArrayDeclared,
  XskmapDeclared,
} from '../schema/map.js';
import type { MapDeclared, ProgramDeclared, ScenarioDeclared } from '../schema/scenario.js';
import { type Checks, compact } from './checks.js';

const U32_MAX = 2 ** 32 - 1;

/** Names and sizes only: whether the map can be made and takes these keys is for the map layer, which has an errno for it. */
export function resolveMaps(
  { maps }: ScenarioDeclared,
  cpuCount: number,
  checks: Checks,
): Readonly<Record<string, MapSpec>> {
  const resolved = Object.entries(maps).map(([name, map]) => {
    return [name, resolveMap(['maps', name], map, cpuCount, checks)] as const;
  });
  return Object.fromEntries(resolved);
}

function resolveMap(
  path: readonly PathKey[],
  map: MapDeclared,
  cpuCount: number,
  checks: Checks,
): MapSpec {
  switch (map.type) {
    case 'cpumap':
      return resolveCpumap(path, map, cpuCount, checks);
    case 'devmap':
    case 'devmap_hash':
      return resolveDevmap(path, map, checks);
    case 'xskmap':
      return resolveXskmap(path, map, checks);
    case 'queue':
    case 'stack':
    case 'bloom_filter':
      return resolveKeylessMap(path, map, checks);
    case 'prog_array':
      return resolveProgArray(path, map, checks);
    case 'perf_event_array':
      return { ...map, maxEntries: map.maxEntries ?? cpuCount };
    case 'ringbuf':
    case 'array_of_maps':
    case 'hash_of_maps':
      return map;
    default:
      return resolvePlainMap(path, map, checks);
  }
}

function resolvePlainMap(
  path: readonly PathKey[],
  map: PlainMapDeclared,
  checks: Checks,
): PlainMapSpec {
  const entries = map.entries.map(({ key, value }, index) => ({
    key: resolveBytes([...path, 'entries', index, 'key'], key, map.keySize, checks),
    value: resolveBytes([...path, 'entries', index, 'value'], value, map.valueSize, checks),
  }));
  return { ...map, entries };
}

function resolveKeylessMap(
  path: readonly PathKey[],
  map: KeylessMapDeclared,
  checks: Checks,
): KeylessMapSpec {
  const entries = map.entries.map(({ value }, index) => ({
    value: resolveBytes([...path, 'entries', index, 'value'], value, map.valueSize, checks),
  }));
  return { ...map, entries };
}

function resolveProgArray(
  path: readonly PathKey[],
  map: ProgArrayDeclared,
  checks: Checks,
): ProgArraySpec {
  for (const [index, { program }] of map.entries.entries()) {
    checks.program([...path, 'entries', index, 'program'], program);
  }
  return { ...map, maxEntries: map.maxEntries ?? sizeForKeys(map.entries) };
}

function resolveBytes(
  path: readonly PathKey[],
  value: number | string,
  size: number,
  checks: Checks,
): Hex {
  const hex = typeof value === 'number' ? hexOfNumber(value, size) : normalizeHex(value);
  if (hex?.length === 2 * size) return hex;
  const found = hex === undefined ? show(value) : `${bytes(hex.length / 2)}, ${show(value)}`;
  const expected =
    typeof value === 'number' ? `a number that fits into ${bytes(size)}` : bytes(size);
  checks.report(path, expected, found);
  return '';
}

function bytes(count: number): string {
  return count === 1 ? '1 byte' : `${count} bytes`;
}

function resolveCpumap(
  path: readonly PathKey[],
  map: CpumapDeclared,
  cpuCount: number,
  checks: Checks,
): CpumapSpec {
  checkPrograms(path, map, 'xdp/cpumap', checks);
  return {
    ...map,
    maxEntries: map.maxEntries ?? cpuCount,
    entries: map.entries.map(compact),
  };
}

function resolveDevmap(path: readonly PathKey[], map: DevmapDeclared, checks: Checks): DevmapSpec {
  checkPrograms(path, map, 'xdp/devmap', checks);
  for (const [index, { device }] of map.entries.entries()) {
    checks.device([...path, 'entries', index, 'device'], device);
  }
  const needed = map.type === 'devmap' ? sizeForKeys(map.entries) : Math.max(1, map.entries.length);
  return {
    ...map,
    maxEntries: map.maxEntries ?? needed,
    entries: map.entries.map(compact),
  };
}

function resolveXskmap(path: readonly PathKey[], map: XskmapDeclared, checks: Checks): XskmapSpec {
  for (const [index, { socket }] of map.entries.entries()) {
    checks.socket([...path, 'entries', index, 'socket'], socket);
  }
  return { ...map, maxEntries: map.maxEntries ?? sizeForKeys(map.entries) };
}

/** Entries that an array needs so that each of the keys is an index of it. */
function sizeForKeys(entries: readonly { readonly key: number }[]): number {
  const size = entries.reduce((most, { key }) => Math.max(most, key + 1), 1);
  return Math.min(size, U32_MAX);
}

function checkPrograms(
  path: readonly PathKey[],
  map: CpumapDeclared | DevmapDeclared,
  attach: ProgramDeclared['attach'],
  checks: Checks,
): void {
  for (const [index, { program }] of map.entries.entries()) {
    const at = [...path, 'entries', index, 'program'];
    checks.program(at, program, attach);
    if (program !== undefined && map.valueSize === 4) {
      checks.report(at, 'no program, since valueSize is 4', show(program));
    }
  }
}
