import type { PageData } from '../pageData.js';
import type { TimeAxis } from './chartSpec.js';
import { timeUnit } from './numbers.js';
import { sections } from './sections.js';
import { startTheme } from './theme.js';

const data = JSON.parse(document.getElementById('data')!.textContent!) as PageData;
const { bins, binNs } = data.series;
const axis: TimeAxis = { bins, binNs, unit: timeUnit(bins * binNs) };
startTheme(document.getElementById('theme') as HTMLButtonElement);
document.getElementById('content')!.append(...sections(data, axis));
