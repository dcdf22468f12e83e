import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { stacked } from '../../../src/report/html/client/chartSpec.js';
import { exact, short, time, timeUnit } from '../../../src/report/html/client/numbers.js';
import {
  COLOURS,
  PAGE_COLOUR,
  Palette,
  REST_COLOUR,
} from '../../../src/report/html/client/palette.js';
import { found, sorted } from '../../../src/report/html/client/rows.js';
import { SHOWN_MAX, topSeries } from '../../../src/report/html/client/topSeries.js';

/** Of WCAG 2, from 1 to 21. */
function contrast(one: string, other: string): number {
  const [bright, dim] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (bright! + 0.05) / (dim! + 0.05);
}

function luminance(colour: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
}

test('every colour of a series stands out from the page, light and dark', () => {
  for (const colour of [...COLOURS, REST_COLOUR]) {
    assert.ok(contrast(colour.light, PAGE_COLOUR.light) >= 3, colour.light);
    assert.ok(contrast(colour.dark, PAGE_COLOUR.dark) >= 3, colour.dark);
  }
});

const coloured = (target: string) => ({ target, isRest: false });

test('a target keeps its colour from chart to chart; what shares it in one chart is dashed', () => {
  const palette = new Palette();
  palette.reserve(['CPU 0', 'eth1']);
  const [ring] = palette.stylesOf([coloured('eth1')]);
  const styles = palette.stylesOf([coloured('CPU 0'), coloured('eth1'), coloured('eth1')]);
  assert.equal(styles[1], ring);
  assert.equal(
    styles.map(({ index, dash }) => [index, dash]),
    [
      [0, 0],
      [1, 0],
      [1, 1],
    ],
  );
});

test('past eight targets colours come again, told apart by dashes', () => {
  const styles = new Palette().stylesOf(Array.from({ length: 9 }, (_, i) => coloured(`t${i}`)));
  assert.equal([styles[8]!.index, styles[8]!.dash], [0, 1]);
});

const one = (label: string, value: number) => ({ label, values: [value] });

test('a chart shows eight series at most, the last one the sum of the others', () => {
  const all = Array.from({ length: 12 }, (_, i) => one(`s${i}`, 12 - i));
  const shown = topSeries(all);
  assert.is(shown.length, SHOWN_MAX);
  assert.equal(shown.at(-1), {
    label: 'other (5)',
    target: 'other (5)',
    values: [5 + 4 + 3 + 2 + 1],
    isRest: true,
  });
  assert.is(topSeries(all.slice(0, 8)).at(-1)!.label, 's7');
});

test('what the run could not tell apart is shown as other, even where there is room', () => {
  const rest = { ...one('other', 3), isRest: true };
  assert.equal(
    topSeries([one('a', 1), rest]).map(({ label, isRest }) => [label, isRest]),
    [
      ['a', false],
      ['other', true],
    ],
  );
  const many = [...Array.from({ length: 9 }, (_, i) => one(`s${i}`, 1)), rest];
  assert.is(topSeries(many).at(-1)!.label, 'other (2 and more)');
});

test('a stack leaves out what is switched off', () => {
  const series = topSeries([one('a', 1), one('b', 2), one('c', 4)]);
  assert.equal(
    stacked(series, (index) => index !== 1),
    [[1], [1], [5]],
  );
});

test('a search finds rows with all its words, and sorting keeps the order of equals', () => {
  const rows = ['eth0 drop', 'eth1 Drop', 'eth1 pass'];
  assert.equal(found(rows, ' ETH1  drop ', String), ['eth1 Drop']);
  assert.equal(found(rows, '', String), rows);
  assert.equal(
    sorted(['eth10', 'eth9', 'eth1'], (row) => row, false),
    ['eth1', 'eth9', 'eth10'],
  );
  assert.equal(
    sorted(rows, (row) => row.length, true),
    rows,
  );
});

test('numbers and times are written in the unit that suits them', () => {
  assert.equal([short(999), short(12_345), exact(12_345.67)], ['999', '12.3K', '12,345.7']);
  assert.is(time(1_500_000, timeUnit(1_500_000)), '1,500 \u00b5s');
  assert.is(time(1_500_000, timeUnit(9e6)), '1.5 ms');
  assert.is(time(1_500_000, timeUnit(9e9)), '0.002 s');
});

test.run();
