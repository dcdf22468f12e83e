import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readCaptureFile } from '../../../src/capture/readCapture.js';
import { cli, LAN_PCAP, PACKAGE_FOLDER, programFile, runJson, withFolder } from '../support/cli.js';

const MIXED = join(PACKAGE_FOLDER, 'examples/mixed.ts');
const PCAPNG = join(PACKAGE_FOLDER, 'test/fixtures/lan-40.pcapng');

test('there is a capture for each sink, with as many packets as the fates say', async () => {
  await withFolder(async (parent) => {
    const folder = join(parent, 'new', 'out');
    const before = BigInt(Date.now()) * 1_000_000n;
    const { code, report } = await runJson([MIXED, '--pcap', LAN_PCAP, '--out', folder]);
    assert.is(code, 0);
    const packetsOf = (file: string) => readCaptureFile(join(folder, `${file}.pcapng`)).packets;
    assert.equal(readdirSync(folder).sort(), [
      'device-lan1.pcapng',
      'device-lan2.pcapng',
      'device-wan0.pcapng',
      'frames.pcapng',
      'report.json',
      'series.json',
      'socket-dns0.pcapng',
      'socket-dns1.pcapng',
      'stack-cpu0.pcapng',
      'stack-cpu1.pcapng',
      'stack-cpu2.pcapng',
      'stack-cpu3.pcapng',
    ]);
    for (const { name, txFrames, txBytes } of report.devices) {
      const packets = packetsOf(`device-${name}`);
      assert.is(packets.length, txFrames, name);
      assert.is(
        packets.reduce((sum, { data }) => sum + data.length, 0),
        txBytes,
      );
    }
    for (const { name, rxFrames } of report.sockets) {
      assert.is(packetsOf(`socket-${name}`).length, rxFrames, name);
    }
    for (const { cpu, fates } of report.cpus) {
      assert.is(packetsOf(`stack-cpu${cpu}`).length, fates['pass'] ?? 0, `CPU ${cpu}`);
    }
    const lan2 = readCaptureFile(join(folder, 'device-lan2.pcapng'));
    assert.is(lan2.interfaces[0]!.name, 'lan2');
    const times = lan2.packets.map(({ timestampNs }) => timestampNs!);
    const after = BigInt(Date.now() + 1) * 1_000_000n;
    assert.ok(times.every((time) => time >= before && time <= after));
    assert.ok(times.every((time, i) => i === 0 || time >= times[i - 1]!));
  });
});

test('report.json has the numbers of --json and a scenario that can be run again', async () => {
  await withFolder(async (folder) => {
    const first = await runJson([MIXED, '--pcap', PCAPNG, '--out', folder]);
    const { scenario, captures, ...rest } = JSON.parse(
      readFileSync(join(folder, 'report.json'), 'utf8'),
    );
    assert.equal(rest, first.report);
    assert.is(captures.length, 10);
    const again = join(folder, 'again.json');
    writeFileSync(again, JSON.stringify(scenario));
    const second = await runJson([again]);
    assert.equal(second.report.frames, first.report.frames);
  });
});

test('captures of the run before go, other files stay', async () => {
  await withFolder(async (folder) => {
    const run = (...args: string[]) =>
      cli(['run', programFile('pass'), '--traffic', 'frames=10', '--out', folder, ...args]);
    writeFileSync(join(folder, 'device-mine.pcapng'), 'mine');
    assert.is((await run('--cpus', '2')).code, 0);
    assert.ok(existsSync(join(folder, 'stack-cpu1.pcapng')));
    assert.is((await run()).code, 0);
    assert.equal(readdirSync(folder).sort(), [
      'device-eth0.pcapng',
      'device-mine.pcapng',
      'frames.pcapng',
      'report.json',
      'series.json',
      'stack-cpu0.pcapng',
    ]);
    assert.is(readFileSync(join(folder, 'device-mine.pcapng'), 'utf8'), 'mine');
  });
});

test.run();
