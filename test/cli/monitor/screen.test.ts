import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Screen } from '../../../src/cli/monitor/screen.js';

/** What a screen writes to a terminal of 10 columns, or to what is none. */
function written(isTTY: boolean, use: (screen: Screen) => void): string {
  let text = '';
  const write = (chunk: string) => {
    text += chunk;
    return true;
  };
  const stdout = { isTTY, columns: 10, write } as unknown as NodeJS.WriteStream;
  use(new Screen({ stdout }));
  return text;
}

const show = (screen: Screen) => {
  screen.print('notice\n');
  screen.show('a\nb\n\n');
  screen.show('twelve chars\n');
  screen.show('c\n');
  screen.print('end\n');
  screen.show('d\n');
};

test('on a terminal a block is written over the one before, lines that wrap included', () => {
  const up = (lines: number) => `\r\u001b[${lines}A\u001b[J`;
  const line = '\r\u001b[J';
  assert.is(
    written(true, show),
    `${line}notice\n${line}a\nb\n\n${up(3)}twelve chars\n${up(2)}c\n${line}end\n${line}d\n`,
  );
});

test('elsewhere blocks follow each other', () => {
  assert.is(written(false, show), 'notice\na\nb\n\ntwelve chars\nc\nend\nd\n');
});

test.run();
