import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readPageAssets } from '../../report/html/assets.js';
import { reportPage } from '../../report/html/page.js';
import { pageData } from '../../report/html/pageData.js';
import { defineCommand } from '../command.js';
import { EXIT } from '../exit.js';
import type { OptionTable } from '../options.js';
import { UsageError } from '../usageError.js';
import { framesOf } from './frames.js';
import { readRunFolder } from './runFolder.js';

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
    const [folder, ...more] = operands;
    if (folder === undefined) {
      throw new UsageError(
        'expected the folder of a run: xdpemu report DIR, made by run --out DIR',
      );
    }
    if (more.length > 0) {
      throw new UsageError(`expected one folder, found also ${more.join(', ')}`);
    }
    const { report, scenario, series } = readRunFolder(folder);
    const frames = await framesOf(folder, series.startNs);
    const file = output ?? join(folder, PAGE_FILE);
    writeFileSync(file, reportPage(pageData(report, scenario, series, frames), readPageAssets()));
    io.stdout.write(`${file}\n`);
    return EXIT.DONE;
  },
});
