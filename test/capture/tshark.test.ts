import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { PcapngWriter } from '../../src/capture/pcapngWriter.js';
import { PcapWriter } from '../../src/capture/pcapWriter.js';
import { FileSink, type Sink } from '../../src/capture/sink.js';
import { Flows } from '../../src/packet/flows.js';

const isInstalled = spawnSync('tshark', ['--version']).status === 0;
if (!isInstalled) console.log('tshark is not installed: its checks of our captures are skipped');
const tsharkTest = isInstalled ? test : test.skip;

const directory = mkdtempSync(join(tmpdir(), 'xdpemu-tshark-'));
test.after(() => rmSync(directory, { recursive: true }));

const TIMESTAMP_NS = 1_700_000_000_123_456_789n;
const flows = new Flows({ seed: 1, count: 6, protocol: 'both', frameLength: 128 });
const CHECKSUMS = ['ip.check_checksum:TRUE', 'udp.check_checksum:TRUE', 'tcp.check_checksum:TRUE'];

/** Writes a file and has tshark print fields of its packets, a line each; any complaint fails. */
function tshark(file: string, fields: string[], write: (sink: Sink) => void): string[] {
  const path = join(directory, file);
  const sink = FileSink.create(path);
  write(sink.write);
  sink.close();
  const { status, stdout, stderr } = spawnSync(
    'tshark',
    [
      ...['-r', path, '-T', 'fields', '-E', 'separator=|'],
      ...CHECKSUMS.flatMap((preference) => ['-o', preference]),
      ...fields.flatMap((field) => ['-e', field]),
    ],
    { encoding: 'utf8' },
  );
  const complaints = stderr
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('Running as'));
  assert.equal(complaints, []);
  assert.is(status, 0);
  return stdout.trimEnd().split('\n');
}

tsharkTest('tshark reads our pcap: times to the nanosecond, lengths, right checksums', () => {
  const fields = ['frame.time_epoch', 'frame.len', 'frame.cap_len', 'ip.checksum.status'];
  const transport = ['udp.checksum.status', 'tcp.checksum.status', '_ws.malformed'];
  const lines = tshark('x.pcap', [...fields, ...transport], (sink) => {
    const writer = new PcapWriter(sink);
    writer.writePacket({ data: flows.frame(0), timestampNs: TIMESTAMP_NS });
    writer.writePacket({ data: flows.frame(1), timestampNs: TIMESTAMP_NS + 1n });
    writer.writePacket({ data: flows.frame(2), timestampNs: 0n, originalLength: 1500 });
  });
  // A status of 1 is "good".
  assert.equal(lines, [
    '1700000000.123456789|128|128|1|1||',
    '1700000000.123456790|128|128|1||1|',
    '0.000000000|1500|128|1|1||',
  ]);
});

tsharkTest('tshark reads our pcapng: interfaces and every option of a packet', () => {
  const fields = [
    'frame.time_epoch',
    'frame.interface_name',
    'frame.interface_description',
    'frame.comment',
    'frame.packet_id',
    'frame.interface_queue',
    'frame.drop_count',
    'frame.p2p_dir',
    'frame.verdict.ebpf_xdp',
  ];
  const lines = tshark('x.pcapng', fields, (sink) => {
    const writer = new PcapngWriter(sink);
    const entry = writer.addInterface({ name: 'veth0:prog()@fentry', description: 'into prog' });
    const exit = writer.addInterface({ name: 'veth0:prog()@fexit' });
    const packet = { data: flows.frame(3), timestampNs: TIMESTAMP_NS, packetId: 7n, queue: 2 };
    writer.writePacket(entry, { ...packet, flags: 1, comment: 'für prog' });
    writer.writePacket(exit, { ...packet, dropCount: 3n, xdpVerdict: 4 });
    writer.writePacket(entry, { data: flows.frame(4), timestampNs: 2n ** 62n });
  });
  assert.equal(lines, [
    '1700000000.123456789|veth0:prog()@fentry|into prog|für prog|7|2||1|',
    '1700000000.123456789|veth0:prog()@fexit|||7|2|3||4',
    '4611686018.427387904|veth0:prog()@fentry|into prog||||||',
  ]);
});

test.run();
