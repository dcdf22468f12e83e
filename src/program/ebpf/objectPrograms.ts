import { BpfProgramError } from '../../bpf/isa/error.js';
import { loadProgram } from '../../bpf/isa/program.js';
import { linkProgram } from '../../bpf/spec/linkProgram.js';
import {
  lineAt,
  type ObjectSpec,
  type ProgramSpec,
  type Unsupported,
} from '../../bpf/spec/objectSpec.js';
import { checkStackDepth } from '../../bpf/stackDepth.js';
import { ProgramLoadError } from '../loadError.js';
import { unsupportedCalls } from './helpers.js';
import { unknownSymbols } from './kfuncs.js';

/** `expected_attach_type` as scenarios write it. */
export type AttachName = 'xdp' | 'xdp/cpumap' | 'xdp/devmap';

const attachNames: Readonly<Record<string, AttachName>> = {
  xdp: 'xdp',
  xdp_cpumap: 'xdp/cpumap',
  xdp_devmap: 'xdp/devmap',
};

/** Where a program is to be attached, by its section; undefined where that says nothing of XDP. */
export function attachOf({ type }: ProgramSpec): AttachName | undefined {
  return type.programType === 'xdp' ? attachNames[type.attachType ?? 'xdp'] : undefined;
}

/** The object's XDP programs that load by themselves, whatever may stand in their way. */
export function xdpPrograms({ programs }: ObjectSpec): readonly ProgramSpec[] {
  return programs.filter((program) => program.autoload && attachOf(program) !== undefined);
}

/**
 * The program that is meant: the one called `name`, else the only one for `attach`, else the only one whose section says
 * nothing at all. Throws `ProgramLoadError`.
 */
export function chooseProgram(
  object: ObjectSpec,
  name: string | undefined,
  attach: AttachName,
): ProgramSpec {
  return name === undefined ? onlyProgram(object, attach) : programNamed(object, name);
}

function programNamed(object: ObjectSpec, name: string): ProgramSpec {
  const program = object.programs.find((candidate) => candidate.name === name);
  if (program === undefined)
    throw new ProgramLoadError(`${object.name}: no program ${name}; ${listed(object.programs)}`);
  const { programType } = program.type;
  if (programType !== 'xdp' && programType !== 'unspec') {
    throw new ProgramLoadError(
      `${object.name}: program ${name}: expected an XDP program, found type ${programType} (section ${program.section})`,
    );
  }
  return program;
}

function onlyProgram(object: ObjectSpec, attach: AttachName): ProgramSpec {
  const fitting = xdpPrograms(object).filter((program) => attachOf(program) === attach);
  const unspecified = object.programs.filter(({ type }) => type.programType === 'unspec');
  const candidates = fitting.length > 0 || attach !== 'xdp' ? fitting : unspecified;
  const [program] = candidates;
  if (program !== undefined && candidates.length === 1) return program;
  const found = candidates.length === 0 ? 'none' : `${candidates.length} of them`;
  throw new ProgramLoadError(
    `${object.name}: expected one program for ${attach}, found ${found}: name the one that is meant; ${listed(object.programs)}`,
  );
}

function listed(programs: readonly ProgramSpec[]): string {
  if (programs.length === 0) return 'it has no programs';
  const names = programs.map(({ name, section }) => `${name} (section ${section})`);
  return `its programs are ${names.join(', ')}`;
}

/** What keeps a program from being loaded: what the object reader found, and what of the kernel there is not. */
export function obstaclesOf(program: ProgramSpec): readonly Unsupported[] {
  const found = [...program.unsupported, ...unsupportedCalls(program), ...unknownSymbols(program)];
  // What cannot be read yet has no frames to be counted.
  return found.length > 0 ? found : excessiveStack(program);
}

/** Where the frames of calls in each other are more than the kernel's stack takes. */
function excessiveStack(program: ProgramSpec): readonly Unsupported[] {
  try {
    // What references stand for makes no difference.
    checkStackDepth(loadProgram(linkProgram({ ...program, coreRelocations: [] }, () => 1n)));
    return [];
  } catch (error) {
    if (!(error instanceof BpfProgramError)) throw error;
    const { slot: insnIndex, problem: reason } = error;
    const { section, lines } = program;
    const line = lineAt(lines, insnIndex);
    return [{ reason, section, insnIndex, ...(line !== undefined && { line }) }];
  }
}
