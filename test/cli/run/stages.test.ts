import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readCaptureFile } from '../../../src/capture/readCapture.js';
import type { Report } from '../../../src/report/report.js';
import { LAN_PCAP, PACKAGE_FOLDER, runJson, withFolder } from '../support/cli.js';

const MIXED = join(PACKAGE_FOLDER, 'examples/mixed.ts');
const isInstalled = spawnSync('tshark', ['--version']).status === 0;
if (!isInstalled) console.log('tshark is not installed: its view of frames.pcapng is not checked');
const tsharkTest = isInstalled ? test : test.skip;

const run = (use: (path: string, report: Report) => void | Promise<void>) =>
  withFolder(async (folder) => {
    const { code, report } = await runJson([MIXED, '--pcap', LAN_PCAP, '--out', folder]);
    assert.is(code, 0);
    await use(join(folder, 'frames.pcapng'), report);
  });

const sum = (counts: Readonly<Record<string, number>>) =>
  Object.values(counts).reduce((total, count) => total + count, 0);

test('frames.pcapng has what each program got and left, what rings took, and each end', async () => {
  await run((path, report) => {
    const { interfaces, packets } = readCaptureFile(path);
    const byName = new Map(interfaces.map(({ name }) => [name!, [] as (typeof packets)[number][]]));
    for (const packet of packets) byName.get(interfaces[packet.interfaceId]!.name!)!.push(packet);
    const entries = byName.get('wan0:main()@fentry')!;
    const exits = byName.get('wan0:main()@fexit')!;
    assert.is(entries.length, 2002);
    assert.equal(
      entries.map(({ packetId, queue }) => `${packetId} ${queue}`),
      exits.map(({ packetId, queue }) => `${packetId} ${queue}`),
    );
    assert.ok(entries.every(({ timestampNs }, i) => timestampNs! <= exits[i]!.timestampNs!));
    assert.equal(
      exits.map(({ packetId }) => packetId).sort((a, b) => Number(a! - b!)),
      Array.from({ length: 2002 }, (_, i) => BigInt(i + 1)),
    );
    assert.ok(byName.get('cpumap/2:tcpOnCpu()@fentry')!.length > 0);
    assert.ok(byName.get('devmap/lan1:countIcmp()@fexit')!.length > 0);
    assert.is(byName.get('cpumap/2:ring')!.length, report.cpus[2]!.kthreadProcessed);
    const ends = packets.filter(({ comment }) => comment !== undefined);
    assert.is(ends.length, sum(report.frames.fates));
    const pass = ends.filter(({ comment }) => /^pass, cpu2: passed to the stack$/.test(comment!));
    assert.is(pass.length, report.cpus[2]!.fates['pass']);
  });
});

tsharkTest(
  "Wireshark's frame.verdict.ebpf_xdp == 4 finds the frames that were redirected",
  async () => {
    await run((path, report) => {
      const tshark = (filter: string, ...fields: string[]) => {
        const { status, stdout, stderr } = spawnSync(
          'tshark',
          ['-r', path, '-Y', filter, '-T', 'fields', ...fields.flatMap((field) => ['-e', field])],
          { encoding: 'utf8', maxBuffer: 1 << 26 },
        );
        assert.is(status, 0, stderr);
        return stdout.split('\n').filter((line) => line !== '');
      };
      const redirected = tshark('frame.verdict.ebpf_xdp == 4', 'frame.interface_name');
      assert.is(redirected.length, report.events['xdp_redirect']);
      assert.equal([...new Set(redirected)].sort(), [
        'cpumap/2:tcpOnCpu()@fexit',
        'cpumap/3:tcpOnCpu()@fexit',
        'wan0:main()@fexit',
      ]);
      const transmitted = tshark(
        'frame.comment contains "transmitted, lan2"',
        'frame.interface_name',
        'frame.p2p_dir',
      );
      const lan2 = report.devices.find(({ name }) => name === 'lan2')!;
      assert.is(transmitted.length, lan2.txFrames);
      assert.equal([...new Set(transmitted)], ['lan2\t0']);
      const first = tshark('frame.packet_id == 1', 'frame.interface_name');
      assert.equal(first.slice(0, 2), ['wan0:main()@fentry', 'wan0:main()@fexit']);
    });
  },
);

test.run();
