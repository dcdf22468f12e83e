import { readFileSync } from 'node:fs';

/** What the page consists of beside its data, as `scripts/buildPage.mjs` has made it. */
export interface PageAssets {
  readonly script: string;
  readonly style: string;
  /** Of the library in the script. */
  readonly licence: string;
}

const FOLDER = new URL('../../../page/', import.meta.url);

export function readPageAssets(): PageAssets {
  const read = (name: string) => readFileSync(new URL(name, FOLDER), 'utf8');
  return { script: read('report.js'), style: read('report.css'), licence: read('uplot.txt') };
}
