import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Failure, MACHINE_ADDRESS, Machine } from '../../../src/arena/layout.generated.js';
import { brokenInvariant } from '../../../src/machine/failure.js';
import { Frames, POOL_FRAMES } from '../../support/frames.js';
import { property } from '../../support/property.js';

/** Which invariant broke, who found it, and on what. */
function failureOf({ kernel: { arena } }: Frames): readonly [number, number, number] {
  return [
    arena.loadShared(MACHINE_ADDRESS, Machine.failure),
    arena.get(MACHINE_ADDRESS, Machine.failureContext),
    arena.get(MACHINE_ADDRESS, Machine.failureDetail),
  ];
}

/** `owner` gives the frame to `other`, as by a ring. */
function handTo(frames: Frames, frame: number): void {
  frames.kernel.dp.handOver(frames.owner.address, frame);
  frames.kernel.dp.takeOver(frames.other.address, frame);
}

test('a pool gives every frame once, then none', () => {
  const frames = new Frames();

  const all = Array.from({ length: POOL_FRAMES }, () => frames.alloc());

  assert.is(new Set(all).size, POOL_FRAMES);
  assert.not(all.includes(0));
  assert.is(frames.alloc(), 0);
  assert.is(frames.inUse, POOL_FRAMES);
});

test('a frame that its owner returns is the next to be given out', () => {
  const frames = new Frames();
  const frame = frames.alloc();

  frames.kernel.dp.xdpReturnFrame(frames.owner.address, frame);

  assert.is(frames.inUse, 0);
  assert.is(frames.alloc(), frame);
});

test('frames that another context returns are back once it flushes them', () => {
  const frames = new Frames();
  const { dp } = frames.kernel;
  const all = Array.from({ length: POOL_FRAMES }, () => frames.alloc());
  for (const frame of all) handTo(frames, frame);

  for (const frame of all.slice(0, 10)) dp.xdpReturnFrame(frames.other.address, frame);
  assert.is(frames.alloc(), 0, 'they wait in the bulk of the other context');
  dp.xdpFlushFrameBulk(frames.other.address);

  const again = Array.from({ length: 11 }, () => frames.alloc());
  assert.equal(new Set(again), new Set([...all.slice(0, 10), 0]));
});

test('a full bulk is handed over by itself', () => {
  const frames = new Frames();
  const all = Array.from({ length: POOL_FRAMES }, () => frames.alloc());
  for (const frame of all) handTo(frames, frame);

  for (const frame of all.slice(0, 65))
    frames.kernel.dp.xdpReturnFrame(frames.other.address, frame);

  assert.is(frames.kernel.dp.framePoolRefill(frames.pool(), 80), 64);
});

test('a frame that leaks stays in use', () => {
  const frames = new Frames();
  const [kept, returned] = [frames.alloc(), frames.alloc()];

  frames.kernel.dp.xdpReturnFrame(frames.owner.address, returned);

  assert.is(frames.inUse, 1);
  assert.is.not(kept, 0);
});

test('a frame that is returned twice is named', () => {
  const frames = new Frames();
  const frame = frames.alloc();
  frames.kernel.dp.xdpReturnFrame(frames.owner.address, frame);

  assert.throws(() => frames.kernel.dp.xdpReturnFrame(frames.owner.address, frame));

  assert.equal(failureOf(frames), [Failure.NOT_OWNER, frames.owner.id, frame]);
  assert.match(brokenInvariant(frames.kernel)!.message, frame.toString(16));
});

test('so is one that its owner returns after another context did', () => {
  const frames = new Frames();
  const frame = frames.alloc();
  handTo(frames, frame);
  frames.kernel.dp.xdpReturnFrame(frames.other.address, frame);

  assert.throws(() => frames.kernel.dp.xdpReturnFrame(frames.owner.address, frame));

  assert.equal(failureOf(frames), [Failure.NOT_OWNER, frames.owner.id, frame]);
});

test('a frame on a ring is nobody’s to return, to hand on or to take twice', () => {
  for (const wrong of ['xdpReturnFrame', 'handOver'] as const) {
    const frames = new Frames();
    const frame = frames.alloc();
    frames.kernel.dp.handOver(frames.owner.address, frame);
    assert.throws(() => frames.kernel.dp[wrong](frames.owner.address, frame));
    assert.equal(failureOf(frames), [Failure.NOT_OWNER, frames.owner.id, frame]);
  }
  const frames = new Frames();
  const frame = frames.alloc();
  handTo(frames, frame);
  assert.throws(() => frames.kernel.dp.takeOver(frames.owner.address, frame));
});

test('only the first broken invariant is kept', () => {
  const frames = new Frames();
  const [first, second] = [frames.alloc(), frames.alloc()];

  assert.throws(() => frames.kernel.dp.xdpReturnFrame(frames.other.address, first));
  assert.throws(() => frames.kernel.dp.xdpReturnFrame(frames.other.address, second));

  assert.equal(failureOf(frames), [Failure.NOT_OWNER, frames.other.id, first]);
});

const moves = fc.array(
  fc.tuple(fc.constantFrom('alloc', 'hand', 'return', 'flush'), fc.nat({ max: POOL_FRAMES })),
  { maxLength: 200 },
);

property(
  'no frame is given out while somebody holds it, and none is lost',
  import.meta.filename,
  fc.property(moves, (steps) => {
    const frames = new Frames();
    const { dp } = frames.kernel;
    const holders = new Map<number, 'owner' | 'other'>();
    for (const [what, pick] of steps) {
      const [frame, holder] = [...holders][pick % Math.max(holders.size, 1)] ?? [];
      if (what === 'flush') dp.xdpFlushFrameBulk(frames.other.address);
      if (what === 'alloc') {
        const fresh = frames.alloc();
        assert.not(holders.has(fresh));
        if (fresh !== 0) holders.set(fresh, 'owner');
      } else if (frame !== undefined && what === 'hand' && holder === 'owner') {
        handTo(frames, frame);
        holders.set(frame, 'other');
      } else if (frame !== undefined && what === 'return') {
        dp.xdpReturnFrame(frames[holder!].address, frame);
        holders.delete(frame);
      }
      assert.is(frames.inUse, holders.size);
    }
    for (const [frame, holder] of holders) dp.xdpReturnFrame(frames[holder].address, frame);
    dp.xdpFlushFrameBulk(frames.other.address);
    assert.is(dp.framePoolRefill(frames.pool(), POOL_FRAMES), POOL_FRAMES);
  }),
  { numRuns: 100 },
);

test.run();
