import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Capture } from '../../src/capture/capture.js';
import { CaptureError } from '../../src/capture/captureError.js';
import { PcapngWriter } from '../../src/capture/pcapngWriter.js';
import { readCapture } from '../../src/capture/readCapture.js';
import { flowOf } from '../../src/packet/flow.js';
import { property } from '../support/property.js';

const FILE = 'dist/test/capture/fuzz.test.js';
const fixture = (name: string) =>
  new Uint8Array(readFileSync(fileURLToPath(new URL(`../../../${name}`, import.meta.url))));

/** Starts of real captures, small enough that thousands of mutations take a second or two. */
const CAPTURES = {
  pcap: fixture('examples/lan.pcap').subarray(0, 3000),
  pcapng: fixture('test/fixtures/lan-40.pcapng').subarray(0, 3000),
  options: allOptions(),
};

function allOptions(): Uint8Array {
  const chunks: Uint8Array[] = [];
  const writer = new PcapngWriter((chunk) => chunks.push(chunk));
  const id = writer.addInterface({ name: 'veth0', description: 'one end' });
  for (let i = 0; i < 5; i++) {
    writer.writePacket(id, {
      data: new Uint8Array(i),
      timestampNs: BigInt(i),
      comment: 'a comment',
      flags: 1,
      dropCount: 0n,
      packetId: BigInt(i),
      queue: i,
      xdpVerdict: 4,
    });
  }
  return new Uint8Array(Buffer.concat(chunks));
}

/** Bytes that lengths, types and magics turn bad with. */
const evilByte = fc.oneof(fc.constantFrom(0, 1, 2, 3, 4, 6, 0x7f, 0x80, 0xff), fc.nat(255));

const mutation = fc.oneof(
  {
    arbitrary: fc.record({ kind: fc.constant('set' as const), at: fc.nat(), value: evilByte }),
    weight: 6,
  },
  { arbitrary: fc.record({ kind: fc.constant('cut' as const), at: fc.nat() }), weight: 1 },
  {
    arbitrary: fc.record({
      kind: fc.constant('remove' as const),
      at: fc.nat(),
      length: fc.nat(20),
    }),
    weight: 1,
  },
  {
    arbitrary: fc.record({
      kind: fc.constant('insert' as const),
      at: fc.nat(),
      bytes: fc.uint8Array(),
    }),
    weight: 1,
  },
);
type Mutation = typeof mutation extends fc.Arbitrary<infer T> ? T : never;

function mutate(bytes: Uint8Array, change: Mutation): Uint8Array {
  const at = change.at % (bytes.length + 1);
  switch (change.kind) {
    case 'set':
      return bytes.with(Math.min(at, bytes.length - 1), change.value);
    case 'cut':
      return bytes.slice(0, at);
    case 'remove':
      return Uint8Array.of(...bytes.subarray(0, at), ...bytes.subarray(at + change.length));
    case 'insert':
      return Uint8Array.of(...bytes.subarray(0, at), ...change.bytes, ...bytes.subarray(at));
  }
}

/** What must hold for any capture that was read, however odd. */
function checkCapture(capture: Capture, fileBytes: number): void {
  let total = 0;
  for (const { data, originalLength, interfaceId } of capture.packets) {
    total += data.length;
    assert.ok(originalLength >= data.length);
    assert.ok(capture.interfaces[interfaceId] !== undefined);
    flowOf(data);
  }
  assert.ok(total <= fileBytes);
}

let read = 0;
let refused = 0;

property(
  'a mutated capture is read or refused with a CaptureError, and never anything else',
  FILE,
  fc.property(
    fc.constantFrom('pcap' as const, 'pcapng' as const, 'options' as const),
    fc.array(mutation, { maxLength: 4 }),
    (format, mutations) => {
      const bytes = mutations.reduce(
        (sofar, change) => (sofar.length === 0 ? sofar : mutate(sofar, change)),
        CAPTURES[format],
      );
      try {
        checkCapture(readCapture(bytes, 'fuzzed'), bytes.length);
        read += 1;
      } catch (error) {
        if (!(error instanceof CaptureError)) throw error;
        assert.match(error.message, /^fuzzed.*expected .+, found .+/);
        assert.ok(error.offset === null || error.offset <= bytes.length);
        refused += 1;
      }
    },
  ),
  { numRuns: 6000 },
);

test('of the mutations, many were read and many refused', () => {
  const { XDPEMU_RUNS: runs, XDPEMU_PATH: path } = process.env;
  if (runs !== undefined || path !== undefined) return;
  assert.ok(read > 600, `${read} read`);
  assert.ok(refused > 600, `${refused} refused`);
});

test.run();
