import { closed, flag, oneOf, optional, required, text } from './blocks.js';

const ATTACH_TYPES = ['xdp', 'xdp/cpumap', 'xdp/devmap'] as const;

export const ProgramSchema = closed({
  module: required(
    'Path of the module with the program, relative to the scenario file.',
    text('the path of a module'),
  ),
  export: optional('Which export of the module it is.', text('the name of an export'), 'default'),
  frags: optional('Takes frames with fragments (BPF_F_XDP_HAS_FRAGS).', flag(), false),
  attach: optional(
    'expected_attach_type: "xdp" for a device, the others for entries of those maps.',
    oneOf(ATTACH_TYPES),
    'xdp',
  ),
});
