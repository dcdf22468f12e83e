/**
 * Builds what a report's page has beside its data into `dist/page`: one script with the chart library in it, one style
 * sheet, and the library's licence.
 */
import { copyFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const page = join(root, 'src/report/html');
const output = join(root, 'dist/page');

await build({
  entryPoints: [
    { in: join(page, 'client/main.ts'), out: 'report' },
    { in: join(page, 'report.css'), out: 'report' },
  ],
  outdir: output,
  bundle: true,
  minify: true,
  format: 'iife',
  target: 'es2022',
  // They stand in an HTML file: its encoding is not theirs to know.
  charset: 'ascii',
  legalComments: 'none',
  logLevel: 'warning',
});
copyFileSync(join(root, 'node_modules/uplot/LICENSE'), join(output, 'uplot.txt'));
