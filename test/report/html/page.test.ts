import { createHash } from 'node:crypto';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readPageAssets } from '../../../src/report/html/assets.js';
import { escapeHtml, scriptJson } from '../../../src/report/html/escape.js';
import { reportPage } from '../../../src/report/html/page.js';
import { emptyPageData } from './support.js';

const assets = readPageAssets();

test('text is text between tags and in attributes', () => {
  assert.is(escapeHtml(`<a href="x">&'`), '&lt;a href=&quot;x&quot;&gt;&amp;&#39;');
});

test('no name can end the script element that holds the data', () => {
  const name = '</script><!--<script>';
  const json = scriptJson({ name });
  assert.not.match(json, /</);
  assert.equal(JSON.parse(json), { name });
});

test('the policy names the one script and the one style by their hashes, and no network', () => {
  const html = reportPage(emptyPageData('</title><script>'), assets);
  const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(html)![1]!;
  const hash = (text: string) => createHash('sha256').update(text).digest('base64');
  assert.match(policy, "default-src 'none'");
  assert.match(policy, `script-src 'sha256-${hash(assets.script)}'`);
  assert.match(policy, `style-src 'sha256-${hash(assets.style)}'`);
  assert.not.match(policy, /unsafe|https?:|connect-src/);
  assert.is(html.match(/<script/g)!.length, 2);
  assert.is(html.match(/<style/g)!.length, 1);
  assert.not.match(html, /<title><\/title>/);
});

test('nothing in the page is somewhere else', () => {
  const html = reportPage(emptyPageData('x'), assets);
  assert.not.match(html, /(?:src|href)="(?!#|data:)/);
  assert.not.match(assets.style, /url\(|@import/);
});

test('the licence of the chart library is in the page', () => {
  assert.match(reportPage(emptyPageData('x'), assets), /Copyright \(c\) \d+ Leon Sorokin/);
});

test.run();
