import type { Command, CommandEntry } from './command.js';
import { describeOptions, type OptionTable } from './options.js';

/** Options that every command has. */
export const commonOptions = {
  help: { short: 'h', text: 'print this help' },
} as const satisfies OptionTable;

export function mainHelp(commands: readonly CommandEntry[]): string {
  const width = Math.max(...commands.map(({ name }) => name.length)) + 2;
  const lines = commands.map(({ name, summary }) => `  ${name.padEnd(width)}${summary}`);
  return `Linux's XDP_REDIRECT without a kernel.

usage: xdpemu COMMAND [arguments]

commands:
${lines.join('\n')}

  xdpemu COMMAND --help   what the command does and its options
  xdpemu --version

exit codes: 0 done, 1 the run broke an invariant or a worker died, 2 wrong usage or input
XDPEMU_DEBUG=1 in the environment adds the stack to error messages.
`;
}

export function commandHelp(name: string, { usage, description, options }: Command): string {
  return `usage: xdpemu ${name} ${usage}

${description.trim()}

options:
${describeOptions({ ...options, ...commonOptions })}
`;
}
