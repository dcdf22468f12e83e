import { spawnSync } from 'node:child_process';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { strftime } from '../../../src/bpftrace/output/strftime.js';

/** Winter and summer, both halves of a day, ends of a year. */
const times = [0, 951_782_399, 1_700_000_000, 1_719_835_200, 1_735_689_599, 1_735_689_600];
const letters = [...'aAbBcCdDeFhHIjklmMnprRsStTuwxXyYz%'].filter((letter) => letter !== 'n');

test('conversions are those of date(1)', () => {
  const format = letters.map((letter) => `${letter}=%${letter}`).join(' ');
  for (const time of times) {
    const { stdout } = spawnSync('date', ['-d', `@${time}`, `+${format}`], {
      encoding: 'utf8',
      env: { ...process.env, LC_ALL: 'C' },
    });
    assert.is(strftime(format, time * 1000), stdout.slice(0, -1));
  }
});

test('what is no conversion stays, and %f is the microseconds', () => {
  assert.is(strftime('%q %S.%f%', 1.25 * 1000), '%q 01.250000%');
});

test.run();
