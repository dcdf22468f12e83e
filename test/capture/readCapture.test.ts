import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { requireEthernet } from '../../src/capture/capture.js';
import { CaptureError } from '../../src/capture/captureError.js';
import { readCapture, readCaptureFile } from '../../src/capture/readCapture.js';
import { flowOf } from '../../src/packet/flow.js';
import { parseFrame } from '../../src/packet/frame.js';
import { transportChecksumState } from '../../src/packet/transportChecksum.js';
import { CaptureBuilder } from './captureBuilder.js';

const pathOf = (name: string) => fileURLToPath(new URL(`../../../${name}`, import.meta.url));
const LAN_PCAP = pathOf('examples/lan.pcap');
const LAN_PCAPNG = pathOf('test/fixtures/lan-40.pcapng');

test('the shipped capture is read whole: as many packets, bytes and kinds as tshark counts', () => {
  const capture = readCaptureFile(LAN_PCAP);
  requireEthernet(capture);
  assert.is(capture.packets.length, 2002);
  assert.is(
    capture.packets.reduce((sum, { data }) => sum + data.length, 0),
    1_157_180,
  );
  const counts = { arp: 0, ipv4: 0, ipv6: 0, tcp: 0, udp: 0, icmp: 0, fragments: 0, flows: 0 };
  for (const { data } of capture.packets) {
    const frame = parseFrame(data);
    for (const layer of ['arp', 'ipv4', 'ipv6', 'tcp', 'udp', 'icmp'] as const) {
      if (frame[layer] !== null) counts[layer] += 1;
    }
    if (frame.isFragment) counts.fragments += 1;
    if (flowOf(data) !== null) counts.flows += 1;
    assert.is(frame.ipv4?.hasValidChecksum ?? true, true);
    assert.ok(['valid', 'unknown'].includes(transportChecksumState(frame)));
  }
  assert.equal(counts, {
    arp: 66,
    ipv4: 1900,
    ipv6: 36,
    tcp: 1379,
    udp: 509,
    icmp: 36,
    fragments: 18,
    flows: 1936,
  });
});

test('the same traffic as pcap and as pcapng gives the same packets', () => {
  const { format, packets } = readCaptureFile(LAN_PCAPNG);
  assert.is(format, 'pcapng');
  assert.equal(packets, readCaptureFile(LAN_PCAP).packets.slice(0, 40));
});

test('a capture compressed with gzip is read', () => {
  const bytes = gzipSync(readFileSync(LAN_PCAPNG));
  assert.equal(readCapture(bytes, 'x.pcapng.gz').packets, readCaptureFile(LAN_PCAPNG).packets);
});

test('a gzip file that is cut, too large or of something else is an error', () => {
  const bytes = gzipSync(readFileSync(LAN_PCAPNG));
  assert.throws(
    () => readCapture(bytes.subarray(0, 500), 'x.gz'),
    (error: CaptureError) =>
      error instanceof CaptureError &&
      /x\.gz: expected gzip data .* found unexpected/.test(error.message),
  );
  const unpacked = readFileSync(LAN_PCAPNG).length;
  assert.is(readCapture(bytes, 'x.gz', unpacked).packets.length, 40);
  assert.throws(
    () => readCapture(bytes, 'x.gz', unpacked - 1),
    (error: CaptureError) =>
      error instanceof CaptureError && error.expected.includes(`at most ${unpacked - 1} bytes`),
  );
  assert.throws(() => readCapture(gzipSync('hello'), 'x.gz'), /the magic of a pcap or pcapng file/);
});

test('an empty file and one of another kind are errors that show the first bytes', () => {
  assert.throws(() => readCapture(new Uint8Array(0), 'empty'), /empty, byte 0: .* found 0/);
  assert.throws(
    () => readCapture(new TextEncoder().encode('hello'), 'x.txt'),
    /x\.txt, byte 0: expected the magic of a pcap or pcapng file, found 68 65 6c 6c/,
  );
  assert.throws(() => readCapture('x.pcap' as never, 'x.pcap'), TypeError);
});

test('a missing file is an error that names it', () => {
  assert.throws(
    () => readCaptureFile('/nowhere/x.pcap'),
    (error: Error) =>
      error instanceof CaptureError && /^\/nowhere\/x\.pcap: .* found ENOENT/.test(error.message),
  );
});

test('a capture that is not of Ethernet frames is refused with its link type', () => {
  const header = new CaptureBuilder(true).pcapHeader(0xa1b2c3d4, 113);
  const bytes = header.u32(0).u32(0).u32(1).u32(1).raw([0]).build();
  assert.throws(
    () => requireEthernet(readCapture(bytes, 'any.pcap')),
    /^any\.pcap, packet 1: expected link type 1 \(ETHERNET\), found 113 \(LINUX_SLL\) on interface 0/,
  );
});

test.run();
