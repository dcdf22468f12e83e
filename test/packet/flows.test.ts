import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { getU16, getU32 } from '../../src/packet/bytes.js';
import { flowOf, formatFlow } from '../../src/packet/flow.js';
import { FLOWS_MAX, Flows } from '../../src/packet/flows.js';
import { parseFrame } from '../../src/packet/frame.js';
import { equalIndirection, Rss } from '../../src/packet/rss.js';
import { transportChecksumState } from '../../src/packet/transportChecksum.js';
import { property } from '../support/property.js';

const FILE = 'dist/test/packet/flows.test.js';

const spec = fc.record({
  seed: fc.nat(0xffff_ffff),
  count: fc.integer({ min: 1, max: FLOWS_MAX }),
  protocol: fc.constantFrom('udp' as const, 'tcp' as const, 'both' as const),
  version: fc.constantFrom(4 as const, 6 as const),
  frameLength: fc.integer({ min: 74, max: 9000 }),
});

property(
  'every frame is valid: it parses, both checksums are right, its length is as asked',
  FILE,
  fc.property(spec, fc.nat(), (flowsSpec, n) => {
    const flows = new Flows(flowsSpec);
    const index = n % flows.count;
    const bytes = flows.frame(index);
    const frame = parseFrame(bytes);
    assert.is(bytes.length, flowsSpec.frameLength);
    assert.is(transportChecksumState(frame), 'valid');
    assert.is(frame.ipv4?.hasValidChecksum ?? true, true);
    assert.equal(flowOf(bytes), flows.flow(index));
  }),
);

property(
  'a head is a function of seed and index alone, wherever it is written',
  FILE,
  fc.property(spec, fc.nat(), fc.nat(100), (flowsSpec, n, at) => {
    const flows = new Flows(flowsSpec);
    const index = n % flows.count;
    const out = new Uint8Array(at + flows.headLengthMax).fill(0xaa);
    const length = flows.writeHead(index, out, at);
    const again = new Flows(flowsSpec).frame(index);
    assert.equal(out.slice(at, at + length), again.slice(0, length));
    assert.ok(out.subarray(0, at).every((byte) => byte === 0xaa));
  }),
);

test('a million flows are distinct, spread evenly, and none lacks its UDP checksum', () => {
  const flows = new Flows({ seed: 1, count: FLOWS_MAX });
  const rss = new Rss({ indirection: equalIndirection(4) });
  const head = new Uint8Array(flows.headLengthMax);
  const perQueue = new Uint32Array(4);
  const seen = new Set<number>();
  let withoutChecksum = 0;
  for (let i = 0; i < flows.count; i++) {
    flows.writeHead(i, head);
    // The low 17 bits of the source address, and the source port: 33 bits, exact in a number.
    seen.add((getU32(head, 26) & 0x1ffff) * 0x10000 + getU16(head, 34));
    perQueue[rss.queueOf(head)]! += 1;
    if (getU16(head, 40) === 0) withoutChecksum += 1;
  }
  assert.is(withoutChecksum, 0);
  assert.is(seen.size, FLOWS_MAX);
  for (const frames of perQueue) assert.ok(Math.abs(frames - 250_000) < 2_500, perQueue.join(' '));
});

test('both protocols take turns', () => {
  const flows = new Flows({ seed: 7, count: 4, protocol: 'both', version: 6, frameLength: 128 });
  const names = [0, 1, 2, 3].map((i) => formatFlow(flows.flow(i)).split('/')[1]);
  assert.equal(names, ['udp', 'tcp', 'udp', 'tcp']);
});

test('seeds give different flows', () => {
  const first = (seed: number) => formatFlow(new Flows({ seed, count: 1 }).flow(0));
  assert.is(new Set([0, 1, 2, 3].map(first)).size, 4);
});

test('a specification out of range is refused, and named', () => {
  assert.throws(() => new Flows({ seed: 1, count: 0 }), /flow count: .*1\.\.1000000, found 0/);
  assert.throws(() => new Flows({ seed: -1, count: 1 }), /flow seed/);
  assert.throws(
    () => new Flows({ seed: 1, count: 1, frameLength: 59 }),
    /frame length: .*60\.\.9014/,
  );
  assert.throws(
    () => new Flows({ seed: 1, count: 1, protocol: 'tcp', version: 6, frameLength: 73 }),
    /frame length: .*74\.\.\d+, found 73/,
  );
  assert.throws(
    () => new Flows({ seed: 1, count: 1, protocol: 'sctp' as never }),
    /udp or tcp or both/,
  );
  assert.throws(() => new Flows({ seed: 1, count: 3 }).flow(3), /flow index: .*0\.\.2, found 3/);
});

test.run();
