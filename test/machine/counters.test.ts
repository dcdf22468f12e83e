import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Context, Fate } from '../../src/arena/layout.generated.js';
import { readCounters } from '../../src/machine/counters.js';
import { Machine } from '../../src/machine/machine.js';
import { endedFrames } from '../../src/report/report.js';

test('while frames move, no more seem to have ended than were received', async () => {
  const machine = await Machine.create({ devices: [{ name: 'eth0' }] });
  const { system } = machine;
  // A world in which a frame comes in and passes with every look at it.
  const receiver = system.kernel.contexts.find(({ cpu }) => cpu === 0)!.address;
  const passed = system.arena.get(receiver, Context.fates) + 8 * Fate.PASS;
  let frames = 0;
  const arena = new Proxy(system.arena, {
    get(target, name) {
      frames++;
      if (name === 'u64') {
        return (address: number) => (address === passed ? frames : target.u64(address));
      }
      if (name === 'get') {
        return (address: number, field: typeof Context.received) =>
          address === receiver && field === Context.received ? frames : target.get(address, field);
      }
      return Reflect.get(target, name, target);
    },
  });
  const bound = new Proxy(system, {
    get(target, name) {
      if (name === 'arena') return arena;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  const counters = readCounters(bound);
  assert.ok(counters.frames.fates['pass']! > 0);
  assert.ok(endedFrames(counters.frames) <= counters.frames.received);
  assert.ok(counters.cpus[0]!.fates['pass']! <= counters.cpus[0]!.received);
  await machine.close();
});

test.run();
