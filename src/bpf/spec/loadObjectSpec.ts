import { SHT_NOBITS, SHT_PROGBITS } from '../elf/constants.js';
import type { ElfSection } from '../elf/elfSection.js';
import { AssemblyBudget, assembleProgram } from './assembleProgram.js';
import { collectCodeRelocations } from './codeRelocation.js';
import { collectExterns } from './externs.js';
import { collectFunctions, type FunctionCode } from './functionCode.js';
import { isGlobalData } from './globalData.js';
import { isLegacyMapsSection } from './legacyMaps.js';
import { collectMaps } from './mapTable.js';
import {
  findSection,
  isCodeSection,
  type ObjectSource,
  openObject,
  sectionText,
} from './objectSource.js';
import type { ObjectSpec, ProgramSpec, Unsupported } from './objectSpec.js';
import type { ObjectTables } from './resolveReference.js';
import { sectionType } from './sectionType.js';

/** Instructions and their records in all programs of an object together. */
const MAX_RECORDS = 1 << 21;

/**
 * Reads an object file that clang built for the kernel (`-target bpf -c`) into what it specifies.
 *
 * A program or map that cannot be supported is marked so, with the reason, and the others load. Nothing is allocated or
 * run; the result depends on nothing but the bytes, and keeps no reference to them.
 *
 * @param name what to call the object in errors: a file name
 * @throws ElfError, BtfError, SpecError (all `BpfObjectError`) when the file is broken
 */
export function loadObjectSpec(bytes: Uint8Array, name: string): ObjectSpec {
  const source = openObject(bytes, name);
  const externs = collectExterns(source);
  const tables: ObjectTables = {
    file: source.file,
    functions: collectFunctions(source),
    maps: collectMaps(source, externs),
    externs,
    relocations: collectCodeRelocations(source),
  };
  const budget = new AssemblyBudget(name, MAX_RECORDS);
  return {
    name,
    license: sectionText(findSection(source.file, 'license')),
    kernelVersion: kernelVersion(source),
    btf: source.btf,
    programs: mainFunctions(tables).map((main) => programSpec(source, tables, main, budget)),
    maps: tables.maps.maps,
    ignored: ignoredSections(source),
  };
}

/** Functions of `.text` are subprograms, except when there is no other function (libbpf's `prog_is_subprog`). */
function mainFunctions({ functions: { functions } }: ObjectTables): readonly FunctionCode[] {
  return functions.length === 1
    ? functions
    : functions.filter(({ section }) => section.name !== '.text');
}

function programSpec(
  source: ObjectSource,
  tables: ObjectTables,
  main: FunctionCode,
  budget: AssemblyBudget,
): ProgramSpec {
  const rawSection = main.section.name;
  // SEC("?xdp") switches automatic loading off.
  const autoload = !rawSection.startsWith('?');
  const section = autoload ? rawSection : rawSection.slice(1);
  const code = assembleProgram(source, tables, main, budget);
  const isStatic: Unsupported[] =
    main.linkage === 'static' && section !== '.text'
      ? [
          {
            section,
            reason: `function ${main.name} is static: a program must be global, a subprogram without SEC()`,
          },
        ]
      : [];
  return {
    name: main.name,
    section,
    type: sectionType(section),
    autoload,
    ...code,
    poisoned: [],
    unsupported: [...isStatic, ...code.unsupported],
  };
}

function kernelVersion({ file }: ObjectSource): number | undefined {
  const data = findSection(file, 'version')?.data;
  if (data?.length !== 4) return undefined;
  return new DataView(data.buffer, data.byteOffset, 4).getUint32(0, true);
}

/** Sections that hold something for a loader but not for this one; a user may wonder about them. */
function ignoredSections({ file }: ObjectSource): Unsupported[] {
  const ignored: Unsupported[] = [];
  for (const section of file.sections) {
    const { name } = section;
    if (isGlobalData(section) && file.relocations.has(section.index)) {
      ignored.push({
        section: name,
        reason: 'pointers in global variables stay 0, as with libbpf',
      });
    } else if (holdsUnknownData(section)) {
      ignored.push({ section: name, reason: 'not a section that libbpf knows' });
    }
  }
  return ignored;
}

const KNOWN_SECTIONS = new Set(['license', 'version', '.maps', '.BTF', '.BTF.ext']);

function holdsUnknownData(section: ElfSection): boolean {
  const { name, type, sizeBytes } = section;
  if ((type !== SHT_PROGBITS && type !== SHT_NOBITS) || sizeBytes === 0) return false;
  if (isCodeSection(section) || isGlobalData(section) || isLegacyMapsSection(section)) return false;
  return !KNOWN_SECTIONS.has(name) && !name.startsWith('.debug') && name !== '.eh_frame';
}
