import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  count,
  decimal,
  duration,
  numbers,
  share,
  table,
  texts,
  whole,
} from '../../src/report/format.js';

test('thousands are set apart', () => {
  assert.equal([0, 999, 1000, 1234567].map(whole), ['0', '999', '1,000', '1,234,567']);
  assert.equal([decimal(1234.56, 1), decimal(1234.56, 0)], ['1,234.6', '1,235']);
});

test('a share never reads as nothing or all where it is not', () => {
  assert.equal(
    [share(0, 10), share(1, 3), share(10, 10), share(1, 1e6), share(999_999, 1e6), share(0, 0)],
    ['0.0 %', '33.3 %', '100.0 %', '<0.1 %', '>99.9 %', '0.0 %'],
  );
});

test('durations come in the unit that suits them', () => {
  assert.equal([1500, 2.5e6, 61e9].map(duration), ['1.5 us', '2.5 ms', '61.00 s']);
});

test('one is not many', () => {
  assert.equal([count(1, 'frame'), count(1000, 'frame')], ['1 frame', '1,000 frames']);
});

test('a table is aligned, without blanks at the end of its lines', () => {
  const rows = [
    { name: 'a', n: 1000 },
    { name: 'long one', n: 0 },
  ];
  const names = texts('name', rows, ({ name }) => name);
  const counts = numbers('n', rows, ({ n }) => n)!;
  assert.equal(table([names, counts, { ...names, title: '' }]), [
    '  name          n',
    '  a         1,000  a',
    '  long one      -  long one',
  ]);
});

test('a column of zeros is none', () => {
  assert.is(
    numbers('n', [0, 0], (n) => n),
    undefined,
  );
});

test.run();
