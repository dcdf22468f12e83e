import { createHash } from 'node:crypto';
import type { PageAssets } from './assets.js';
import { escapeHtml, scriptJson } from './escape.js';
import type { PageData } from './pageData.js';

/**
 * The report as one HTML file. Its policy lets nothing in from the network, and runs no script and no style but its own:
 * a name from the scenario stays text whatever is in it.
 */
export function reportPage(data: PageData, { script, style, licence }: PageAssets): string {
  const title = `${data.title} \u2013 xdpemu report`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy(script, style)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>${escapeHtml(title)}</title>
<style>${style}</style>
</head>
<body>
<a class="skip" href="#content">Skip to the charts</a>
<header>
<h1>${escapeHtml(data.title)}</h1>
<button type="button" id="theme"></button>
<dl class="facts">
${data.facts.map(factHtml).join('\n')}
</dl>
</header>
<main id="content"><noscript><p>The charts need JavaScript.</p></noscript></main>
<footer>
<p>Made by xdpemu. Times are since the first event.</p>
<details><summary>Licence of uPlot, which draws the charts</summary><pre>${escapeHtml(licence)}</pre></details>
</footer>
<script type="application/json" id="data">${scriptJson(data)}</script>
<script>${script}</script>
</body>
</html>
`;
}

function factHtml({ name, value }: PageData['facts'][number]): string {
  return `<div><dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}</dd></div>`;
}

function policy(script: string, style: string): string {
  return [
    "default-src 'none'",
    `script-src ${hashSource(script)}`,
    `style-src ${hashSource(style)}`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}

function hashSource(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}
