import type { PageData } from '../../../src/report/html/pageData.js';
import { SeriesCollector } from '../../../src/report/series/collector.js';
import { names } from '../support.js';

/** A page of a run in which nothing happened. */
export function emptyPageData(title: string): PageData {
  const series = new SeriesCollector(names, 1, () => null).document();
  return { title, facts: [], series, fates: [], faults: [] };
}
