import type { OutputForm } from '../../src/bpftool/mapDump.js';
import type { DumpDetail } from '../../src/bpftool/programDump.js';

/** The maps of test/fixtures/bpf/bpftool.bpf.c. */
export const MAPS = [
  'bare',
  'bare_array',
  'bare_long',
  'bare_per_cpu',
  'bloom',
  'bpftool.bss',
  'bpftool.data',
  'bpftool.rodata',
  'counts',
  'cpus',
  'flows',
  'inner',
  'jumps',
  'maps',
  'per_cpu',
  'perf',
  'ports',
  'ports_by_name_that_is_long',
  'queue',
  'ring',
  'routes',
  'sockets',
] as const;

/** Keys of 4 bytes, some of them of no entry. */
const LOOKUPS = [
  ['counts', 2],
  ['counts', 3],
  ['per_cpu', 1],
  ['bare', 1],
  ['bare', 9],
  ['bare_array', 0],
  ['ports', 0],
  ['ports', 1],
] as const;

/** A program without maps or helpers: a kernel's verifier leaves it as it is. */
export const PROGRAM = 'jumped';

/** One output of bpftool that ours is compared with. */
export type Asked =
  | { readonly what: 'map'; readonly action: 'show' | 'dump'; readonly name: string }
  | {
      readonly what: 'map';
      readonly action: 'lookup';
      readonly name: string;
      readonly key: number;
    }
  | {
      readonly what: 'prog';
      readonly action: 'show' | 'dump';
      readonly name: string;
      readonly detail?: DumpDetail;
    };

export const forms = ['plain', 'json', 'pretty'] as const satisfies readonly OutputForm[];

export const asked: readonly Asked[] = [
  ...MAPS.map((name): Asked => ({ what: 'map', action: 'show', name })),
  ...MAPS.map((name): Asked => ({ what: 'map', action: 'dump', name })),
  ...LOOKUPS.map(([name, key]): Asked => ({ what: 'map', action: 'lookup', name, key })),
  { what: 'prog', action: 'show', name: PROGRAM },
  { what: 'prog', action: 'dump', name: PROGRAM },
  { what: 'prog', action: 'dump', name: PROGRAM, detail: 'opcodes' },
  { what: 'prog', action: 'dump', name: PROGRAM, detail: 'linum' },
];

/** What names an output in the recorded file. */
export function titleOf(output: Asked, form: OutputForm): string {
  const detail = 'detail' in output ? ` ${output.detail}` : 'key' in output ? ` ${output.key}` : '';
  return `${output.what} ${output.action} ${output.name}${detail}, ${form}`;
}

/** The text without numbers that differ from run to run, and what only a real kernel knows. */
export function normalized(text: string, isReference: boolean): string {
  return (
    text
      .replace(/ {2}memlock \d+B/g, '')
      .replace(/ *"bytes_memlock": ?\d+,\n?/g, '')
      .replace(/^\d+: (?=\w+ {2}name)/gm, 'N: ')
      .replace(/("(?:id|btf_id|loaded_at|uid|bytes_jited)": ?)\d+/g, '$1N')
      .replace(/("map_ids": ?\[)[\d,]+/g, '$1N')
      .replace(/map_ids [\d,]+/g, 'map_ids N')
      .replace(/btf_id \d+/g, 'btf_id N')
      .replace(/loaded_at \S+ {2}uid \d+/g, 'loaded_at N')
      .replace(/ {2}jited \d+B/g, '  jited N')
      // What stands in a map of maps or programs is an id.
      .replace(
        isReference ? /(value: )(?:[0-9a-f]{2} ?){4}|("value": ?\[)(?:"0x..",?){4}/g : /(?!)/,
        '$1$2N',
      )
  );
}

export function holdsIds({ what, name }: Asked): boolean {
  return what === 'map' && (name === 'maps' || name === 'jumps');
}
