import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'puppeteer-core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { cli, PACKAGE_FOLDER, runJson, withFolder } from '../../cli/support/cli.js';
import { findChromium, startChromium } from '../../support/chromium.js';

const chromium = findChromium();
if (chromium === undefined) console.log('chromium is not installed: the page is not looked at');
const browserTest = chromium === undefined ? test.skip : test;

/** Harmless everywhere but in HTML. */
const HOSTILE = `</script><script>document.title='owned'</script><img src=x onerror="document.title='owned'">`;
const MIXED = join(PACKAGE_FOLDER, 'examples/mixed.ts');
const LAN = join(PACKAGE_FOLDER, 'examples/lan.pcap');

/** As much of that as the name of a device may have. */
const HOSTILE_DEVICE = `"><script>'&`;

/** A run in which every frame is lost on its way to a device with a name to be careful with. */
const scenario = {
  name: HOSTILE,
  devices: [
    { name: 'eth0', program: 'main' },
    { name: HOSTILE_DEVICE, up: false },
  ],
  programs: {
    main: { module: join(PACKAGE_FOLDER, 'dist/test/fixtures/programs/redirecting.js') },
  },
  traffic: [{ device: 'eth0', flows: 8, frames: 200 }],
};

let browser: Browser | undefined;
test.before(async () => {
  if (chromium !== undefined) browser = await startChromium(chromium);
});
test.after(async () => browser?.close());

interface Look {
  readonly width?: number;
  readonly scheme?: 'light' | 'dark';
}

/** Gives `use` the page of a run; whatever it complains of or asks the network for fails. */
async function lookAt(
  args: readonly string[],
  { width = 1280, scheme = 'light' }: Look,
  use: (page: Page) => Promise<void>,
): Promise<void> {
  await withFolder(async (folder) => {
    const { code } = await runJson([...args, '--out', folder]);
    assert.is(code, 0);
    const { stdout, stderr } = await cli(['report', folder]);
    assert.is(stdout, `${join(folder, 'report.html')}\n`, stderr);
    const page = await browser!.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('dialog', (dialog) => complaints.push(dialog.message()));
    const url = pathToFileURL(join(folder, 'report.html')).href;
    page.on('request', (request) => {
      if (request.url() !== url && !request.url().startsWith('data:'))
        complaints.push(request.url());
    });
    await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
    await page.setViewport({ width, height: 800 });
    await page.goto(url);
    await page.waitForSelector('figure canvas');
    await use(page);
    assert.equal(complaints, []);
    await page.close();
  });
}

const mixed = [MIXED, '--pcap', LAN];
const count = (page: Page, selector: string) => page.$$eval(selector, (found) => found.length);

browserTest('every section has its charts and tables', async () => {
  await lookAt(mixed, {}, async (page) => {
    const titles = await page.$$eval('h3', (heads) => heads.map((head) => head.textContent));
    assert.equal(
      titles.filter((title) => !/Drops|Errors|not delivered/.test(title!)),
      [
        'Received, by CPU',
        'Redirected, by target',
        'Delivered, by target',
        'Ring depth',
        'Frames in a bulk',
      ],
    );
    assert.ok((await count(page, 'figure canvas')) >= 5);
    assert.ok((await count(page, '.matrix tbody tr')) >= 4);
    assert.ok((await count(page, '#fates tbody tr')) >= 5);
    assert.ok((await count(page, '#flows .search-table tbody tr')) === 50);
    const drawn = await page.$$eval('figure canvas', (canvases) =>
      canvases.map((canvas) => {
        const { width, height } = canvas as HTMLCanvasElement;
        const context = (canvas as HTMLCanvasElement).getContext('2d')!;
        return context.getImageData(0, 0, width, height).data.some((value) => value !== 0);
      }),
    );
    assert.ok(drawn.every(Boolean));
  });
});

browserTest('the tables are searched, sorted and shown in full', async () => {
  await lookAt(mixed, {}, async (page) => {
    const all = await count(page, '#fates tbody tr');
    await page.type('#fates input', 'LAN2 transm');
    assert.is(await count(page, '#fates tbody tr'), 1);
    const status = await page.$eval('#fates [role=status]', (node) => node.textContent);
    assert.is(status, `1 of ${all} rows`);
    const frames = () =>
      page.$$eval('#flows .search-table tbody tr td:nth-child(2)', (cells) =>
        cells.map((cell) => Number(cell.textContent!.replaceAll(',', ''))),
      );
    const sort = '#flows .search-table th:nth-child(2) button';
    await page.$eval(sort, (button) => (button as HTMLElement).click());
    await page.$eval(sort, (button) => (button as HTMLElement).click());
    const ascending = await frames();
    assert.equal(
      ascending,
      ascending.toSorted((a, b) => a - b),
    );
    await page.$$eval('#flows .bar button', ([button]) => (button as HTMLElement).click());
    assert.ok((await frames()).length > 50);
  });
});

browserTest(
  'a chart is read by keyboard, its series switched, its values had as a table',
  async () => {
    await lookAt(mixed, {}, async (page) => {
      await page.focus('#rates .plot');
      await page.keyboard.press('ArrowRight');
      const when = () => page.$eval('#rates .when', (node) => node.textContent);
      assert.match((await when())!, /^at 0 /);
      await page.keyboard.press('ArrowRight');
      assert.not.match((await when())!, /^at 0 /);
      await page.keyboard.press('Escape');
      assert.is(await when(), '');
      await page.focus('#rates .legend button');
      await page.keyboard.press('Space');
      assert.is(
        await page.$eval('#rates .legend button', (button) => button.getAttribute('aria-pressed')),
        'false',
      );
      await page.focus('#rates summary');
      await page.keyboard.press('Enter');
      await page.waitForSelector('#rates details table tbody tr');
    });
  },
);

browserTest('the page follows the system and the button, and so do the charts', async () => {
  await lookAt(mixed, { scheme: 'dark' }, async (page) => {
    const background = () => page.$eval('body', (body) => getComputedStyle(body).backgroundColor);
    const picture = () =>
      page.$eval('figure canvas', (canvas) => (canvas as HTMLCanvasElement).toDataURL());
    const dark = await picture();
    assert.is(await background(), 'rgb(21, 24, 29)');
    await page.click('#theme');
    assert.is(await background(), 'rgb(255, 255, 255)');
    await page.waitForFunction(
      (before) =>
        document.querySelector<HTMLCanvasElement>('figure canvas')!.toDataURL() !== before,
      {},
      dark,
    );
  });
});

browserTest('the page is no wider than a phone', async () => {
  await lookAt(mixed, { width: 360 }, async (page) => {
    const widths = await page.evaluate(() => [
      document.documentElement.scrollWidth,
      Math.max(...[...document.querySelectorAll('figure')].map((each) => each.scrollWidth)),
    ]);
    assert.ok(widths[0]! <= 360, String(widths));
    assert.ok(widths[1]! <= 360, String(widths));
  });
});

browserTest('names that are HTML stay text', async () => {
  await withFolder(async (folder) => {
    const file = join(folder, 'hostile.json');
    writeFileSync(file, JSON.stringify(scenario));
    await lookAt([file], {}, async (page) => {
      assert.is(await page.title(), `${HOSTILE} \u2013 xdpemu report`);
      assert.is(await page.$eval('h1', (head) => head.textContent), HOSTILE);
      assert.is(await count(page, 'img'), 0);
      const text = await page.$eval('#redirects table', (table) => table.textContent);
      assert.ok(text!.includes(HOSTILE_DEVICE));
      const meaning = await page.$eval('#fates .search-table', (table) => table.textContent);
      assert.match(meaning!, 'is down');
    });
  });
});

test.run();
