import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { keyBytes } from '../../../src/cli/bpftool/keyBytes.js';
import { mapCommand } from '../../../src/cli/bpftool/mapCommand.js';
import { programCommand } from '../../../src/cli/bpftool/programCommand.js';
import type { Io } from '../../../src/cli/io.js';
import { cli, LAN_PCAP, PACKAGE_FOLDER } from '../support/cli.js';

const TYPESCRIPT = ['--', 'run', join(PACKAGE_FOLDER, 'examples/mixed.ts'), '--pcap', LAN_PCAP];
const EBPF = ['--', 'run', join(PACKAGE_FOLDER, 'examples/bpf/mixed.json'), '--pcap', LAN_PCAP];

test('a map has after the run what programs wrote to it', async () => {
  const { code, stdout, stderr } = await cli(['map', 'dump', 'name', 'icmpFrames', ...TYPESCRIPT]);
  assert.is(code, 0, stderr);
  assert.is(stdout, 'key: 00 00 00 00  value: 17 00 00 00 00 00 00 00\nFound 1 element\n');
  assert.match(stderr, /2,044 frames received/);
});

test('values of an eBPF object are formatted by their types', async () => {
  const { code, stdout, stderr } = await cli(['map', 'dump', 'name', 'icmp_frames', '-j', ...EBPF]);
  assert.is(code, 0, stderr);
  const [entry] = JSON.parse(stdout);
  assert.equal(entry.formatted.key, 0);
  assert.equal(entry.key, ['0x00', '0x00', '0x00', '0x00']);
});

test('an entry is looked up by the bytes of its key', async () => {
  const lookup = ['map', 'lookup', 'name', 'icmpFrames', 'key', 'hex', '00', '0', '00', '0x00'];
  const { code, stdout, stderr } = await cli([...lookup, ...TYPESCRIPT]);
  assert.is(code, 0, stderr);
  assert.is(stdout, 'key: 00 00 00 00  value: 17 00 00 00 00 00 00 00\n');
  assert.equal([...keyBytes(['key', '10', '0x10', '255'])], [10, 16, 255]);
  assert.equal([...keyBytes(['key', 'hex', '10', '0x10', 'ff'])], [16, 16, 255]);
});

test('maps are listed with the ids that select them', async () => {
  const { stdout } = await cli(['map', 'show', '-j', ...TYPESCRIPT]);
  const maps = JSON.parse(stdout) as { id: number; name: string }[];
  assert.equal(
    maps.map(({ name }) => name),
    ['cpus', 'ports', 'flood', 'dns', 'icmpFrames'],
  );
  const { stdout: one } = await cli(['map', 'list', 'id', String(maps[1]!.id), ...TYPESCRIPT]);
  assert.match(
    one,
    /^\d+: devmap {2}name ports {2}flags 0x80\n\tkey 4B {2}value 8B {2}max_entries 2\n$/,
  );
});

test('programs are listed, those in TypeScript without instructions', async () => {
  const { stdout } = await cli(['prog', 'show', '-j', ...TYPESCRIPT]);
  const programs = JSON.parse(stdout) as { name: string; tag?: string }[];
  assert.equal(programs.map(({ name }) => name).sort(), ['countIcmp', 'main', 'tcpOnCpu']);
  assert.ok(programs.every(({ tag }) => tag === undefined));
  const { stdout: ebpf } = await cli(['prog', 'show', '-j', ...EBPF]);
  assert.ok(JSON.parse(ebpf).every(({ tag }: { tag: string }) => /^[0-9a-f]{16}$/.test(tag)));
});

test('instructions name maps by their ids and stand under their source lines', async () => {
  const { code, stdout, stderr } = await cli(['prog', 'dump', 'xlated', 'id', '1', ...EBPF]);
  assert.is(code, 0, stderr);
  assert.match(stdout, /^int \w+\(struct xdp_md \* ctx\):\n; /);
  assert.match(stdout, /^ +\d+: \(18\) r\d = map\[id:\d+\]$/m);
});

for (const [command, operands, message] of [
  [mapCommand, [], 'map: expected show, dump or lookup, found nothing'],
  [mapCommand, ['dump'], 'map dump: expected id N or name NAME'],
  [mapCommand, ['dump', 'name'], 'name: expected NAME after it'],
  [mapCommand, ['show', 'id', 'x'], 'id: expected a number, found x'],
  [mapCommand, ['show', 'cpus'], 'map show: expected id N or name NAME, found cpus'],
  [mapCommand, ['lookup', 'id', '1'], 'map lookup: expected key, found nothing'],
  [
    mapCommand,
    ['lookup', 'id', '1', 'key', '256'],
    'map lookup: key: expected bytes, each a number up to 255, found 256',
  ],
  [programCommand, ['dump', 'jited'], 'prog dump: expected xlated, found jited'],
  [programCommand, ['dump', 'xlated'], 'prog dump xlated: expected id N, name NAME or tag TAG'],
  [
    programCommand,
    ['dump', 'xlated', 'id', '1', 'visual'],
    'prog dump xlated: expected opcodes or linum at the end, found visual',
  ],
] as const) {
  test(`${operands.join(' ') || 'nothing'} is refused: ${message}`, async () => {
    try {
      await command.run({ values: {}, operands, wrapped: ['run', 'x.ts'] }, {} as Io);
      assert.unreachable();
    } catch (error) {
      assert.is((error as Error).message, message);
      assert.is((error as Error).name, 'UsageError');
    }
  });
}

for (const [args, message] of [
  [['map', 'dump', 'name', 'cpu'], 'no map with name cpu; did you mean "cpus"?'],
  [['map', 'lookup', 'name', 'cpus', 'key', '1'], 'key: expected 4 bytes, found 1'],
  [['map', 'dump', 'id', '99'], 'no map with id 99; one of 1, 2, 3, 4, 5'],
  [
    ['prog', 'dump', 'xlated', 'name', 'main'],
    'program main: expected one of an eBPF object, found TypeScript',
  ],
] as const) {
  test(`${args.join(' ')} is refused before the run`, async () => {
    const { code, stdout, stderr } = await cli([...args, ...TYPESCRIPT]);
    assert.is(code, 2);
    assert.is(stdout, '');
    assert.is(stderr, `xdpemu: ${message}\n`);
  });
}

test.run();
