import { functionSignature } from '../bpf/btf/signature.js';
import { formatInsn } from '../bpf/disasm.js';
import { decode, type Insn } from '../bpf/isa/decode.js';
import { PSEUDO_MAP_FD, PSEUDO_MAP_VALUE } from '../bpf/spec/insn.js';
import type { ProgramLine } from '../bpf/spec/objectSpec.js';
import { helperName } from '../program/helperTable.js';
import { hexStrings, hexText } from './hex.js';
import type { JsonValue } from './json.js';
import type { ShownCode } from './programs.js';

/** What is shown beside the instructions. */
export type DumpDetail = 'opcodes' | 'linum';

const SLOT_BYTES = 8;

/** One instruction with what stands before it. */
interface DumpedInsn {
  /** Declaration of the function that begins here. */
  readonly signature: string | undefined;
  readonly line: ProgramLine | undefined;
  readonly slot: number;
  readonly disasm: string;
  readonly bytes: Uint8Array;
}

/** What `bpftool prog dump xlated` prints (xlated_dumper.c:dump_xlated_plain). */
export function dumpText(code: ShownCode, detail: DumpDetail | undefined): string {
  return dumped(code)
    .map(({ signature, line, slot, disasm, bytes }) => {
      const place =
        line && detail === 'linum'
          ? ` [file:${line.file} line_num:${line.line} line_col:${line.column}]`
          : '';
      return (
        (signature === undefined ? '' : `${signature}:\n`) +
        (line === undefined ? '' : `; ${line.text.trimStart()}${place}\n`) +
        `${String(slot).padStart(4)}: ${disasm}\n` +
        (detail === 'opcodes' ? `       ${opcodesText(bytes)}\n` : '')
      );
    })
    .join('');
}

/** Its JSON (`dump_xlated_json`). */
export function dumpJson(code: ShownCode, detail: DumpDetail | undefined): JsonValue {
  return dumped(code).map(({ signature, line, disasm, bytes }) => ({
    ...(signature !== undefined && { proto: signature }),
    ...(line && { src: line.text.trimStart() }),
    ...(line &&
      detail === 'linum' && { file: line.file, line_num: line.line, line_col: line.column }),
    disasm,
    ...(detail === 'opcodes' && { opcodes: opcodesJson(bytes) }),
  }));
}

function dumped({ program, instructions, btf }: ShownCode): DumpedInsn[] {
  const typeIds = new Map(program.functions.map(({ insnIndex, typeId }) => [insnIndex, typeId]));
  const lines = new Map(program.lines.map((line) => [line.insnIndex, line]));
  const insns = decode(instructions);
  return insns.map((insn, index) => {
    const { slot } = insn;
    const typeId = typeIds.get(slot);
    const end = insns[index + 1]?.slot ?? instructions.length / SLOT_BYTES;
    return {
      signature: btf && typeId !== undefined ? functionSignature(btf.types, typeId) : undefined,
      line: lines.get(slot),
      slot,
      disasm: formatInsn(insn, { helper: helperName, address: mapReference }),
      bytes: instructions.subarray(slot * SLOT_BYTES, end * SLOT_BYTES),
    };
  });
}

/** `map[id:3]`, and `map[id:4][0]+8` for a place in a map's value (`print_imm`). */
function mapReference({ src, imm, imm64 }: Insn): string | undefined {
  if (src === PSEUDO_MAP_FD) return `map[id:${imm}]`;
  return src === PSEUDO_MAP_VALUE ? `map[id:${imm}][0]+${imm64 >> 32n}` : undefined;
}

function opcodesText(bytes: Uint8Array): string {
  const slots = [bytes.subarray(0, SLOT_BYTES), bytes.subarray(SLOT_BYTES)];
  return slots.map(hexText).join(' ').trimEnd();
}

/** The immediate of a double instruction goes on to its end. */
function opcodesJson(bytes: Uint8Array): JsonValue {
  const [code, registers] = bytes;
  return {
    code: `0x${code!.toString(16)}`,
    src_reg: `0x${(registers! >> 4).toString(16)}`,
    dst_reg: `0x${(registers! & 15).toString(16)}`,
    off: hexStrings(bytes.subarray(2, 4)),
    imm: hexStrings(bytes.subarray(4)),
  };
}
