import fc from 'fast-check';
import type { NotedPacket } from '../../src/capture/pcapngWriter.js';

const u32 = fc.nat(0xffff_ffff);
const u64 = fc.bigInt(0n, 2n ** 64n - 1n);

/** A packet with a timestamp before 2106, as both formats can hold it. */
export const packetToWrite = fc
  .record({
    data: fc.uint8Array({ maxLength: 100 }),
    timestampNs: fc.bigInt(0n, 2n ** 32n * 1_000_000_000n - 1n),
    cut: fc.nat(5000),
  })
  .map(({ data, timestampNs, cut }) => ({
    data,
    timestampNs,
    originalLength: data.length + cut,
  }));

/** A packet with any of the options that pcapng has. */
export const notedPacket: fc.Arbitrary<NotedPacket> = fc
  .tuple(
    packetToWrite,
    fc.record(
      {
        comment: fc.string({ unit: 'binary', maxLength: 20 }),
        flags: u32,
        dropCount: u64,
        packetId: u64,
        queue: u32,
        xdpVerdict: u32,
      },
      { requiredKeys: [], noNullPrototype: true },
    ),
  )
  .map(([packet, notes]) => ({ ...packet, ...notes }));
