import {
  describeObject,
  type GlobalSummary,
  type MapSummary,
  type ObjectSummary,
  type ProgramSummary,
} from '../../bpf/spec/describeObject.js';
import { describeUnsupported, type ObjectSpec } from '../../bpf/spec/objectSpec.js';
import { obstaclesOf } from '../../program/ebpf/objectPrograms.js';
import { helperName } from '../../program/helperTable.js';

/** What an object holds, with what this emulator would refuse of it. */
export function inspectObject(object: ObjectSpec): ObjectSummary {
  const summary = describeObject(object, helperName);
  return {
    ...summary,
    programs: summary.programs.map((program, index) => ({
      ...program,
      // Programs for other hooks are not run, so nothing of theirs can be missing.
      unsupported: isRun(program)
        ? obstaclesOf(object.programs[index]!).map(describeUnsupported)
        : [],
    })),
  };
}

function isRun({ programType }: ProgramSummary): boolean {
  return programType === 'xdp' || programType === 'unspec';
}

/** The summary for people. */
export function inspectText(object: ObjectSpec): string {
  const { name, license, programs, maps, globals, ignored } = inspectObject(object);
  const lines = [
    `${name}: ${object.btf === undefined ? 'no BTF' : 'BTF'}, license ${license === '' ? 'not given' : license}`,
    ...section('programs', programs.flatMap(programLines)),
    ...section('maps', maps.map(mapLine)),
    ...section('globals', globals.map(globalLine)),
    ...section('ignored', ignored),
  ];
  return `${lines.join('\n')}\n`;
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', title, ...lines.map((line) => `  ${line}`)];
}

function programLines(program: ProgramSummary): string[] {
  const { name, section: elf, insnCount, autoload, unsupported } = program;
  const notes = [
    ...(isRun(program) ? [] : [`${program.programType}: skipped, not an XDP program`]),
    ...(autoload ? [] : ['loaded only when named']),
    ...(program.frags ? ['frags'] : []),
  ];
  const note = notes.length === 0 ? '' : ` (${notes.join(', ')})`;
  return [
    `${name}: section ${elf}, ${insnCount} instructions${note}`,
    ...listLine('subprograms', program.subprograms),
    ...listLine('helpers', program.helpers),
    ...listLine('kfuncs', program.kfuncs),
    ...listLine('maps', program.maps),
    ...(program.coreRelocations === 0 ? [] : [`  CO-RE relocations: ${program.coreRelocations}`]),
    ...unsupported.map((reason) => `  unsupported: ${reason}`),
  ];
}

function listLine(title: string, names: readonly string[]): string[] {
  return names.length === 0 ? [] : [`  ${title}: ${names.join(', ')}`];
}

function mapLine(map: MapSummary): string {
  const { name, type, keySizeBytes, valueSizeBytes, maxEntries, flags, pinning, inner } = map;
  const parts = [
    `${name}: ${type}`,
    `key ${keySizeBytes} bytes`,
    `value ${valueSizeBytes} bytes`,
    maxEntries === 0 ? 'max_entries to be set' : `max_entries ${maxEntries}`,
    ...(flags === 0 ? [] : [`flags 0x${flags.toString(16)}`]),
    ...(inner === undefined ? [] : [`of ${inner}`]),
    ...(pinning === 'none' ? [] : ['pinned by name']),
  ];
  const refused = map.unsupported === undefined ? '' : `; unsupported: ${map.unsupported}`;
  return parts.join(', ') + refused;
}

function globalLine({ section: elf, name, sizeBytes, value }: GlobalSummary): string {
  const shown = value === undefined ? `${sizeBytes} bytes` : toJson(value);
  return `${name} = ${shown} (${elf})`;
}

/** JSON, in which integers beyond 2^53 are numbers all the same. */
export function toJson(value: unknown, indent?: number): string {
  const bigints: string[] = [];
  const text = JSON.stringify(
    value,
    (_, part: unknown) =>
      typeof part === 'bigint' ? `\u0000${bigints.push(String(part)) - 1}` : part,
    indent,
  );
  return text.replace(/"\\u0000(\d+)"/g, (_, index: string) => bigints[Number(index)]!);
}
