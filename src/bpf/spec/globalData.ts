import type { Btf } from '../btf/btf.js';
import type { BtfLinkage } from '../btf/btfType.js';
import { resolveSize } from '../btf/resolveType.js';
import { SHT_NOBITS, SHT_PROGBITS, STB_LOCAL, STT_OBJECT } from '../elf/constants.js';
import type { ElfSection } from '../elf/elfSection.js';
import { emptyMapDraft, finishMap } from './mapDefinition.js';
import { BPF_MAP_TYPE_ARRAY } from './mapType.js';
import type { ObjectSource } from './objectSource.js';
import type { GlobalData, MapSpec, VariableSpec } from './objectSpec.js';
import { lastAtOrBefore } from './sorted.js';

const BPF_F_RDONLY_PROG = 1 << 7;
const BPF_F_MMAPABLE = 1 << 10;

/** Zeros are not backed by the file: the bound, for all sections together, keeps a broken size from becoming memory. */
const MAX_DATA_BYTES = 1 << 26;

/** Whether a section holds global variables (libbpf's `bpf_object__elf_collect`). */
export function isGlobalData({ name, type, sizeBytes }: ElfSection): boolean {
  if (sizeBytes === 0) return false;
  if (type === SHT_NOBITS) return isOrBelow(name, '.bss');
  return type === SHT_PROGBITS && (isOrBelow(name, '.data') || isOrBelow(name, '.rodata'));
}

function isOrBelow(name: string, prefix: string): boolean {
  return name === prefix || name.startsWith(`${prefix}.`);
}

/** The maps of all global data sections, by index of the section; their names are the sections'. */
export function readGlobalData(source: ObjectSource): Map<number, MapSpec> {
  const sections = source.file.sections.filter(isGlobalData);
  const totalBytes = sections.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  return new Map(
    sections.map((section) => {
      const { name, sizeBytes } = section;
      const readOnly = isOrBelow(name, '.rodata');
      if (totalBytes > MAX_DATA_BYTES) {
        return [section.index, tooMuchData(name, sizeBytes, totalBytes)];
      }
      const bytes = new Uint8Array(sizeBytes);
      bytes.set(section.data);
      return [
        section.index,
        dataMap(name, { readOnly, bytes, variables: sectionVariables(source, section) }),
      ];
    }),
  );
}

function tooMuchData(name: string, sizeBytes: number, totalBytes: number): MapSpec {
  return {
    ...dataMap(name, undefined),
    valueSizeBytes: sizeBytes,
    unsupported: `${totalBytes} bytes of global variables in all, expected at most ${MAX_DATA_BYTES}`,
  };
}

/** An array of one value that holds all variables, as libbpf creates it (`bpf_object__init_internal_map`). */
export function dataMap(name: string, data: GlobalData | undefined): MapSpec {
  return {
    ...finishMap(emptyMapDraft(name, name)),
    type: BPF_MAP_TYPE_ARRAY,
    keySizeBytes: 4,
    valueSizeBytes: data?.bytes.length ?? 0,
    maxEntries: 1,
    flags: (data?.readOnly ? BPF_F_RDONLY_PROG : 0) | (isMappable(data) ? BPF_F_MMAPABLE : 0),
    data,
  };
}

/** Users of a skeleton map what has variables to be seen from outside (`map_is_mmapable`). */
function isMappable(data: GlobalData | undefined): boolean {
  return (
    data?.variables.some(({ typeId, linkage }) => typeId !== undefined && linkage !== 'static') ??
    false
  );
}

/**
 * Variables in order of offset. Place and size come from the symbols, because the compiler leaves the offsets in BTF
 * open (libbpf's `btf_fixup_datasec`); types come from BTF.
 */
function sectionVariables(source: ObjectSource, section: ElfSection): VariableSpec[] {
  const types = variableTypes(source, section.name);
  return (source.symbolsBySection.get(section.index) ?? [])
    .filter(
      ({ type, value, sizeBytes }) => type === STT_OBJECT && value + sizeBytes <= section.sizeBytes,
    )
    .map(({ name, value, sizeBytes, binding }): VariableSpec => {
      const linkage: BtfLinkage = binding === STB_LOCAL ? 'static' : 'global';
      return {
        name,
        offset: value,
        sizeBytes,
        linkage,
        typeId: fittingType(source.btf, types.get(name), sizeBytes),
        weak: false,
      };
    });
}

/** Types by name of variable. */
function variableTypes({ btf }: ObjectSource, section: string): Map<string, number> {
  const types = new Map<string, number>();
  for (const { typeId } of btf?.find('datasec', section)?.variables ?? []) {
    const variable = btf?.type(typeId);
    if (variable?.kind === 'var') types.set(variable.name, variable.typeId);
  }
  return types;
}

/** A type that takes more bytes than the symbol has is another variable's. */
function fittingType(
  btf: Btf | undefined,
  typeId: number | undefined,
  sizeBytes: number,
): number | undefined {
  if (btf === undefined || typeId === undefined) return undefined;
  return resolveSize(btf, typeId) <= sizeBytes ? typeId : undefined;
}

/** The variable that byte `offset` is in. */
export function variableAt({ variables }: GlobalData, offset: number): VariableSpec | undefined {
  const candidate = lastAtOrBefore(variables, (variable) => variable.offset, offset);
  return candidate !== undefined && offset < candidate.offset + candidate.sizeBytes
    ? candidate
    : undefined;
}
