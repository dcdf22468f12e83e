import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { describeOptions, parseOptions } from '../../src/cli/options.js';

const table = {
  frames: { value: 'N', text: 'how many' },
  json: { short: 'j', text: 'one object\non one line' },
} as const;

test('values, switches and operands come apart in any order', () => {
  const { values, operands } = parseOptions(['a', '--frames', '3', 'b', '-j'], table);
  assert.equal(values, { frames: '3', json: true });
  assert.equal(operands, ['a', 'b']);
  assert.equal(parseOptions(['--frames=3'], table).values, { frames: '3' });
});

test('what follows -- is kept as it stands', () => {
  const { values, operands, wrapped } = parseOptions(['a', '-j', '--', '--frames', '-j'], table);
  assert.equal(values, { json: true });
  assert.equal(operands, ['a']);
  assert.equal(wrapped, ['--frames', '-j']);
  assert.equal(parseOptions(['a', '--'], table).wrapped, []);
  assert.is(parseOptions(['a'], table).wrapped, undefined);
});

test('an option that may be repeated has the list of its values', () => {
  const repeatable = { event: { value: 'E', short: 'e', isRepeatable: true, text: '' } } as const;
  const { values } = parseOptions(['-e', 'a', '--event=b', '-ec'], repeatable);
  assert.equal(values, { event: ['a', 'b', 'c'] });
  assert.equal(parseOptions([], repeatable).values, {});
  assert.throws(() => parseOptions(['-e'], repeatable), /-e: expected a value/);
});

test('a value may be negative: what it means is for the option to say', () => {
  assert.equal(parseOptions(['--frames', '-3'], table).values, { frames: '-3' });
});

for (const [args, message] of [
  [['--frmes', '3'], '--frmes: no such option; did you mean --frames?'],
  [['--colour'], '--colour: no such option; see --help'],
  [['-x'], '-x: no such option; see --help'],
  [['--constructor'], '--constructor: no such option; see --help'],
  [['--frames'], '--frames: expected a value: --frames N'],
  [['--frames', '--json'], '--frames: expected a value: --frames N'],
  [['--json=yes'], '--json: expected no value, found "yes"'],
  [['--frames', '1', '--frames', '2'], '--frames: expected once, found twice'],
] as const) {
  test(`${args.join(' ')} is refused`, () => {
    assert.throws(
      () => parseOptions(args, table),
      (error: Error) => error.name === 'UsageError' && error.message === message,
    );
  });
}

test('the help has a line for each option, continued under its text', () => {
  assert.is(
    describeOptions(table),
    [
      '  --frames N          how many',
      '  -j, --json          one object',
      '                      on one line',
    ].join('\n'),
  );
});

test.run();
