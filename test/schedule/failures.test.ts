import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Exploration, type ExplorationOptions } from '../../src/schedule/exploration.js';
import { trafficContexts, trafficPrograms } from './trafficMachine.js';
import { type TrafficScenario, trafficScenario } from './trafficScenario.js';

/** A run that cannot go on ends with a word on why, and never hangs. */

const [steer, onward] = trafficPrograms;

async function withExploration(
  options: Partial<ExplorationOptions>,
  check: (exploration: Exploration) => void,
): Promise<void> {
  const exploration = await Exploration.start({
    workers: trafficContexts,
    programs: trafficPrograms,
    stuckMs: 300,
    ...options,
  });
  try {
    check(exploration);
  } finally {
    await exploration.close();
  }
}

/** The traffic programs with `exportName` in place of the receiving one. */
function receivingWith(exportName: string): Partial<ExplorationOptions> {
  return { programs: [{ ...steer!, name: exportName, exportName }, onward!] };
}

test('a program that never returns is named by the context that runs it', () =>
  withExploration(receivingWith('endless'), (exploration) => {
    assert.throws(
      () => exploration.run(1, trafficScenario),
      /context [12] \(receive, CPU [01]\) has held the baton for 300 ms/,
    );
    assert.throws(() => exploration.run(2, trafficScenario), /start anew/);
  }));

test('a thread that is gone is missed', () =>
  withExploration(receivingWith('deadly'), (exploration) => {
    assert.throws(() => exploration.run(1, trafficScenario), /its thread is gone/);
  }));

test('an exception in a program ends the run, and the next one is as if nothing had been', () =>
  withExploration(receivingWith('faulty'), (exploration) => {
    const pattern = /context [12] \(receive, CPU [01]\): program faulty: PacketAccessError/;
    assert.throws(() => exploration.run(1, trafficScenario), pattern);
    const empty: TrafficScenario = { ...trafficScenario, control() {} };
    assert.equal(exploration.run(2, empty).counters.received, 0);
  }));

test('control that waits for what nobody will do is a deadlock', () =>
  withExploration({}, (exploration) => {
    const scenario: TrafficScenario = {
      ...trafficScenario,
      control(_system, _machine, turns) {
        turns.settle();
        turns.pause();
        turns.pause();
      },
    };
    assert.throws(
      () => exploration.run(1, scenario),
      /deadlock.*context 0 \(control.*waits for a write.*context 1 \(receive, CPU 0\): asleep/s,
    );
  }));

test('control that never stops asking reaches the bound on points', () =>
  withExploration({}, (exploration) => {
    const scenario: TrafficScenario = {
      ...trafficScenario,
      control(system) {
        for (;;) system.deviceByIfindex(1);
      },
    };
    assert.throws(() => exploration.run(1, scenario), /no end after 200000 points/);
  }));

test('a program module that cannot be loaded is refused at the start', async () => {
  try {
    await withExploration(receivingWith('missing'), () => {});
    assert.unreachable();
  } catch (error) {
    assert.match((error as Error).message, /export "missing"/);
  }
});

test.run();
