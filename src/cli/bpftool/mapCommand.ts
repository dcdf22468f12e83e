import { defineObserver } from '../run/observe.js';
import { UsageError } from '../usageError.js';
import { MapObserver, type MapRequest } from './mapObserver.js';
import { bpftoolOptions, outputForm } from './options.js';
import { takeSelector } from './selector.js';

const DESCRIPTION = `
Runs as \`xdpemu run\` does, then prints the machine's maps as bpftool would after such a run on a
real machine:

  show   which maps there are: type, name, sizes
  dump   what is in one of them, formatted by its BTF types where it has any

Names are the kernel's (at most 15 characters) or the scenario's. What only a real kernel knows
(memlock, pinned paths, processes) is left out.
`;

export const mapCommand = defineObserver({
  usage: '{show [id N | name NAME] | dump {id N | name NAME}} [-j | -p]',
  description: DESCRIPTION,
  options: bpftoolOptions,
  observe: (values, operands) => {
    return new MapObserver({ ...request(operands), form: outputForm(values) });
  },
});

function request([action, ...operands]: readonly string[]): Omit<MapRequest, 'form'> {
  const { selector, rest } = takeSelector(operands, ['id', 'name']);
  if (rest.length > 0) {
    throw new UsageError(`map ${action}: expected id N or name NAME, found ${rest.join(' ')}`);
  }
  switch (action) {
    case 'show':
    case 'list':
      return { action: 'show', selector };
    case 'dump':
      if (selector === undefined) throw new UsageError('map dump: expected id N or name NAME');
      return { action, selector };
    default:
      throw new UsageError(`map: expected show or dump, found ${action ?? 'nothing'}`);
  }
}
