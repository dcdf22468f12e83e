import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { findDuplicateKey, locateJsonError } from '../../src/scenario/jsonText.js';
import { property } from '../support/property.js';

const FILE = 'dist/test/scenario/jsonText.test.js';

test('names the place, what JSON allows there and what stands there', () => {
  const cases: [text: string, line: number, column: number, expected: string, found: string][] = [
    ['', 1, 1, 'a value', ''],
    ['{"a": 1,}', 1, 9, 'a key', '}'],
    ['[1, 2', 1, 6, '"," or "]"', ''],
    ['[1,]', 1, 4, 'a value', ']'],
    ['[}', 1, 2, 'a value or "]"', '}'],
    ['{a: 1}', 1, 2, 'a key or "}"', 'a:'],
    ['{"a" 1}', 1, 6, '":"', '1'],
    ['{"a": 1 "b": 2}', 1, 9, '"," or "}"', '"b"'],
    ['{\n  "a": tru\n}', 2, 8, 'a value', 'tru'],
    ['[1] // done', 1, 5, 'the end of the text', '//'],
    ['01', 1, 2, 'the end of the text', '1'],
    ['"tab\there"', 1, 1, 'a value', '"tab'],
    ['["\\x"]', 1, 2, 'a value or "]"', '"\\x"]'],
    ['\r\n\r\n ?', 3, 2, 'a value', '?'],
  ];
  for (const [text, line, column, expected, found] of cases) {
    assert.equal(locateJsonError(text), { line, column, expected, found }, text);
  }
});

test('a long string or deep nesting is no trouble', () => {
  assert.is(locateJsonError(`["${'x'.repeat(1e7)}"`).column, 1e7 + 4);
  assert.is(locateJsonError('['.repeat(1e5)).column, 1e5 + 1);
});

test('a key that stands twice in one object is found, however it is written', () => {
  const cases: [
    text: string,
    path: (string | number)[] | undefined,
    line: number,
    column: number,
  ][] = [
    ['{"a": 1, "b": {"a": 2}}', undefined, 0, 0],
    ['[{"a": 1}, {"a": 2}]', undefined, 0, 0],
    ['{"a": 1,\n "a": 2}', ['a'], 2, 2],
    ['{"a": {}, "b": [[], 1, {"c": 1, "d": [{}], "\\u0063": 2}]}', ['b', 2, 'c'], 1, 44],
    ['{"__proto__": 1, "__proto__": 2}', ['__proto__'], 1, 18],
  ];
  for (const [text, path, line, column] of cases) {
    assert.equal(findDuplicateKey(text), path && { path, line, column }, text);
  }
});

property(
  'in what JSON.stringify writes no key stands twice',
  FILE,
  fc.property(fc.json(), (text) => assert.is(findDuplicateKey(text), undefined)),
);

/** JSON with one piece of it replaced by a few characters of JSON. */
const nearlyJson = fc
  .tuple(
    fc.json(),
    fc.nat(),
    fc.nat(3),
    fc.string({ unit: fc.constantFrom(...'{}[],:"\\01-.eE n\n'), maxLength: 3 }),
  )
  .map(([json, place, removed, added]) => {
    const at = place % (json.length + 1);
    return json.slice(0, at) + added + json.slice(at + removed);
  });

property(
  'stops at the end of the text exactly where JSON.parse is content',
  FILE,
  fc.property(nearlyJson, (text) => {
    const { expected, found } = locateJsonError(text);
    assert.is(expected === 'the end of the text' && found === '', isJson(text));
  }),
  { numRuns: 2000 },
);

property(
  'everything before the place can still become JSON',
  FILE,
  fc.property(nearlyJson, (text) => {
    fc.pre(!isJson(text));
    const { line, column, expected } = locateJsonError(text);
    const lines = text.split('\n').slice(0, line);
    const before = [...lines.slice(0, -1), lines.at(-1)!.slice(0, column - 1)].join('\n');
    const rest = locateJsonError(before);
    assert.is(rest.expected, expected);
    assert.is(rest.found, '');
  }),
  { numRuns: 1000 },
);

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

test.run();
