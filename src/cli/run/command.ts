import { defineCommand } from '../command.js';
import { runArguments, runOptions } from './arguments.js';
import { run } from './run.js';

const DESCRIPTION = `
Runs PROGRAM, a module (.ts, .mts, .js, .mjs) whose default export is defineXdp(...) or an object
(.o) that clang built for the kernel, or the scenario in a JSON file, on worker threads: frames
come in from --pcap, --traffic or the scenario's own traffic, and the summary says what became of
every one of them.

A module may export \`scenario\`: its devices, maps, sockets and traffic. Without one there is a
single device, eth0, that the program is attached to.

Ctrl-C lets no more frames in, waits for those that are under way and prints the summary (exit
code 0); a second one, or one before any frame came in, ends at once (130).
`;

export const runCommand = defineCommand({
  usage: 'PROGRAM|SCENARIO.json [options]',
  description: DESCRIPTION,
  options: runOptions,
  run: async (values, operands, io) => run(runArguments(values, operands), io),
});
