import * as v from 'valibot';
import { closed, integer, list, matching, oneOf, optional, required, text } from './blocks.js';
import { deviceName } from './device.js';

const U32_MAX = 2 ** 32 - 1;
/** MAX_BPF_STACK: a program's key has to fit on its stack. */
const KEY_SIZE_MAX = 512;
/** KMALLOC_MAX_SIZE with 4 KiB pages. */
const VALUE_SIZE_MAX = 4 * 2 ** 20;

/** Slots of a cpumap entry's ring where the document does not say. */
export const DEFAULT_QSIZE = 2048;

/** Bytes in the order of memory; pairs of digits may be set apart by spaces or colons. */
const HEX = /^[0-9A-Fa-f]{2}(?:[ :]?[0-9A-Fa-f]{2})*$/;
const BYTES_PHRASE = 'a number or a string of hex bytes';

/** A key or value: its bytes in hex, or a number for the little-endian integer of that size. */
function bytes() {
  const number = v.pipe(
    v.number(BYTES_PHRASE),
    v.integer(BYTES_PHRASE),
    v.minValue(0, BYTES_PHRASE),
    v.maxValue(Number.MAX_SAFE_INTEGER, BYTES_PHRASE),
  );
  return v.union([number, matching(HEX, BYTES_PHRASE)], BYTES_PHRASE);
}

const maxEntriesOf = (defaultIs: string) =>
  optional(`Largest number of entries. Default: ${defaultIs}.`, integer(1, U32_MAX));

const valueSizeOf = (plain: string) =>
  optional(`Bytes of a value: 8, or 4 for ${plain} alone, without a program.`, oneOf([4, 8]), 8);

const program = (attach: string) =>
  optional(`Program of the entry (attach type "${attach}").`, text('the name of a program'));

/** What a map starts with, none by default. */
const entriesOf = <const E extends v.ObjectEntries>(
  fields: E,
  description = 'Entries to start with, written in this order.',
) => optional(description, list(closed(fields)), []);

const PlainMapSchema = closed({
  type: required(
    'BPF_MAP_TYPE_*.',
    oneOf([
      'array',
      'hash',
      'percpu_array',
      'percpu_hash',
      'lru_hash',
      'lru_percpu_hash',
      'lpm_trie',
    ]),
  ),
  keySize: optional('Bytes of a key.', integer(1, KEY_SIZE_MAX), 4),
  valueSize: required('Bytes of a value; of one CPU in a per-CPU map.', integer(1, VALUE_SIZE_MAX)),
  maxEntries: required('Largest number of entries.', integer(1, U32_MAX)),
  entries: entriesOf(
    {
      key: required('Bytes in hex, or a number: little-endian, of the size of a key.', bytes()),
      value: required('Bytes in hex, or a number: little-endian, of the size of a value.', bytes()),
    },
    'Entries to start with, written in this order; in a per-CPU map every CPU gets the value.',
  ),
});

const KeylessMapSchema = closed({
  type: required('BPF_MAP_TYPE_*: a map without keys.', oneOf(['queue', 'stack', 'bloom_filter'])),
  valueSize: required('Bytes of a value.', integer(1, VALUE_SIZE_MAX)),
  maxEntries: required('Largest number of entries.', integer(1, U32_MAX)),
  entries: entriesOf(
    {
      value: required('Bytes in hex, or a number: little-endian, of the size of a value.', bytes()),
    },
    'Values to start with, pushed in this order.',
  ),
});

const RingbufSchema = closed({
  type: required('BPF_MAP_TYPE_RINGBUF.', oneOf(['ringbuf'])),
  maxEntries: required(
    'Bytes of the ring: a power of two, and whole pages of 4096.',
    integer(1, U32_MAX),
  ),
});

const PerfEventArraySchema = closed({
  type: required('BPF_MAP_TYPE_PERF_EVENT_ARRAY.', oneOf(['perf_event_array'])),
  maxEntries: maxEntriesOf('the number of CPUs'),
});

const ProgArraySchema = closed({
  type: required('BPF_MAP_TYPE_PROG_ARRAY.', oneOf(['prog_array'])),
  maxEntries: maxEntriesOf('as many as the entries need, at least 1'),
  entries: entriesOf({
    key: required('Index.', integer(0, U32_MAX)),
    program: required('Program that a tail call goes to.', text('the name of a program')),
  }),
});

const MapOfMapsSchema = closed({
  type: required(
    "BPF_MAP_TYPE_ARRAY_OF_MAPS or BPF_MAP_TYPE_HASH_OF_MAPS: only to size an eBPF object's map of the same name.",
    oneOf(['array_of_maps', 'hash_of_maps']),
  ),
  maxEntries: required('Largest number of entries.', integer(1, U32_MAX)),
});

const CpumapSchema = closed({
  type: required('BPF_MAP_TYPE_CPUMAP.', oneOf(['cpumap'])),
  maxEntries: maxEntriesOf('the number of CPUs'),
  valueSize: valueSizeOf('the queue size'),
  entries: entriesOf({
    key: required('CPU.', integer(0, U32_MAX)),
    qsize: optional("Slots of the entry's ring.", integer(1, 16384), DEFAULT_QSIZE),
    program: program('xdp/cpumap'),
  }),
});

const DevmapSchema = closed({
  type: required(
    'BPF_MAP_TYPE_DEVMAP or BPF_MAP_TYPE_DEVMAP_HASH.',
    oneOf(['devmap', 'devmap_hash']),
  ),
  maxEntries: maxEntriesOf('as many as the entries need, at least 1'),
  valueSize: valueSizeOf('the ifindex'),
  entries: entriesOf(
    {
      key: required('Index or key.', integer(0, U32_MAX)),
      device: required('Name of the device it leads to.', deviceName()),
      program: program('xdp/devmap'),
    },
    'Entries to start with, written in this order, which is the order of a broadcast from a devmap_hash.',
  ),
});

const XskmapSchema = closed({
  type: required('BPF_MAP_TYPE_XSKMAP.', oneOf(['xskmap'])),
  maxEntries: maxEntriesOf('as many as the entries need, at least 1'),
  entries: entriesOf({
    key: required('Index.', integer(0, U32_MAX)),
    socket: required('Name of the socket it leads to.', text('the name of a socket')),
  }),
});

const mapSchemas = [
  PlainMapSchema,
  KeylessMapSchema,
  RingbufSchema,
  PerfEventArraySchema,
  ProgArraySchema,
  MapOfMapsSchema,
  CpumapSchema,
  DevmapSchema,
  XskmapSchema,
] as const;

export const MapSchema = v.variant(
  'type',
  mapSchemas,
  `one of ${mapSchemas.flatMap(({ entries }) => entries.type.options.map((type) => `"${type}"`)).join(', ')}`,
);

export type PlainMapDeclared = v.InferOutput<typeof PlainMapSchema>;
export type KeylessMapDeclared = v.InferOutput<typeof KeylessMapSchema>;
export type RingbufDeclared = v.InferOutput<typeof RingbufSchema>;
export type PerfEventArrayDeclared = v.InferOutput<typeof PerfEventArraySchema>;
export type ProgArrayDeclared = v.InferOutput<typeof ProgArraySchema>;
export type MapOfMapsDeclared = v.InferOutput<typeof MapOfMapsSchema>;
export type CpumapDeclared = v.InferOutput<typeof CpumapSchema>;
export type DevmapDeclared = v.InferOutput<typeof DevmapSchema>;
export type XskmapDeclared = v.InferOutput<typeof XskmapSchema>;
