import type { CommandEntry } from './command.js';

/** All commands, in the order of the help. A new one is a file and an entry here. */
export const commands: readonly CommandEntry[] = [
  {
    name: 'run',
    summary: 'run an XDP program or a scenario on traffic, and say what became of every frame',
    load: async () => (await import('./run/command.js')).runCommand,
  },
  {
    name: 'report',
    summary: 'draw what a run recorded: one HTML page of charts and tables',
    load: async () => (await import('./report/command.js')).reportCommand,
  },
  {
    name: 'trace',
    summary: 'run a bpftrace program on the tracepoints of a run',
    load: async () => (await import('./trace/command.js')).traceCommand,
  },
  {
    name: 'record',
    summary: 'run, and write tracepoints to a perf.data for perf script and perf report',
    load: async () => (await import('./record/command.js')).recordCommand,
  },
  {
    name: 'map',
    summary: "run, and print the maps' contents as bpftool does",
    load: async () => (await import('./bpftool/mapCommand.js')).mapCommand,
  },
  {
    name: 'prog',
    summary: 'run, and print the programs as bpftool does',
    load: async () => (await import('./bpftool/programCommand.js')).programCommand,
  },
  {
    name: 'why',
    summary: 'tell the way of a frame through a recorded run, and why it ended where it did',
    load: async () => (await import('./why/command.js')).whyCommand,
  },
  {
    name: 'monitor',
    summary: 'show the counters of a run while it goes on, as xdp-monitor does',
    load: async () => (await import('./monitor/command.js')).monitorCommand,
  },
  {
    name: 'replay',
    summary: 'replay recordings of a real kernel, and say where the emulator differs',
    load: async () => (await import('./replay/command.js')).replayCommand,
  },
  {
    name: 'stress',
    summary: 'check that frames are conserved and in order while everything around them changes',
    load: async () => (await import('../stress/command.js')).stressCommand,
  },
  {
    name: 'inspect',
    summary: 'say what is in an eBPF object, and what of it could not be run',
    load: async () => (await import('./object/inspectCommand.js')).inspectCommand,
  },
  {
    name: 'disasm',
    summary: "print an eBPF object's programs with their source lines, or as WebAssembly",
    load: async () => (await import('./object/disasmCommand.js')).disasmCommand,
  },
  {
    name: 'bpf-plugin',
    summary: 'run one program for the bpf_conformance suite',
    load: async () => (await import('./object/pluginCommand.js')).pluginCommand,
  },
];
