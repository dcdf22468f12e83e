import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ScenarioError } from '../../src/scenario/error.js';
import { parseScenario, parseScenarioText } from '../../src/scenario/parse.js';
import { issuesOf } from './issues.js';

test('an empty document is a machine with one CPU and nothing else', () => {
  assert.equal(parseScenario({}), {
    kernel: '6.18',
    seed: 1,
    checked: false,
    cpus: 1,
    devices: [],
    programs: {},
    maps: {},
    sockets: [],
    traffic: [],
  });
});

test('an error has one line for each issue, which names file, place, expected and found', () => {
  const document = { devices: [{ name: 'eth0' }, { name: 'eth1', mtu: 'big' }], seed: -1 };
  try {
    parseScenario(document, 'scenario.json');
    assert.unreachable();
  } catch (error) {
    assert.instance(error, ScenarioError);
    assert.equal((error as ScenarioError).issues, [
      { path: 'seed', expected: 'an integer from 0 to 4294967295', found: '-1' },
      { path: 'devices[1].mtu', expected: 'an integer from 68 to 65535', found: '"big"' },
    ]);
    assert.is(
      (error as ScenarioError).message,
      'scenario.json: seed: expected an integer from 0 to 4294967295, found -1\n' +
        'scenario.json: devices[1].mtu: expected an integer from 68 to 65535, found "big"',
    );
  }
});

test('every unknown key is an issue, with the key that was probably meant', () => {
  assert.equal(
    issuesOf(() => parseScenario({ kernal: '6.1', seeds: 1, devices: [{ name: 'a', zz: 1 }] })),
    [
      'devices[0].zz: expected a known key (one of name, ifindex, kind, up, mtu, rxQueues, txQueues, cpus, peer, program, ' +
        'mode, gro, ...), found "zz"',
      'kernal: expected a known key (did you mean "kernel"?), found "kernal"',
      'seeds: expected a known key (did you mean "seed"?), found "seeds"',
    ],
  );
});

test('a missing key is described like a wrong one', () => {
  assert.equal(
    issuesOf(() => parseScenario({ programs: { main: {} }, sockets: [{}] })),
    [
      'programs.main.module: expected the path of a module, found nothing',
      'sockets[0].name: expected a name, found nothing',
      'sockets[0].device: expected a device name: 1 to 15 characters, without spaces, "/" and ":", found nothing',
    ],
  );
});

test('a number that is wrong in two ways is one issue', () => {
  assert.equal(
    issuesOf(() => parseScenario({ cpus: 256.5 })),
    ['cpus: expected an integer from 1 to 256, found 256.5'],
  );
});

test('what is no object is refused where an object belongs', () => {
  for (const [value, found] of [
    [null, 'null'],
    [[], 'an empty array'],
    [new Map(), 'an object'],
    [() => 1, 'a function'],
    ['{}', '"{}"'],
  ]) {
    assert.equal(
      issuesOf(() => parseScenario(value)),
      [`expected an object, found ${found}`],
    );
    const inside = issuesOf(() => parseScenario({ programs: value }));
    assert.equal(inside, [`programs: expected an object, found ${found}`]);
  }
});

test('names that JavaScript has a use for are no names of programs and maps', () => {
  const programs = JSON.parse('{"__proto__": {"module": "x.js"}}');
  assert.is(issuesOf(() => parseScenario({ programs })).length, 1);
  assert.is(issuesOf(() => parseScenario({ maps: { constructor: {} } })).length, 1);
  const devices = [{ name: 'eth0', program: 'toString' }];
  assert.equal(
    issuesOf(() => parseScenario({ devices })),
    ['devices[0].program: expected the name of a program (there are none), found "toString"'],
  );
});

test('a key that is given as undefined counts as left out', () => {
  const devices = [{ name: 'eth0', mtu: undefined, program: undefined, ifindex: undefined }];
  assert.equal(
    parseScenario({ name: undefined, devices }),
    parseScenario({ devices: [{ name: 'eth0' }] }),
  );
});

test('the text of a file may start with a byte order mark', () => {
  assert.is(parseScenarioText('\uFEFF{"seed": 7}', 'scenario.json').seed, 7);
});

test('text that is no JSON is an issue with line and column', () => {
  assert.throws(
    () => parseScenarioText('{\n  "seed": 1,\n}', 'scenario.json'),
    (error: Error) =>
      error instanceof ScenarioError &&
      error.message === 'scenario.json: line 3, column 1: expected a key, found "}"',
  );
});

test.run();
