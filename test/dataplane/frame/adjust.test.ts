import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { XdpBuff } from '../../../src/arena/layout.generated.js';
import type { KernelVersion } from '../../../src/machine/kernel.js';
import { Frames } from '../../support/frames.js';
import { property } from '../../support/property.js';

const EACCES = -13;
const EINVAL = -22;
const FRAME_BYTES = 4096;
const HEADROOM = 256;
const XDP_FRAME_BYTES = 40;
const SHARED_INFO_BYTES = 320;
const ETH_HLEN = 14;

type Edge = 'head' | 'tail' | 'meta';

/** net/core/filter.c in numbers: offsets into the buffer. */
class Model {
  readonly bytes = new Uint8Array(FRAME_BYTES);
  meta = HEADROOM;
  data = HEADROOM;
  end: number;
  readonly #metaMax: number;

  constructor(packet: Uint8Array, metaMax: number) {
    this.bytes.set(packet, HEADROOM);
    this.end = HEADROOM + packet.length;
    this.#metaMax = metaMax;
  }

  adjust(edge: Edge, offset: number): number {
    if (edge === 'head') return this.#adjustHead(offset);
    return edge === 'tail' ? this.#adjustTail(offset) : this.#adjustMeta(offset);
  }

  #adjustHead(offset: number): number {
    const room = this.meta - XDP_FRAME_BYTES;
    if (-offset > room || this.data + offset > this.end - ETH_HLEN) return EINVAL;
    this.bytes.copyWithin(this.meta + offset, this.meta, this.data);
    this.meta += offset;
    this.data += offset;
    return 0;
  }

  #adjustTail(offset: number): number {
    const end = this.end + offset;
    if (end > FRAME_BYTES - SHARED_INFO_BYTES || end < this.data + ETH_HLEN) return EINVAL;
    if (offset > 0) this.bytes.fill(0, this.end, end);
    this.end = end;
    return 0;
  }

  #adjustMeta(offset: number): number {
    const meta = this.meta + offset;
    if (meta < XDP_FRAME_BYTES || meta > this.data) return EINVAL;
    const length = this.data - meta;
    if (length % 4 !== 0 || length > this.#metaMax) return EACCES;
    this.meta = meta;
    return 0;
  }
}

function adjust({ kernel: { dp } }: Frames, xdp: number, edge: Edge, offset: number): number {
  if (edge === 'head') return dp.xdpAdjustHead(xdp, offset);
  return edge === 'tail' ? dp.xdpAdjustTail(xdp, offset) : dp.xdpAdjustMeta(xdp, offset);
}

function assertSame({ kernel: { arena } }: Frames, xdp: number, model: Model): void {
  const hardStart = arena.get(xdp, XdpBuff.dataHardStart);
  const { dataMeta, data, dataEnd } = XdpBuff;
  const edges = [dataMeta, data, dataEnd].map((edge) => arena.get(xdp, edge) - hardStart);
  assert.equal(edges, [model.meta, model.data, model.end]);
  const bytes = arena.bytes(hardStart + model.meta, model.end - model.meta);
  assert.ok(Buffer.from(bytes).equals(model.bytes.subarray(model.meta, model.end)));
}

const offset = fc.oneof(
  fc.integer({ min: -16, max: 16 }),
  fc.integer({ min: -64, max: 64 }).map((n) => n * 4),
  fc.integer({ min: -5000, max: 5000 }),
  fc.constantFrom(-(2 ** 31), 2 ** 31 - 1),
);
const steps = fc.array(fc.tuple(fc.constantFrom<Edge>('head', 'tail', 'meta'), offset), {
  maxLength: 40,
});
const packet = fc.uint8Array({ minLength: ETH_HLEN, maxLength: 200 });

for (const [version, metaMax] of [
  [601, 32],
  [618, 255],
] as const) {
  property(
    `a packet's edges move as in net/core/filter.c of kernel ${version}`,
    import.meta.filename,
    fc.property(packet, steps, (bytes, sequence) => {
      const frames = new Frames(version);
      const xdp = frames.buff(frames.receive(bytes));
      const model = new Model(bytes, metaMax);
      for (const [edge, by] of sequence) {
        assert.is(adjust(frames, xdp, edge, by), model.adjust(edge, by), `${edge} by ${by}`);
        assertSame(frames, xdp, model);
      }
    }),
    { numRuns: 100 },
  );
}

/** What a metadata area of `length` bytes gives, where the headroom has room for any. */
function metaOf(version: KernelVersion, length: number): number {
  const frames = new Frames(version);
  const xdp = frames.buff(frames.receive(new Uint8Array(300)));
  assert.is(adjust(frames, xdp, 'head', 200), 0);
  return adjust(frames, xdp, 'meta', -length);
}

test('metadata may be 32 bytes long before Linux 6.3, and 252 since', () => {
  const lengths = [32, 36, 252, 256];

  assert.equal(
    lengths.map((length) => metaOf(601, length)),
    [0, EACCES, EACCES, EACCES],
  );
  assert.equal(
    lengths.map((length) => metaOf(618, length)),
    [0, 0, 0, EACCES],
  );
});

test('metadata is a multiple of 4 bytes long', () => {
  assert.equal(
    [1, 2, 3].map((length) => metaOf(618, length)),
    [EACCES, EACCES, EACCES],
  );
});

test('the head leaves room for struct xdp_frame, and for an Ethernet header', () => {
  const frames = new Frames();
  const xdp = frames.buff(frames.receive(new Uint8Array(64)));

  assert.is(adjust(frames, xdp, 'head', -(HEADROOM - XDP_FRAME_BYTES) - 1), EINVAL);
  assert.is(adjust(frames, xdp, 'head', -(HEADROOM - XDP_FRAME_BYTES)), 0);
  assert.is(adjust(frames, xdp, 'head', HEADROOM - XDP_FRAME_BYTES + 51), EINVAL);
  assert.is(adjust(frames, xdp, 'head', HEADROOM - XDP_FRAME_BYTES + 50), 0);
});

test('what a program made of the edges is what the frame then has', () => {
  const frames = new Frames();
  const { dp } = frames.kernel;
  const frame = frames.receive(Uint8Array.from({ length: 100 }, (_, i) => i));
  const xdp = frames.buff(frame);
  adjust(frames, xdp, 'head', 20);
  adjust(frames, xdp, 'tail', -30);
  adjust(frames, xdp, 'meta', -8);

  assert.is(dp.xdpUpdateFrameFromBuff(xdp, frame), 1);

  assert.is(dp.xdpGetFrameLen(frame), 50);
  const again = frames.buff(frame);
  for (const edge of [XdpBuff.dataMeta, XdpBuff.data, XdpBuff.dataEnd])
    assert.is(frames.kernel.arena.get(again, edge), frames.kernel.arena.get(xdp, edge));
});

test.run();
