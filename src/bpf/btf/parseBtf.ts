import { CheckedBytes } from '../elf/checkedBytes.js';
import { StringTable } from '../elf/stringTable.js';
import { Btf } from './btf.js';
import { BtfError } from './btfError.js';
import { type BtfType, typeLabel } from './btfType.js';
import { decodeType } from './decodeType.js';

const MAGIC = 0xeb9f;
const MAGIC_SWAPPED = 0x9feb;
const HEADER_BYTES = 24;

/**
 * Parses BTF: the `.BTF` section of an object, or a raw file such as `/sys/kernel/btf/vmlinux`
 * (Documentation/bpf/btf.rst, section 2).
 *
 * Every type id that a type refers to is known to exist afterwards. Chains of types may still be cyclic; who follows
 * them guards against that (`resolveType.ts`).
 *
 * @param name what to call it in errors
 * @throws BtfError naming type or offset, what was expected and what was found
 */
export function parseBtf(bytes: Uint8Array, name: string): Btf {
  const fail = (message: string) => new BtfError(`${name}: ${message}`);
  const file = new CheckedBytes(bytes, fail);
  const header = readHeader(file, name);
  const types = new CheckedBytes(
    file.range(header.typesAt, header.typesBytes, 'BTF type section'),
    fail,
  );
  const stringBytes = file.range(header.stringsAt, header.stringsBytes, 'BTF string section');
  if (stringBytes[0] !== 0 || stringBytes.at(-1) !== 0) {
    throw fail('BTF string section: expected it to start and to end with a NUL');
  }
  const strings = new StringTable(stringBytes, fail);
  const decoded = decodeAll(types, strings, fail);
  refuseDanglingReferences(decoded, name);
  return new Btf(name, decoded, strings);
}

function readHeader(file: CheckedBytes, name: string) {
  const what = 'BTF header';
  const magic = file.u16(0, what);
  if (magic === MAGIC_SWAPPED) {
    throw new BtfError(`${name}: big-endian BTF, expected little endian`);
  }
  if (magic !== MAGIC) {
    throw new BtfError(
      `${name}: not BTF: expected 0xeb9f at its start, found 0x${magic.toString(16)}`,
    );
  }
  const version = file.u8(2, what);
  if (version !== 1) throw new BtfError(`${name}: BTF version ${version}, expected 1`);
  const headerBytes = file.u32(4, what);
  if (headerBytes < HEADER_BYTES) {
    throw new BtfError(
      `${name}: BTF header of ${headerBytes} bytes, expected at least ${HEADER_BYTES}`,
    );
  }
  return {
    typesAt: headerBytes + file.u32(8, what),
    typesBytes: file.u32(12, what),
    stringsAt: headerBytes + file.u32(16, what),
    stringsBytes: file.u32(20, what),
  };
}

function decodeAll(
  bytes: CheckedBytes,
  strings: StringTable,
  fail: (message: string) => Error,
): BtfType[] {
  const types: BtfType[] = [{ kind: 'void', id: 0, name: '' }];
  for (let at = 0; at < bytes.length; ) {
    const { type, next } = decodeType({ bytes, strings, fail }, at, types.length);
    types.push(type);
    at = next;
  }
  return types;
}

function refuseDanglingReferences(types: readonly BtfType[], name: string): void {
  for (const type of types) {
    for (const id of referencedIds(type)) {
      if (id >= types.length) {
        throw new BtfError(
          `${name}: ${typeLabel(type)} refers to type ${id}, but there are ${types.length}`,
        );
      }
    }
  }
}

function referencedIds(type: BtfType): readonly number[] {
  switch (type.kind) {
    case 'void':
    case 'int':
    case 'float':
    case 'fwd':
    case 'enum':
    case 'enum64':
      return [];
    case 'array':
      return [type.typeId, type.indexTypeId];
    case 'struct':
    case 'union':
      return type.members.map((member) => member.typeId);
    case 'datasec':
      return type.variables.map((variable) => variable.typeId);
    case 'func_proto':
      return [type.typeId, ...type.parameters.map((parameter) => parameter.typeId)];
    default:
      return [type.typeId];
  }
}
