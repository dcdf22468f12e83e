import type { CommandEntry } from './command.js';

/** All commands, in the order of the help. A new one is a file and an entry here. */
export const commands: readonly CommandEntry[] = [
  {
    name: 'run',
    summary: 'run an XDP program or a scenario on traffic, and say what became of every frame',
    load: async () => (await import('./run/command.js')).runCommand,
  },
  {
    name: 'replay',
    summary: 'replay recordings of a real kernel, and compare',
    load: async () => (await import('./replay/command.js')).replayCommand,
  },
];
