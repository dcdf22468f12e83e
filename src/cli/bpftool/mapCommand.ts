import { defineObserver } from '../run/observe.js';
import { UsageError } from '../usageError.js';
import { keyBytes } from './keyBytes.js';
import { MapObserver, type MapRequest } from './mapObserver.js';
import { bpftoolOptions, outputForm } from './options.js';
import { takeSelector } from './selector.js';

const DESCRIPTION = `
Runs as \`xdpemu run\` does, then prints the machine's maps as bpftool would after such a run on a
real machine:

  show    which maps there are: type, name, sizes
  dump    what is in one of them, formatted by its BTF types where it has any
  lookup  one entry of it: key 1 0 0 0, or key hex 01 00 00 00

Names are the kernel's (at most 15 characters) or the scenario's. What only a real kernel knows
(memlock, pinned paths, processes) is left out.
`;

export const mapCommand = defineObserver({
  usage:
    '{show [id N | name NAME] | dump {id N | name NAME} | lookup {id N | name NAME} key BYTES} [-j | -p]',
  description: DESCRIPTION,
  options: bpftoolOptions,
  observe: (values, operands) => {
    return new MapObserver({ ...request(operands), form: outputForm(values) });
  },
});

function request([action, ...operands]: readonly string[]): Omit<MapRequest, 'form'> {
  const { selector, rest } = takeSelector(operands, ['id', 'name']);
  switch (action) {
    case 'show':
    case 'list':
      nothingLeft(action, rest);
      return { action: 'show', selector, key: undefined };
    case 'dump':
    case 'lookup':
      if (selector === undefined) throw new UsageError(`map ${action}: expected id N or name NAME`);
      if (action === 'lookup') return { action, selector, key: keyBytes(rest) };
      nothingLeft(action, rest);
      return { action, selector, key: undefined };
    default:
      throw new UsageError(`map: expected show, dump or lookup, found ${action ?? 'nothing'}`);
  }
}

function nothingLeft(action: string, rest: readonly string[]): void {
  if (rest.length === 0) return;
  throw new UsageError(`map ${action}: expected id N or name NAME, found ${rest.join(' ')}`);
}
