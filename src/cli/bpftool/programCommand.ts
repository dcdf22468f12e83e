import { defineObserver } from '../run/observe.js';
import { UsageError } from '../usageError.js';
import { bpftoolOptions, outputForm } from './options.js';
import { ProgramObserver, type ProgramRequest } from './programObserver.js';
import { takeSelector } from './selector.js';

const DESCRIPTION = `
Runs as \`xdpemu run\` does, then prints the machine's programs as bpftool would after such a run:

  show          which programs there are: name, tag, maps
  dump xlated   the instructions of one of an eBPF object, with its source lines

Names are those of the C functions or the scenario's. Instructions are shown as they were loaded:
a real kernel shows what its verifier made of them. Helpers have their number behind the #.
`;

export const programCommand = defineObserver({
  usage:
    '{show [id N | name NAME | tag TAG] | dump xlated {id N | name NAME | tag TAG} [opcodes | linum]} [-j | -p]',
  description: DESCRIPTION,
  options: bpftoolOptions,
  observe: (values, operands) => {
    return new ProgramObserver({ ...request(operands), form: outputForm(values) });
  },
});

function request([action, ...operands]: readonly string[]): Omit<ProgramRequest, 'form'> {
  switch (action) {
    case 'show':
    case 'list': {
      const { selector, rest } = takeSelector(operands, ['id', 'name', 'tag']);
      nothingLeft(rest, 'prog show: expected id N, name NAME or tag TAG');
      return { action: 'show', selector, detail: undefined };
    }
    case 'dump':
      return dumpRequest(operands);
    default:
      throw new UsageError(`prog: expected show or dump xlated, found ${action ?? 'nothing'}`);
  }
}

function dumpRequest([what, ...operands]: readonly string[]): Omit<ProgramRequest, 'form'> {
  if (what !== 'xlated') {
    throw new UsageError(`prog dump: expected xlated, found ${what ?? 'nothing'}`);
  }
  const { selector, rest } = takeSelector(operands, ['id', 'name', 'tag']);
  if (selector === undefined) {
    throw new UsageError('prog dump xlated: expected id N, name NAME or tag TAG');
  }
  const [word, ...more] = rest;
  const detail = word === 'opcodes' || word === 'linum' ? word : undefined;
  const left = detail === undefined ? rest : more;
  nothingLeft(left, 'prog dump xlated: expected opcodes or linum at the end');
  return { action: 'dump', selector, detail };
}

function nothingLeft(rest: readonly string[], expected: string): void {
  if (rest.length > 0) throw new UsageError(`${expected}, found ${rest.join(' ')}`);
}
