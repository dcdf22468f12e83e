import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Arena } from '../../src/arena/arena.js';
import { Context } from '../../src/arena/layout.generated.js';
import { Rcu } from '../../src/machine/rcu.js';
import { property } from '../support/property.js';

/** Contexts of which nothing exists but their `seq` and `dead` words. */
class Contexts {
  readonly arena = Arena.create(2 ** 20);
  readonly addresses: number[] = [];

  add(seq = 0): number {
    const address = this.arena.allocate(Context.SIZE);
    this.arena.set(address, Context.seq, seq);
    return this.addresses.push(address) - 1;
  }

  /** Enters a bottom-half section, or leaves it. */
  cross(index: number): void {
    const address = this.addresses[index]!;
    this.arena.storeShared(address, Context.seq, this.arena.get(address, Context.seq) + 1);
  }

  kill(index: number): void {
    this.arena.storeShared(this.addresses[index]!, Context.dead, 1);
  }
}

function create(...seqs: number[]): { contexts: Contexts; rcu: Rcu } {
  const contexts = new Contexts();
  for (const seq of seqs) contexts.add(seq);
  return { contexts, rcu: new Rcu(contexts.arena, contexts.addresses) };
}

test('where no context is inside a section, a grace period is over at the next poll', () => {
  const { rcu } = create(0, 2);
  let done = 0;

  rcu.defer(() => done++);
  assert.is(done, 0, 'never from within the call');

  assert.is(rcu.poll(), 0);
  assert.is(done, 1);
});

test('a grace period waits for the contexts that were inside when it began, and for no other', () => {
  const { contexts, rcu } = create(1, 0);
  let done = 0;
  rcu.defer(() => done++);

  contexts.cross(1);
  assert.is(rcu.poll(), 1);
  contexts.cross(0);
  assert.is(rcu.poll(), 0);

  assert.is(done, 1);
});

test('a context that left and came back in between does not hold it up', () => {
  const { contexts, rcu } = create(2 ** 32 - 1);
  let done = 0;
  rcu.defer(() => done++);

  contexts.cross(0);
  contexts.cross(0);
  rcu.poll();

  assert.is(done, 1);
});

test('a context that is added later is not waited for', () => {
  const { contexts, rcu } = create(0);
  let done = 0;
  rcu.defer(() => done++);

  contexts.add(1);
  rcu.poll();

  assert.is(done, 1);
});

test('a dead context does not block', () => {
  const { contexts, rcu } = create(1);
  let done = 0;
  rcu.defer(() => done++);
  assert.is(rcu.poll(), 1);

  contexts.kill(0);
  rcu.poll();

  assert.is(done, 1);
});

test('what a callback defers waits for a grace period of its own', () => {
  const { contexts, rcu } = create(0);
  const order: string[] = [];
  rcu.defer(() => {
    order.push('outer');
    contexts.cross(0);
    rcu.defer(() => order.push('inner'));
  });

  assert.is(rcu.poll(), 1);
  assert.equal(order, ['outer']);
  contexts.cross(0);
  rcu.poll();

  assert.equal(order, ['outer', 'inner']);
});

type Step = { readonly cross: number } | 'defer' | 'poll';
const step = fc.oneof(
  fc.record({ cross: fc.nat({ max: 3 }) }),
  fc.constantFrom<Step>('defer', 'poll'),
) as fc.Arbitrary<Step>;

property(
  'callbacks run in order, each as soon as all that were inside when it was deferred have left',
  import.meta.filename,
  fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
    const { contexts, rcu } = create(0, 0, 0, 0);
    const ran: number[] = [];
    /** Contexts that each callback, in order, still has to wait for. */
    const awaited: Set<number>[] = [];
    const inside = new Set<number>();
    for (const what of steps) {
      if (what === 'defer') {
        const id = awaited.push(new Set(inside)) - 1;
        rcu.defer(() => ran.push(id));
      } else if (what === 'poll') {
        rcu.poll();
        const blocked = awaited.findIndex((set) => set.size > 0);
        const ready = blocked === -1 ? awaited.length : blocked;
        assert.equal(
          ran,
          Array.from({ length: ready }, (_, id) => id),
        );
      } else {
        contexts.cross(what.cross);
        if (inside.delete(what.cross)) for (const set of awaited) set.delete(what.cross);
        else inside.add(what.cross);
      }
    }
  }),
  { numRuns: 200 },
);

test.run();
