import type { Btf } from '../btf/btf.js';
import type { BtfType } from '../btf/btfType.js';
import { essentialName } from '../btf/essentialName.js';
import { resolveAlignment, resolveSize } from '../btf/resolveType.js';
import { SHN_UNDEF, STB_LOCAL, STB_WEAK } from '../elf/constants.js';
import type { ElfSymbol } from '../elf/elfSymbol.js';
import { dataMap } from './globalData.js';
import type { ObjectSource } from './objectSource.js';
import type { MapSpec, VariableSpec } from './objectSpec.js';
import { SpecError } from './specError.js';

const MAX_KCONFIG_BYTES = 1 << 20;

/** A symbol that the object uses and does not define. */
export interface Extern {
  readonly name: string;
  readonly kind: 'kconfig' | 'kfunc' | 'ksym';
  readonly weak: boolean;
  /** A `var` or `func`. */
  readonly typeId: number;
}

/** Externs by name of their symbol. */
export type ExternTable = ReadonlyMap<string, Extern>;

/**
 * Undefined symbols that BTF declares in `.kconfig` or `.ksyms` (libbpf's `bpf_object__collect_externs`). Without BTF
 * there are none, and references to undefined symbols are refused where they are used.
 */
export function collectExterns(source: ObjectSource): ExternTable {
  const externs = new Map<string, Extern>();
  if (source.btf === undefined) return externs;
  const declared = declaredExterns(source.btf);
  for (const symbol of source.symbolsBySection.get(SHN_UNDEF) ?? []) {
    const declaration = declared.get(symbol.name);
    if (declaration === undefined || symbol.binding === STB_LOCAL) continue;
    externs.set(symbol.name, describeExtern(symbol, declaration));
  }
  return externs;
}

interface Declaration {
  readonly type: BtfType;
  readonly section: string;
}

function declaredExterns(btf: Btf): Map<string, Declaration> {
  const declared = new Map<string, Declaration>();
  for (const section of ['.kconfig', '.ksyms']) {
    for (const { typeId } of btf.find('datasec', section)?.variables ?? []) {
      const type = btf.type(typeId);
      declared.set(type.name, { type, section });
    }
  }
  return declared;
}

function describeExtern(symbol: ElfSymbol, { type, section }: Declaration): Extern {
  const weak = symbol.binding === STB_WEAK;
  if (section === '.kconfig') return { name: symbol.name, kind: 'kconfig', weak, typeId: type.id };
  // The kernel knows a symbol by its name without flavour.
  const name = essentialName(symbol.name);
  return { name, kind: type.kind === 'func' ? 'kfunc' : 'ksym', weak, typeId: type.id };
}

/**
 * The `.kconfig` map: libbpf lays its variables out itself, the strictest alignment first, then the largest, then by
 * name. Values are zero until the loader sets them.
 */
export function kconfigMap(btf: Btf, externs: ExternTable): MapSpec | undefined {
  const declared = [...externs.values()].filter(({ kind }) => kind === 'kconfig');
  if (declared.length === 0) return undefined;
  const placed = declared
    .map((extern) => ({
      ...extern,
      sizeBytes: resolveSize(btf, extern.typeId),
      alignment: resolveAlignment(btf, extern.typeId),
    }))
    .sort(
      (a, b) =>
        b.alignment - a.alignment || b.sizeBytes - a.sizeBytes || (a.name < b.name ? -1 : 1),
    );
  const variables: VariableSpec[] = [];
  let end = 0;
  for (const { name, sizeBytes, alignment, typeId, weak } of placed) {
    const offset = Math.ceil(end / alignment) * alignment;
    const type = btf.type(typeId);
    const valueTypeId = type.kind === 'var' ? type.typeId : typeId;
    variables.push({ name, offset, sizeBytes, linkage: 'extern', typeId: valueTypeId, weak });
    end = offset + sizeBytes;
  }
  if (end > MAX_KCONFIG_BYTES) {
    throw new SpecError(
      `${btf.name}: section .kconfig: ${end} bytes of variables, expected at most ${MAX_KCONFIG_BYTES}`,
    );
  }
  return dataMap('.kconfig', { readOnly: true, bytes: new Uint8Array(end), variables });
}
