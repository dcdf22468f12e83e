import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readPageAssets } from '../../report/html/assets.js';
import { reportPage } from '../../report/html/page.js';
import { pageData } from '../../report/html/pageData.js';
import { defineCommand } from '../command.js';
import { EXIT } from '../exit.js';
import type { OptionTable } from '../options.js';
import { folderOperand, readReport, readSeries } from '../runFolder.js';
import { framesOf } from './frames.js';

const PAGE_FILE = 'report.html';

const options = {
  output: { value: 'FILE', short: 'o', text: `where the page goes (default: DIR/${PAGE_FILE})` },
} as const satisfies OptionTable;

const DESCRIPTION = `
Draws what \`xdpemu run --out DIR\` recorded: one HTML file with everything in it, which needs no
network. Who redirected to whom, rates, ring depth, bulk fill, drops and errors over time, how
flows are spread over CPUs, and a searchable table of fates.
`;

export const reportCommand = defineCommand({
  usage: 'DIR [-o FILE]',
  description: DESCRIPTION,
  options,
  run: async ({ output }, operands, io) => {
    const folder = folderOperand('report', operands);
    const { report, scenario } = readReport(folder);
    const series = readSeries(folder);
    const frames = await framesOf(folder, series.startNs);
    const file = output ?? join(folder, PAGE_FILE);
    writeFileSync(file, reportPage(pageData(report, scenario, series, frames), readPageAssets()));
    io.stdout.write(`${file}\n`);
    return EXIT.DONE;
  },
});
