import type { ByteReader } from './byteReader.js';
import {
  atomicOps,
  memoryOps,
  plainOps,
  structuredOps,
  type ValueType,
  valueTypes,
} from './opcodes.js';

/** Code as text-format lines, one instruction each, indented by nesting. */
export function codeText(code: ByteReader, indent: string): string[] {
  const lines: string[] = [];
  for (let depth = 0; depth >= 0 && !code.atEnd; ) {
    const { name, immediates } = readInstruction(code);
    if (name === 'end' || name === 'else') depth--;
    if (depth >= 0) lines.push(`${indent}${'  '.repeat(depth)}${[name, ...immediates].join(' ')}`);
    if (name === 'else' || name === 'block' || name === 'loop' || name === 'if') depth++;
  }
  return lines;
}

interface Instruction {
  readonly name: string;
  readonly immediates: readonly (string | number | bigint)[];
}

const EMPTY_BLOCK_TYPE = 0x40;
const ATOMIC_PREFIX = 0xfe;

const plainNames = namesByCode(plainOps);
const memoryNames = namesByCode(memoryOps);
const structuredNames = namesByCode(structuredOps);
const typeNames = namesByCode(valueTypes);
const atomicNames = new Map<number, string>(
  Object.entries(atomicOps).map(([name, [code]]) => [code, name]),
);

export function typeName(code: number): ValueType {
  return typeNames.get(code) as ValueType;
}

function namesByCode(codes: Readonly<Record<string, number>>): Map<number, string> {
  return new Map(Object.entries(codes).map(([name, code]) => [code, name]));
}

function readInstruction(code: ByteReader): Instruction {
  const opcode = code.byte();
  const plain = plainNames.get(opcode);
  if (plain !== undefined) return { name: plain, immediates: [] };
  const memory = opcode === ATOMIC_PREFIX ? atomicNames.get(code.byte()) : memoryNames.get(opcode);
  if (memory !== undefined) return { name: memory, immediates: readMemoryArgument(code, opcode) };
  const name = structuredNames.get(opcode);
  if (name === undefined) throw new RangeError(`unknown instruction 0x${opcode.toString(16)}`);
  return { name, immediates: readImmediates(name, code) };
}

/** The natural alignment, which an atomic must state, is the text format's default. */
function readMemoryArgument(code: ByteReader, opcode: number): string[] {
  code.u32();
  const offset = code.u32();
  return [
    ...(offset === 0 ? [] : [`offset=${offset}`]),
    ...(opcode === ATOMIC_PREFIX ? [] : ['align=1']),
  ];
}

function readImmediates(name: string, code: ByteReader): (string | number | bigint)[] {
  switch (name) {
    case 'block':
    case 'loop':
    case 'if': {
      const type = code.byte();
      return type === EMPTY_BLOCK_TYPE ? [] : [`(result ${typeName(type)})`];
    }
    case 'else':
    case 'end':
      return [];
    case 'br_table':
      return [...code.list(() => code.u32()), code.u32()];
    case 'call_indirect': {
      const type = code.u32();
      code.u32();
      return [`(type ${type})`];
    }
    case 'i32.const':
    case 'i64.const':
      return [code.s64()];
    default:
      return [code.u32()];
  }
}
