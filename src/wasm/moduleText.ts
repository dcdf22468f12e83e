import { ByteReader } from './byteReader.js';
import { codeText, typeName } from './instructionText.js';
import { sections } from './moduleBuilder.js';

const HEADER_BYTES = 8;
const SHARED = 0x02;
const FUNCTION = 0;

/**
 * A module that `ModuleBuilder` has encoded, in the WebAssembly text format: for people who want to see what their
 * program became.
 */
export function moduleText(bytes: Uint8Array): string {
  const contents = splitSections(bytes);
  const of = (id: number) => contents.get(id) ?? new ByteReader(Uint8Array.of(0));
  const types = of(sections.type);
  const imports = of(sections.import);
  const globals = of(sections.global);
  const exported = of(sections.export);
  const elements = of(sections.element);
  const code = of(sections.code);
  const importLines = imports.list(() => importText(imports));
  const firstFunction = importLines.filter((line) => line.includes('(func')).length;
  const functionTypes = of(sections.function);
  const typeOfFunction = functionTypes.list(() => functionTypes.u32());
  const lines = [
    ...types.list((index) => `(type (;${index};) (func${signatureText(types)}))`),
    ...importLines,
    ...globals.list(() => `(global ${globalTypeText(globals)} (${constantText(globals)}))`),
    ...exported.list(() => exportText(exported)),
    ...elements.list(() => elementText(elements)),
    ...code.list((index) => functionText(code, firstFunction + index, typeOfFunction[index]!)),
  ];
  return ['(module', ...lines.flat().map((line) => `  ${line}`), ')', ''].join('\n');
}

function splitSections(bytes: Uint8Array): Map<number, ByteReader> {
  const reader = new ByteReader(bytes, HEADER_BYTES);
  const contents = new Map<number, ByteReader>();
  while (!reader.atEnd) contents.set(reader.byte(), new ByteReader(reader.bytes(reader.u32())));
  return contents;
}

function signatureText(reader: ByteReader): string {
  reader.byte();
  const [params, results] = [0, 1].map(() => reader.list(() => typeName(reader.byte())));
  return listText('param', params!) + listText('result', results!);
}

function listText(word: string, types: readonly string[]): string {
  return types.length === 0 ? '' : ` (${[word, ...types].join(' ')})`;
}

function importText(reader: ByteReader): string {
  const names = `"${reader.name()}" "${reader.name()}"`;
  return `(import ${names} ${importTypeText(reader)})`;
}

function importTypeText(reader: ByteReader): string {
  switch (reader.byte()) {
    case FUNCTION:
      return `(func (type ${reader.u32()}))`;
    case 1: {
      reader.byte();
      reader.byte();
      return `(table ${reader.u32()} funcref)`;
    }
    case 2: {
      const flags = reader.byte();
      return `(memory ${reader.u32()} ${reader.u32()}${flags & SHARED ? ' shared' : ''})`;
    }
    default:
      return `(global ${globalTypeText(reader)})`;
  }
}

function globalTypeText(reader: ByteReader): string {
  const type = typeName(reader.byte());
  return reader.byte() === 1 ? `(mut ${type})` : type;
}

/** A constant expression: one instruction and `end`. */
function constantText(reader: ByteReader): string {
  return codeText(reader, '')[0]!;
}

/** Only functions are exported. */
function exportText(reader: ByteReader): string {
  const name = reader.name();
  reader.byte();
  return `(export "${name}" (func ${reader.u32()}))`;
}

function elementText(reader: ByteReader): string {
  reader.u32();
  const offset = constantText(reader);
  return `(elem (${offset}) func ${reader.list(() => reader.u32()).join(' ')})`;
}

function functionText(reader: ByteReader, index: number, type: number): string[] {
  const code = new ByteReader(reader.bytes(reader.u32()));
  const locals = code.list(() => {
    const count = code.u32();
    return Array<string>(count).fill(typeName(code.byte()));
  });
  const localLine = listText('local', locals.flat());
  return [
    `(func (;${index};) (type ${type})`,
    ...(localLine === '' ? [] : [` ${localLine}`]),
    ...codeText(code, '  '),
    ')',
  ];
}
