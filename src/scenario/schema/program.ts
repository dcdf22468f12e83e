import * as v from 'valibot';
import { closed, flag, named, oneOf, optional, required, text } from './blocks.js';

const ATTACH_TYPES = ['xdp', 'xdp/cpumap', 'xdp/devmap'] as const;

export const ProgramSchema = closed({
  module: required(
    'Path of the module with the program, relative to the scenario file. One that ends in ".o" is an eBPF object.',
    text('the path of a module'),
  ),
  export: optional(
    'Which export of the module it is; of an eBPF object the C function. Default there: its only program for "attach".',
    text('the name of an export'),
    'default',
  ),
  frags: optional('Takes frames with fragments (BPF_F_XDP_HAS_FRAGS).', flag(), false),
  attach: optional(
    'expected_attach_type: "xdp" for a device, the others for entries of those maps.',
    oneOf(ATTACH_TYPES),
    'xdp',
  ),
  globals: optional(
    'Values of global variables of the eBPF object by name, set before it is loaded.',
    named(v.unknown()),
  ),
});
