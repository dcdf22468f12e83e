import { MapType } from '../arena/layout.generated.js';
import { mapTypeName } from '../bpf/spec/mapType.js';
import type { JsonValue } from './json.js';
import type { ShownMap } from './maps.js';

/** Of a PROG_ARRAY. Its programs are compiled before they run, as by a kernel with a JIT. */
const OWNER_TYPE = 'xdp';

/**
 * What `bpftool map show -j` has of a map (map.c:show_map_close_json). Without `bytes_memlock`, which it leaves out where
 * the kernel does not tell it.
 */
export function mapJson({ map, types }: ShownMap): JsonValue {
  const { keySize, valueSize, maxEntries, name = '' } = map.attributes;
  return {
    id: map.id,
    type: mapTypeName(map.type)!,
    ...(name !== '' && { name }),
    flags: map.infoFlags,
    bytes_key: keySize,
    bytes_value: valueSize,
    max_entries: maxEntries,
    ...(map.type === MapType.PROG_ARRAY && {
      owner_prog_type: OWNER_TYPE,
      owner_jited: true,
    }),
    frozen: map.frozen ? 1 : 0,
    ...(types && { btf_id: types.btfId }),
  };
}

/** What `bpftool map show` prints of a map (`show_map_close_plain`). */
export function mapText({ map, types }: ShownMap): string {
  const { keySize, valueSize, maxEntries, name = '' } = map.attributes;
  const lines = [
    `${map.id}: ${mapTypeName(map.type)}  ${name === '' ? '' : `name ${name}  `}flags 0x${map.infoFlags.toString(16)}`,
    `key ${keySize}B  value ${valueSize}B  max_entries ${maxEntries}`,
  ];
  if (map.type === MapType.PROG_ARRAY) {
    lines.push(`owner_prog_type ${OWNER_TYPE}  owner jited`);
  }
  const last = [...(types ? [`btf_id ${types.btfId}`] : []), ...(map.frozen ? ['frozen'] : [])];
  if (last.length > 0) lines.push(last.join('  '));
  return `${lines.join('\n\t')}\n`;
}
