import { userInfo } from 'node:os';
import type { JsonValue } from './json.js';
import type { ShownProgram } from './programs.js';

/** What `bpftool prog show -j` has of a program (prog.c:print_prog_json). */
export function programJson({ id, name, loadedAtMs, code }: ShownProgram): JsonValue {
  return {
    id,
    type: 'xdp',
    name,
    ...(code && { tag: code.tag, gpl_compatible: code.isGpl }),
    loaded_at: Math.floor(loadedAtMs / 1000),
    uid: userInfo().uid,
    ...(code && {
      bytes_xlated: code.instructions.length,
      jited: true,
      bytes_jited: code.compiled.moduleBytes,
    }),
    ...(code && code.mapIds.length > 0 && { map_ids: code.mapIds }),
    ...(code?.btf && { btf_id: code.btf.id }),
  };
}

/** What `bpftool prog show` prints of a program (`print_prog_plain`). */
export function programText({ id, name, loadedAtMs, code }: ShownProgram): string {
  const head = [`${id}: xdp`, `name ${name}`];
  const lines = [`loaded_at ${localTime(loadedAtMs)}  uid ${userInfo().uid}`];
  if (code !== undefined) {
    head.push(`tag ${code.tag}`, ...(code.isGpl ? ['gpl'] : []));
    const { instructions, compiled, mapIds, btf } = code;
    const sizes = [`xlated ${instructions.length}B`, `jited ${compiled.moduleBytes}B`];
    if (mapIds.length > 0) sizes.push(`map_ids ${mapIds.join(',')}`);
    lines.push(sizes.join('  '));
    if (btf !== undefined) lines.push(`btf_id ${btf.id}`);
  }
  return `${head.join('  ')}\n\t${lines.join('\n\t')}\n`;
}

/** `strftime` with `%FT%T%z`. */
function localTime(ms: number): string {
  const zone = -new Date(ms).getTimezoneOffset();
  const local = new Date(ms + zone * 60_000).toISOString().slice(0, 19);
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0');
  const minutes = Math.abs(zone);
  return `${local}${zone < 0 ? '-' : '+'}${two(minutes / 60)}${two(minutes % 60)}`;
}
