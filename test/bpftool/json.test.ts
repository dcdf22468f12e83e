import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { jsonArray, jsonText, RawText } from '../../src/bpftool/json.js';

const value = { a: [1, -(2n ** 63n), 'x"'], b: { c: true, d: null }, e: [], f: {}, g: [{ h: 0 }] };

test('on one line it is what JSON.stringify writes, with big integers as they are', () => {
  const text = jsonText(value, false);
  assert.is(
    text,
    '{"a":[1,-9223372036854775808,"x\\""],"b":{"c":true,"d":null},"e":[],"f":{},"g":[{"h":0}]}',
  );
});

test('pretty means the same value, with lines for the fields of objects and the ends of arrays', () => {
  const text = jsonText(value, true);
  assert.equal(JSON.parse(text), JSON.parse(jsonText(value, false)));
  assert.ok(text.startsWith('{\n    "a": [1,-9223372036854775808,"x\\""\n    ],\n    "b": {\n'));
  assert.ok(text.endsWith('"g": [{\n            "h": 0\n        }\n    ]\n}'));
});

test('raw text is not quoted', () => {
  assert.is(jsonText([new RawText('0x5'), '0x5'], false), '[0x5,"0x5"]');
});

for (const isPretty of [false, true]) {
  for (const elements of [[], [1], [{ a: 1 }, { b: [2] }]]) {
    test(`an array in pieces is the array: ${elements.length} elements, ${isPretty}`, () => {
      assert.is([...jsonArray(elements, isPretty)].join(''), jsonText(elements, isPretty));
    });
  }
}

test.run();
