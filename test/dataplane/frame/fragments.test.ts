import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { XdpBuff, XdpFrame } from '../../../src/arena/layout.generated.js';
import { Frames, POOL_FRAMES } from '../../support/frames.js';
import { property } from '../../support/property.js';

const EFAULT = -14;
const EINVAL = -22;
const BUFFER_BYTES = 4096;
/** Headroom and shared info take the rest of the first buffer. */
const LINEAR_MAX = BUFFER_BYTES - 256 - 320;
const ETH_HLEN = 14;

/** A packet whose bytes tell their place. */
function packet(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 31 + (i >>> 8)) & 0xff);
}

function load(
  { kernel: { arena, dp } }: Frames,
  xdp: number,
  offset: number,
  length: number,
): Uint8Array | number {
  const into = arena.allocate(length);
  const err = dp.xdpLoadBytes(xdp, offset, into, length);
  const bytes = arena.u8.slice(into, into + length);
  arena.free(into);
  return err === 0 ? bytes : err;
}

function store(frames: Frames, xdp: number, offset: number, bytes: Uint8Array): number {
  const { arena, dp } = frames.kernel;
  const from = arena.allocate(bytes.length);
  arena.u8.set(bytes, from);
  const err = dp.xdpStoreBytes(xdp, offset, from, bytes.length);
  arena.free(from);
  return err;
}

function assertHolds(frames: Frames, xdp: number, expected: Uint8Array): void {
  assert.is(frames.kernel.dp.xdpGetBuffLen(xdp), expected.length);
  const bytes = load(frames, xdp, 0, expected.length);
  assert.ok(Buffer.from(bytes as Uint8Array).equals(expected), 'the bytes differ');
}

test('a packet takes a fragment for each buffer that it needs beyond the first', () => {
  const lengths = [LINEAR_MAX, LINEAR_MAX + 1, LINEAR_MAX + 4096, LINEAR_MAX + 4097, 20_000];

  const fragments = lengths.map((length) => {
    const frames = new Frames();
    const frame = frames.receive(packet(length));
    assertHolds(frames, frames.buff(frame), packet(length));
    assert.is(frames.free, POOL_FRAMES - 1 - frames.nrFrags(frame));
    return frames.nrFrags(frame);
  });

  assert.equal(fragments, [0, 1, 1, 2, 5]);
});

test('a packet for which there are too few frames takes none', () => {
  const frames = new Frames();
  for (let i = 0; i < 78; i++) frames.alloc();

  assert.is(frames.receive(packet(3 * BUFFER_BYTES)), 0);

  assert.is(frames.inUse, 78);
});

test('a fragmented frame goes back with all its fragments, whoever returns it', () => {
  for (const holder of ['owner', 'other'] as const) {
    const frames = new Frames();
    const { dp } = frames.kernel;
    const frame = frames.receive(packet(20_000));
    if (holder === 'other') {
      dp.handOver(frames.owner.address, frame);
      dp.takeOver(frames.other.address, frame);
    }

    dp.xdpReturnFrame(frames[holder].address, frame);

    dp.xdpFlushFrameBulk(frames[holder].address);
    assert.is(frames.inUse, 0, holder);
    assert.is(frames.free, POOL_FRAMES, holder);
  }
});

const length = fc.integer({ min: LINEAR_MAX - 100, max: 3 * BUFFER_BYTES });
const ranges = fc.array(fc.tuple(fc.nat({ max: 13_000 }), fc.nat({ max: 5000 })), {
  minLength: 1,
  maxLength: 10,
});

test('a fragment that its frame forgot is astray', () => {
  const frames = new Frames();
  const { arena, dp } = frames.kernel;
  const frame = frames.receive(packet(20_000));
  assert.is(dp.fragsAstray(frames.pool()), 0);

  arena.set(frame, XdpFrame.flags, 0);
  assert.is(dp.fragsAstray(frames.pool()), 5);
  dp.xdpReturnFrame(frames.owner.address, frame);

  assert.is(frames.inUse, 0);
  assert.is(dp.fragsAstray(frames.pool()), 5);
});

property(
  'bytes are loaded and stored across fragments as if they lay side by side',
  import.meta.filename,
  fc.property(length, ranges, (bytes, accesses) => {
    const frames = new Frames();
    const model = packet(bytes);
    const xdp = frames.buff(frames.receive(model));
    accesses.forEach(([offset, count], i) => {
      const stored = new Uint8Array(count).fill(i + 1);
      const inside = offset + count <= bytes;
      assert.is(store(frames, xdp, offset, stored), inside ? 0 : EINVAL);
      if (inside) model.set(stored, offset);
      const loaded = load(frames, xdp, offset, count);
      if (inside) assert.ok(Buffer.from(loaded as Uint8Array).equals(stored));
      else assert.is(loaded, EINVAL);
    });
    assertHolds(frames, xdp, model);
  }),
  { numRuns: 60 },
);

test('an offset or a length beyond 64 KiB is a bad address, not a bad range', () => {
  const frames = new Frames();
  const xdp = frames.buff(frames.receive(packet(70_000)));

  assert.is(load(frames, xdp, 0x10000, 1), EFAULT);
  assert.is(load(frames, xdp, 0, 0x10000), EFAULT);
  assert.is(store(frames, xdp, 0x10000, new Uint8Array(1)), EFAULT);
  assert.instance(load(frames, xdp, 0xffff, 1), Uint8Array);
});

/** Bytes that may be added: to the last fragment up to its buffer's end, to a frame without up to the shared info. */
function tailroom(frames: Frames, frame: number, xdp: number): number {
  const { arena, dp } = frames.kernel;
  const linear = arena.get(xdp, XdpBuff.dataEnd) - arena.get(xdp, XdpBuff.data);
  const nrFrags = frames.nrFrags(frame);
  if (nrFrags === 0) return LINEAR_MAX - linear;
  return BUFFER_BYTES - (dp.xdpGetBuffLen(xdp) - linear - (nrFrags - 1) * BUFFER_BYTES);
}

const offsets = fc.array(
  fc.oneof(fc.integer({ min: -6000, max: 0 }), fc.integer({ min: 0, max: 5000 })),
  { minLength: 1, maxLength: 20 },
);

property(
  'the tail shrinks over fragments, which go back to their pool, and grows by zeros in the last',
  import.meta.filename,
  fc.property(length, offsets, (bytes, steps) => {
    const frames = new Frames();
    let model = packet(bytes);
    const frame = frames.receive(model);
    const xdp = frames.buff(frame);
    for (const by of steps) {
      const fits = by > 0 ? by <= tailroom(frames, frame, xdp) : -by <= model.length - ETH_HLEN;
      assert.is(frames.kernel.dp.xdpAdjustTail(xdp, by), fits ? 0 : EINVAL, `by ${by}`);
      if (fits && by > 0) model = Uint8Array.from([...model, ...new Uint8Array(by)]);
      else if (fits) model = model.slice(0, model.length + by);
      assertHolds(frames, xdp, model);
      assert.is(frames.free, POOL_FRAMES - 1 - frames.nrFrags(frame));
    }
  }),
  { numRuns: 60 },
);

test('the last fragment grows up to the end of its buffer, wherever in it its bytes begin', () => {
  const frames = new Frames();
  const { arena, dp } = frames.kernel;
  const frame = frames.receive(packet(LINEAR_MAX + 1000));
  const xdp = frames.buff(frame);
  const fragment = arena.get(frame, XdpFrame.frags);
  arena.set(fragment, XdpFrame.data, arena.get(fragment, XdpFrame.data) + 96);
  assert.is(dp.xdpAdjustTail(xdp, BUFFER_BYTES - 1000 - 95), EINVAL);
  assert.is(dp.xdpAdjustTail(xdp, BUFFER_BYTES - 1000 - 96), 0);
});

test.run();
