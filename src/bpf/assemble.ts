import { type InsnForm, SLOT_BYTES, slotsOf } from './isa/insn.js';
import { insnForms } from './isa/table.js';

/**
 * Assembles the kernel's syntax, the one that `formatInsn` writes: one instruction a line, `;` starts a comment, an
 * opcode in brackets before an instruction is skipped. A line `name:` is a label; jumps, calls and `subprog[]` take
 * one instead of `pc+N`. Numbers of conditional jumps may be decimal.
 *
 *     if r1 == 0 goto out
 *     r0 = *(u32 *)(r1 +4)
 *     out:
 *     exit
 *
 * Written for tests and examples: what text cannot say (the kind of an LDDW, a kfunc's offset) it cannot assemble.
 */
export function assemble(source: string): Uint8Array {
  const labels = new Map<string, number>();
  const lines: AssembledLine[] = [];
  let slot = 0;
  for (const [index, raw] of source.split('\n').entries()) {
    const text = raw
      .replace(/;.*/, '')
      .replace(/^\s*(\d+:)?\s*(\([0-9a-f]{2}\))?/, '')
      .trim();
    const label = /^([a-z_]\w*):$/i.exec(text)?.[1];
    if (label !== undefined) labels.set(label, slot);
    else if (text !== '') {
      const line = { ...match(text, index + 1), slot, lineNumber: index + 1 };
      lines.push(line);
      slot += slotsOf(line.form);
    }
  }
  const bytes = new Uint8Array(slot * SLOT_BYTES);
  const view = new DataView(bytes.buffer);
  for (const line of lines) encode(view, line, labels);
  return bytes;
}

type FieldName = 'dst' | 'src' | 'imm' | 'imm64' | 'off' | 'distance' | 'label';

interface Match {
  readonly form: InsnForm;
  readonly fields: { readonly [name in FieldName]?: string };
}

interface AssembledLine extends Match {
  readonly slot: number;
  readonly lineNumber: number;
}

const fieldPatterns: Readonly<Record<string, string>> = {
  dst: '(?<dst>\\d+)',
  src: '(?<src>\\d+)',
  imm: '(?<imm>-?\\d+)',
  hex: '(?<imm>0x[0-9a-f]+|-?\\d+)',
  imm64: '(?<imm64>0x[0-9a-f]+)',
  off: '(?<off>[+-]\\d+)',
  distance: '(?:(?:pc)?(?<distance>[+-]\\d+)|(?<label>[a-z_]\\w*))',
  helper: '[\\w-]+',
};

const patterns: readonly (readonly [RegExp, InsnForm])[] = insnForms.map((form) => [
  templatePattern(form.text),
  form,
]);

function templatePattern(text: string): RegExp {
  const seen = new Set<string>();
  const pattern = text
    .replace('pc{distance}', '{distance}')
    .replace(/[()*|+^&[\]]/g, '\\$&')
    .replace(/ /g, '\\s*')
    .replace(/\{(\w+)\}/g, (_, field: string) => {
      if (seen.has(field)) return `\\k<${field}>`;
      seen.add(field);
      return fieldPatterns[field]!;
    });
  return new RegExp(`^${pattern}$`, 'i');
}

function match(text: string, lineNumber: number): Match {
  for (const [pattern, form] of patterns) {
    const fields = pattern.exec(text)?.groups;
    if (fields !== undefined) return { form, fields };
    // A template without fields (exit) has no groups.
    if (text === form.text) return { form, fields: {} };
  }
  throw new SyntaxError(
    `line ${lineNumber}: expected an instruction in the kernel's syntax, found \`${text}\``,
  );
}

function encode(view: DataView, line: AssembledLine, labels: ReadonlyMap<string, number>): void {
  const { form, fields, slot } = line;
  const at = slot * SLOT_BYTES;
  const distance = form.distance === undefined ? 0 : distanceOf(line, labels);
  const imm64 = BigInt(fields.imm64 ?? fields.imm ?? 0);
  const dst = field(form.dst, fields.dst);
  const src = field(form.src, fields.src);
  view.setUint8(at, form.opcode);
  view.setUint8(at + 1, dst | (src << 4));
  view.setInt16(at + 2, form.distance === 'off' ? distance : field(form.off, fields.off), true);
  view.setInt32(at + 4, immediate(form, distance, imm64), true);
  if (slotsOf(form) === 2) view.setInt32(at + 12, Number(BigInt.asIntN(32, imm64 >> 32n)), true);
}

function immediate({ imm, distance: place }: InsnForm, distance: number, imm64: bigint): number {
  if (imm !== 'any') return imm;
  return place === 'imm' ? distance : Number(BigInt.asIntN(32, imm64));
}

function field(rule: string | number, text: string | undefined): number {
  return typeof rule === 'number' ? rule : Number(text ?? 0);
}

function distanceOf(
  { fields, slot, lineNumber }: AssembledLine,
  labels: ReadonlyMap<string, number>,
): number {
  const { distance, label } = fields;
  if (distance !== undefined) return Number(distance);
  const target = labels.get(label!);
  if (target === undefined) throw new SyntaxError(`line ${lineNumber}: no label ${label}`);
  return target - slot - 1;
}
