import type { CheckedBytes } from '../elf/checkedBytes.js';
import type { StringTable } from '../elf/stringTable.js';
import type { BtfEnumerator, BtfLinkage, BtfMember, BtfType } from './btfType.js';

/** One `struct btf_type`: 12 bytes, then what the kind adds. */
const TYPE_BYTES = 12;
const INT_SIGNED = 1;
const INT_CHAR = 2;
const INT_BOOL = 4;
const LINKAGES: readonly BtfLinkage[] = ['static', 'global', 'extern'];

/** The fixed part of a type and where its tail starts. */
interface Head {
  readonly id: number;
  readonly name: string;
  readonly vlen: number;
  readonly kindFlag: boolean;
  /** Second meaning of the third word: a size in bytes or a type id. */
  readonly sizeOrType: number;
  readonly tail: number;
}

interface Source {
  /** Makes the error from a message that starts with the type. */
  readonly fail: (message: string) => Error;
  readonly bytes: CheckedBytes;
  readonly strings: StringTable;
}

/** Reads a tail and tells how many bytes it took. */
type Decoder = (
  source: Source,
  head: Head,
) => { readonly type: BtfType; readonly tailBytes: number };

/**
 * Decodes the type at byte `at` of the type section.
 *
 *     info: | kind_flag (31) | unused | kind (28..24) | unused | vlen (15..0) |
 *
 * @returns the type and the offset of the next one
 * @throws BtfError for an unknown kind or a type that runs past the section
 */
export function decodeType(
  source: Source,
  at: number,
  id: number,
): { readonly type: BtfType; readonly next: number } {
  const what = `type ${id}`;
  const info = source.bytes.u32(at + 4, what);
  const kind = (info >>> 24) & 0x1f;
  const decoder = DECODERS[kind];
  if (decoder === undefined) {
    throw source.fail(`${what}: kind ${kind} is unknown, expected 1 to ${DECODERS.length - 1}`);
  }
  const head: Head = {
    id,
    name: source.strings.at(source.bytes.u32(at, what)),
    vlen: info & 0xffff,
    kindFlag: info >>> 31 === 1,
    sizeOrType: source.bytes.u32(at + 8, what),
    tail: at + TYPE_BYTES,
  };
  const { type, tailBytes } = decoder(source, head);
  return { type, next: head.tail + tailBytes };
}

const decodeInt: Decoder = (source, { id, name, sizeOrType: sizeBytes, tail }) => {
  const word = source.bytes.u32(tail, `int ${id}`);
  const encoding = (word >>> 24) & 0xf;
  const bits = word & 0xff;
  if (sizeBytes > 16 || bits > sizeBytes * 8) {
    throw source.fail(
      `int ${id} ${name}: ${bits} bits in ${sizeBytes} bytes, expected at most 16 bytes`,
    );
  }
  const flags = {
    signed: (encoding & INT_SIGNED) !== 0,
    char: (encoding & INT_CHAR) !== 0,
    bool: (encoding & INT_BOOL) !== 0,
  };
  return {
    type: { kind: 'int', id, name, sizeBytes, bits, bitOffset: (word >>> 16) & 0xff, ...flags },
    tailBytes: 4,
  };
};

const decodeArray: Decoder = ({ bytes }, { id, name, tail }) => {
  const what = `array ${id}`;
  const type: BtfType = {
    kind: 'array',
    id,
    name,
    typeId: bytes.u32(tail, what),
    indexTypeId: bytes.u32(tail + 4, what),
    length: bytes.u32(tail + 8, what),
  };
  return { type, tailBytes: 12 };
};

const decodeComposite =
  (kind: 'struct' | 'union'): Decoder =>
  ({ bytes, strings }, { id, name, vlen, kindFlag, sizeOrType: sizeBytes, tail }) => {
    const members: BtfMember[] = [];
    for (let i = 0; i < vlen; i++) {
      const at = tail + i * 12;
      const what = `${kind} ${id} ${name}: member ${i}`;
      const offset = bytes.u32(at + 8, what);
      members.push({
        name: strings.at(bytes.u32(at, what)),
        typeId: bytes.u32(at + 4, what),
        // With kind_flag the top byte is the width of a bit-field.
        bitOffset: kindFlag ? offset & 0xff_ffff : offset,
        bitfieldBits: kindFlag ? offset >>> 24 : 0,
      });
    }
    return { type: { kind, id, name, sizeBytes, members }, tailBytes: vlen * 12 };
  };

const decodeEnum =
  (kind: 'enum' | 'enum64'): Decoder =>
  ({ bytes, strings, fail }, { id, name, vlen, kindFlag: signed, sizeOrType: sizeBytes, tail }) => {
    if (![1, 2, 4, 8].includes(sizeBytes)) {
      throw fail(`${kind} ${id} ${name}: ${sizeBytes} bytes, expected 1, 2, 4 or 8`);
    }
    const stride = kind === 'enum' ? 8 : 12;
    const values: BtfEnumerator[] = [];
    for (let i = 0; i < vlen; i++) {
      const at = tail + i * stride;
      const what = `${kind} ${id} ${name}: value ${i}`;
      const low = bytes.u32(at + 4, what);
      const high =
        kind === 'enum64'
          ? bytes.u32(at + 8, what)
          : signed && low >= 0x8000_0000
            ? 0xffff_ffff
            : 0;
      const value = (BigInt(high) << 32n) | BigInt(low);
      values.push({
        name: strings.at(bytes.u32(at, what)),
        value: signed ? BigInt.asIntN(64, value) : value,
      });
    }
    return { type: { kind, id, name, sizeBytes, signed, values }, tailBytes: vlen * stride };
  };

/** Kinds that are a name and one referenced type. */
const decodeReference =
  (kind: 'ptr' | 'typedef' | 'volatile' | 'const' | 'restrict' | 'type_tag'): Decoder =>
  (_source, { id, name, sizeOrType: typeId }) => ({
    type: { kind, id, name, typeId },
    tailBytes: 0,
  });

const decodeForward: Decoder = (_source, { id, name, kindFlag }) => ({
  type: { kind: 'fwd', id, name, of: kindFlag ? 'union' : 'struct' },
  tailBytes: 0,
});

/** A function's linkage is in vlen, which it has no other use for. */
const decodeFunction: Decoder = (source, { id, name, vlen, sizeOrType: typeId }) => ({
  type: { kind: 'func', id, name, typeId, linkage: linkage(source, vlen, `func ${id} ${name}`) },
  tailBytes: 0,
});

const decodeFunctionProto: Decoder = (
  { bytes, strings },
  { id, name, vlen, sizeOrType: typeId, tail },
) => {
  const parameters = Array.from({ length: vlen }, (_, i) => {
    const what = `func_proto ${id}: parameter ${i}`;
    return {
      name: strings.at(bytes.u32(tail + i * 8, what)),
      typeId: bytes.u32(tail + i * 8 + 4, what),
    };
  });
  return { type: { kind: 'func_proto', id, name, typeId, parameters }, tailBytes: vlen * 8 };
};

const decodeVariable: Decoder = (source, { id, name, sizeOrType: typeId, tail }) => {
  const what = `var ${id} ${name}`;
  const type: BtfType = {
    kind: 'var',
    id,
    name,
    typeId,
    linkage: linkage(source, source.bytes.u32(tail, what), what),
  };
  return { type, tailBytes: 4 };
};

const decodeDataSection: Decoder = ({ bytes }, { id, name, vlen, sizeOrType: sizeBytes, tail }) => {
  const variables = Array.from({ length: vlen }, (_, i) => {
    const at = tail + i * 12;
    const what = `datasec ${id} ${name}: variable ${i}`;
    return {
      typeId: bytes.u32(at, what),
      offset: bytes.u32(at + 4, what),
      sizeBytes: bytes.u32(at + 8, what),
    };
  });
  return { type: { kind: 'datasec', id, name, sizeBytes, variables }, tailBytes: vlen * 12 };
};

const decodeFloat: Decoder = (source, { id, name, sizeOrType: sizeBytes }) => {
  if (![2, 4, 8, 12, 16].includes(sizeBytes)) {
    throw source.fail(`float ${id} ${name}: ${sizeBytes} bytes, expected 2, 4, 8, 12 or 16`);
  }
  return { type: { kind: 'float', id, name, sizeBytes }, tailBytes: 0 };
};

const decodeDeclTag: Decoder = ({ bytes }, { id, name, sizeOrType: typeId, tail }) => ({
  type: { kind: 'decl_tag', id, name, typeId, componentIndex: bytes.i32(tail, `decl_tag ${id}`) },
  tailBytes: 4,
});

function linkage({ fail }: Source, value: number, what: string): BtfLinkage {
  const found = LINKAGES[value];
  if (found === undefined) {
    throw fail(`${what}: linkage ${value}, expected 0 (static), 1 (global) or 2 (extern)`);
  }
  return found;
}

/** By `BTF_KIND_*`; 0 is `void`, which has no entry in the section. */
const DECODERS: readonly (Decoder | undefined)[] = [
  undefined,
  decodeInt,
  decodeReference('ptr'),
  decodeArray,
  decodeComposite('struct'),
  decodeComposite('union'),
  decodeEnum('enum'),
  decodeForward,
  decodeReference('typedef'),
  decodeReference('volatile'),
  decodeReference('const'),
  decodeReference('restrict'),
  decodeFunction,
  decodeFunctionProto,
  decodeVariable,
  decodeDataSection,
  decodeFloat,
  decodeDeclTag,
  decodeReference('type_tag'),
  decodeEnum('enum64'),
];
