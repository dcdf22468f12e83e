import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Io } from '../../../src/cli/io.js';
import { ProgressLine } from '../../../src/cli/run/progress.js';

/** What a progress line writes to a terminal, or to what is none. */
function written(isTTY: boolean, use: (line: ProgressLine) => void): string {
  let text = '';
  const write = (chunk: string) => {
    text += chunk;
    return true;
  };
  const stderr = { isTTY, write } as unknown as NodeJS.WriteStream;
  use(new ProgressLine({ stderr, stdout: stderr, env: {} } satisfies Io));
  return text;
}

const show = (line: ProgressLine) => {
  line.show({ received: 1500, ended: 1000, elapsedNs: 1e9 });
  line.show({ received: 4000, ended: 4000, elapsedNs: 2e9 });
  line.clear();
};

test('a terminal has one line that is written over, and nothing of it in the end', () => {
  const [nothing, first, second, end] = written(true, show).split('\r\u001b[K');
  assert.equal([nothing, end], ['', '']);
  assert.is(first, '1.0 s  1,500 frames  1,000/s  500 under way');
  assert.is(second, '2.0 s  4,000 frames  3,000/s  0 under way');
});

test('what is no terminal gets nothing', () => {
  assert.is(written(false, show), '');
});

test('a run that was too short for a line leaves none', () => {
  assert.is(
    written(true, (line) => line.clear()),
    '',
  );
});

test.run();
