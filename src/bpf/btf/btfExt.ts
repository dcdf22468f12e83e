import { CheckedBytes } from '../elf/checkedBytes.js';
import type { Btf } from './btf.js';
import { BtfError } from './btfError.js';

const MAGIC = 0xeb9f;
const INSN_BYTES = 8;

/** CO-RE relocation kinds by `enum bpf_core_relo_kind`, under the names libbpf prints (`core_relo_kind_str`). */
const CORE_KINDS = [
  'byte_off',
  'byte_sz',
  'field_exists',
  'signed',
  'lshift_u64',
  'rshift_u64',
  'local_type_id',
  'target_type_id',
  'type_exists',
  'type_size',
  'enumval_exists',
  'enumval_value',
  'type_matches',
] as const;

export type CoreKind = (typeof CORE_KINDS)[number];

/** Where an instruction comes from in the source. */
export interface SourceLine {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** The text of the line. */
  readonly text: string;
}

/** A record of `.BTF.ext`; `insnIndex` counts 8-byte slots from the start of the ELF section. */
export interface LineRecord extends SourceLine {
  readonly insnIndex: number;
}

export interface FunctionRecord {
  readonly insnIndex: number;
  /** A `func`. */
  readonly typeId: number;
}

export interface CoreRecord {
  readonly insnIndex: number;
  /** The root type of the access, in the object's own BTF. */
  readonly typeId: number;
  /** Indices of the access, `0:1:2`; `0` for types, the index of the enumerator for enum values. */
  readonly access: string;
  readonly kind: CoreKind;
}

/** `.BTF.ext`: records by name of the ELF section they describe, in order of instruction. */
export interface BtfExt {
  readonly functions: ReadonlyMap<string, readonly FunctionRecord[]>;
  readonly lines: ReadonlyMap<string, readonly LineRecord[]>;
  readonly coreRelocations: ReadonlyMap<string, readonly CoreRecord[]>;
}

export const EMPTY_BTF_EXT: BtfExt = {
  functions: new Map(),
  lines: new Map(),
  coreRelocations: new Map(),
};

/**
 * Parses the `.BTF.ext` section (Documentation/bpf/btf.rst, section 4.2). Its strings are those of `btf`.
 *
 * @throws BtfError naming block and record, what was expected and what was found
 */
export function parseBtfExt(bytes: Uint8Array, btf: Btf): BtfExt {
  const name = `${btf.name}: .BTF.ext`;
  const file = new CheckedBytes(bytes, (message) => new BtfError(`${name}: ${message}`));
  const magic = file.u16(0, 'header');
  if (magic !== MAGIC) {
    throw new BtfError(`${name}: expected 0xeb9f at its start, found 0x${magic.toString(16)}`);
  }
  const headerBytes = file.u32(4, 'header');
  const block = (field: number, what: string, minRecordBytes: number): Block | undefined => {
    // Headers before CO-RE end after line_info.
    if (field + 8 > headerBytes) return undefined;
    const range = file.range(headerBytes + file.u32(field, what), file.u32(field + 4, what), what);
    const fail = (message: string) => new BtfError(`${name}: ${message}`);
    return { bytes: new CheckedBytes(range, fail), what, minRecordBytes };
  };
  return {
    functions: readBlock(block(8, 'func_info', 8), btf, readFunction),
    lines: readBlock(block(16, 'line_info', 16), btf, readLine),
    coreRelocations: readBlock(block(24, 'core_relo', 16), btf, readCoreRelocation),
  };
}

interface Block {
  readonly bytes: CheckedBytes;
  readonly what: string;
  readonly minRecordBytes: number;
}

type RecordReader<T> = (bytes: CheckedBytes, at: number, btf: Btf, what: string) => T;

/** A block is the size of a record, then for each ELF section its name, a count and that many records. */
function readBlock<T extends { readonly insnIndex: number }>(
  block: Block | undefined,
  btf: Btf,
  readRecord: RecordReader<T>,
): Map<string, T[]> {
  const bySection = new Map<string, T[]>();
  if (block === undefined || block.bytes.length === 0) return bySection;
  const { bytes, what, minRecordBytes } = block;
  const recordBytes = bytes.u32(0, what);
  if (recordBytes < minRecordBytes || recordBytes % 4 !== 0) {
    throw new BtfError(
      `${btf.name}: .BTF.ext: ${what}: records of ${recordBytes} bytes, expected ${minRecordBytes} or more`,
    );
  }
  for (let at = 4; at < bytes.length; ) {
    const section = btf.strings.at(bytes.u32(at, what));
    const count = bytes.u32(at + 4, what);
    at += 8;
    bytes.range(at, count * recordBytes, `${what}: ${count} records of section ${section}`);
    const records = bySection.get(section) ?? [];
    for (let i = 0; i < count; i++, at += recordBytes) {
      records.push(readRecord(bytes, at, btf, `${what} of section ${section}, record ${i}`));
    }
    bySection.set(section, records);
  }
  for (const records of bySection.values()) records.sort((a, b) => a.insnIndex - b.insnIndex);
  return bySection;
}

function readInsnIndex(bytes: CheckedBytes, at: number, btf: Btf, what: string): number {
  const offset = bytes.u32(at, what);
  if (offset % INSN_BYTES !== 0) {
    throw new BtfError(
      `${btf.name}: .BTF.ext: ${what}: offset ${offset} is not a multiple of ${INSN_BYTES}`,
    );
  }
  return offset / INSN_BYTES;
}

const readFunction: RecordReader<FunctionRecord> = (bytes, at, btf, what) => ({
  insnIndex: readInsnIndex(bytes, at, btf, what),
  typeId: btf.type(bytes.u32(at + 4, what)).id,
});

/** Line and column share a word: | line (31..10) | column (9..0) | */
const readLine: RecordReader<LineRecord> = (bytes, at, btf, what) => {
  const lineColumn = bytes.u32(at + 12, what);
  return {
    insnIndex: readInsnIndex(bytes, at, btf, what),
    file: btf.strings.at(bytes.u32(at + 4, what)),
    text: btf.strings.at(bytes.u32(at + 8, what)),
    line: lineColumn >>> 10,
    column: lineColumn & 0x3ff,
  };
};

const readCoreRelocation: RecordReader<CoreRecord> = (bytes, at, btf, what) => {
  const kindNumber = bytes.u32(at + 12, what);
  const kind = CORE_KINDS[kindNumber];
  if (kind === undefined) {
    throw new BtfError(
      `${btf.name}: .BTF.ext: ${what}: kind ${kindNumber}, expected 0 to ${CORE_KINDS.length - 1}`,
    );
  }
  return {
    insnIndex: readInsnIndex(bytes, at, btf, what),
    typeId: btf.type(bytes.u32(at + 4, what)).id,
    access: btf.strings.at(bytes.u32(at + 8, what)),
    kind,
  };
};
