import type { OutputForm } from '../../bpftool/mapDump.js';
import type { OptionTable, OptionValues } from '../options.js';

export const bpftoolOptions = {
  json: { short: 'j', text: "bpftool's JSON on one line" },
  pretty: { short: 'p', text: "bpftool's JSON with indentation" },
} as const satisfies OptionTable;

export function outputForm({ json, pretty }: OptionValues<typeof bpftoolOptions>): OutputForm {
  if (pretty) return 'pretty';
  return json ? 'json' : 'plain';
}
