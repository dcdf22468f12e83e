import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type ModuleScenario, scenarioOfModule } from '../../src/scenario/module.js';
import { parseScenario } from '../../src/scenario/parse.js';
import { issuesOf } from './issues.js';

test('a bare program module runs on one nic', () => {
  const scenario = parseScenario(scenarioOfModule('drop.js'));
  assert.equal(
    scenario.devices.map(({ name, ifindex, kind, program }) => [name, ifindex, kind, program]),
    [['eth0', 1, 'nic', 'main']],
  );
  assert.equal(scenario.programs, {
    main: { module: 'drop.js', export: 'default', frags: false, attach: 'xdp' },
  });
});

test('what the module exports is kept, and its programs come from the module itself', () => {
  const exported: ModuleScenario = {
    devices: [{ name: 'wan', program: 'main' }],
    programs: {
      main: { frags: true },
      egress: { export: 'egress', attach: 'xdp/devmap' },
      other: { module: 'other.js' },
    },
  };
  const { devices, programs } = parseScenario(scenarioOfModule('bridge.js', exported));
  assert.is(devices[0]!.name, 'wan');
  assert.equal(
    Object.entries(programs).map(([name, { module }]) => [name, module]),
    [
      ['main', 'bridge.js'],
      ['egress', 'bridge.js'],
      ['other', 'other.js'],
    ],
  );
  const { main } = programs;
  assert.is(main!.frags, true);
});

test('an export of the wrong kind is left for the parser to refuse', () => {
  const wrong = [7, { programs: [] }, { programs: { main: 'main.js' } }].map((exported) =>
    issuesOf(() => parseScenario(scenarioOfModule('x.js', exported))),
  );
  assert.equal(wrong, [
    ['expected an object, found 7'],
    ['programs: expected an object, found an empty array'],
    ['programs.main: expected an object, found "main.js"'],
  ]);
});

test.run();
