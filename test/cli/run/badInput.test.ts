import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { cli, LAN_PCAP, programFile, withFolder } from '../support/cli.js';

const PASS = programFile('pass');
const TRAFFIC = ['--traffic', 'frames=10'];

/** The message of `xdpemu run args`, which has to end with exit code 2 and print nothing else. */
async function refused(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await cli(['run', ...args]);
  assert.is(stdout, '');
  assert.not.match(stderr, /^\s+at /m);
  assert.is(code, 2, stderr);
  return stderr;
}

/** The same for a file with this text. */
function refusedText(name: string, text: string, ...args: string[]): Promise<string> {
  return withFolder((folder) => {
    const file = join(folder, name);
    writeFileSync(file, text);
    return refused(file, ...args);
  });
}

const scenario = (parts: object) =>
  JSON.stringify({
    devices: [{ name: 'eth0', program: 'main' }],
    programs: { main: { module: PASS } },
    traffic: [{ frames: 10 }],
    ...parts,
  });

test('a program that is not there, a folder, and a file that is neither program nor scenario', async () => {
  const [missing, folder, other] = await Promise.all([
    refused('no-such.ts', ...TRAFFIC),
    refused('examples', ...TRAFFIC),
    refused(LAN_PCAP, ...TRAFFIC),
  ]);
  assert.is(missing, 'xdpemu: no-such.ts: expected a file, found none\n');
  assert.is(folder, 'xdpemu: examples: expected a file, found a directory\n');
  assert.is(
    other,
    `xdpemu: ${LAN_PCAP}: expected a program (.ts, .mts, .js, .mjs, .o) or a scenario (.json), found .pcap\n`,
  );
});

test('a program without traffic', async () => {
  const message = await refused(PASS);
  assert.match(
    message,
    /pass\.js: expected traffic, found none: give --pcap FILE or --traffic SPEC/,
  );
});

test('a program without a default export: the message names those that it has', async () => {
  const message = await refused(programFile('noDefault'), ...TRAFFIC);
  assert.match(
    message,
    /noDefault\.js: expected export "default" to be an XDP program \(defineXdp\), found no such export; its programs are filter\n$/,
  );
});

test('a program with a syntax error: path, line and column', async () => {
  const text = "import { defineXdp } from 'xdpemu';\n\nexport default defineXdp((ctx: ) => 2);\n";
  assert.match(await refusedText('bad.ts', text, ...TRAFFIC), /bad\.ts:3:\d+: .+\n$/);
});

test('a program that fails on workers only', async () => {
  const text = [
    "import { isMainThread } from 'node:worker_threads';",
    "if (!isMainThread) throw new Error('not here');",
    `export { default } from ${JSON.stringify(pathToFileURL(PASS).href)};`,
  ].join('\n');
  const message = await refusedText('main.mjs', text, ...TRAFFIC);
  assert.match(message, /^xdpemu: .*main\.mjs:2:\d+: cannot be loaded: not here\n$/);
});

test('a capture that is missing, cut short, or no capture', async () => {
  const [missing, program] = await Promise.all([
    refused(PASS, '--pcap', 'no-such.pcap'),
    refused(PASS, '--pcap', PASS),
  ]);
  assert.match(missing, /no-such\.pcap: expected a readable file, found ENOENT.*\n$/);
  assert.match(program, /pass\.js, byte 0: expected the magic of a pcap or pcapng file, found/);
  await withFolder(async (folder) => {
    const file = join(folder, 'cut.pcap');
    writeFileSync(file, readFileSync(LAN_PCAP).subarray(0, 1000));
    const message = await refused(PASS, '--pcap', file);
    assert.match(message, /cut\.pcap, packet \d+, byte \d+: expected .+, found .+\n$/);
    assert.is(message.trim().split('\n').length, 1);
  });
});

test('a scenario that is no JSON, and one with a wrong type', async () => {
  const [noJson, wrongType] = await Promise.all([
    refusedText('s.json', '{ "devices": [ }'),
    refusedText('s.json', scenario({ devices: [{ name: 'eth0', mtu: 'large' }, { name: 3 }] })),
  ]);
  assert.match(noJson, /s\.json: line 1, column 16: expected a value or "\]", found "}"\n$/);
  const lines = wrongType.trim().split('\n');
  assert.is(lines.length, 2);
  assert.match(
    lines[0]!,
    /^xdpemu: .*s\.json: devices\[0\]\.mtu: expected an integer.*, found "large"$/,
  );
  assert.match(
    lines[1]!,
    /^xdpemu: .*s\.json: devices\[1\]\.name: expected a device name.*, found 3$/,
  );
});

test('a device that there is none of, in the scenario and in --traffic', async () => {
  const maps = { out: { type: 'devmap', entries: [{ key: 0, device: 'eth1' }] } };
  const [inMap, inTraffic] = await Promise.all([
    refusedText('s.json', scenario({ maps })),
    refused(PASS, '--traffic', 'device=eth9'),
  ]);
  assert.match(inMap, /s\.json: maps\.out\.entries\[0\]\.device: expected .*, found "eth1"\n$/);
  assert.match(inTraffic, /pass\.js: traffic\[0\]\.device: expected .*, found "eth9"\n$/);
});

test('maps that the kernel refuses: full, too large, an entry that there cannot be', async () => {
  const entry = (key: number) => ({ key, value: 1 });
  const small = { type: 'hash', valueSize: 4, maxEntries: 1, entries: [entry(1), entry(2)] };
  const large = { type: 'array', valueSize: 4, maxEntries: 2 ** 32 - 1 };
  const beyond = { type: 'devmap', maxEntries: 1, entries: [{ key: 4, device: 'eth0' }] };
  const [full, tooLarge, noEntry] = await Promise.all(
    [small, large, beyond].map((m) => refusedText('s.json', scenario({ maps: { m } }))),
  );
  assert.match(
    full!,
    /^xdpemu: E2BIG: .*: maps\.m\.entries\[1\]: expected at most 1 entry in the map \(max_entries\), found one more\n$/,
  );
  assert.match(tooLarge!, /^xdpemu: ENOMEM: .*map m \(array, 4294967295 entries\)\n$/);
  assert.match(
    noEntry!,
    /^xdpemu: E2BIG: .*: maps\.m\.entries\[0\]: expected a key below max_entries \(1\), found 4\n$/,
  );
});

test('more contexts than the machine can have', async () => {
  const message = await refused(PASS, ...TRAFFIC, '--rx', '256');
  assert.match(message, /^xdpemu: the machine needs more workers .*: use fewer receive queues or/);
});

test('fewer CPUs than a map has entries for', async () => {
  const maps = { c: { type: 'cpumap', maxEntries: 4, entries: [{ key: 2, qsize: 8 }] } };
  const message = await refusedText('s.json', scenario({ maps }), '--cpus', '1');
  assert.match(
    message,
    /^xdpemu: ENODEV: .*: maps\.c\.entries\[0\]: expected the number of a CPU, 0 to 0 \(cpus\), found 2\n$/,
  );
});

test('a key that stands twice in a scenario', async () => {
  const text = scenario({}).replace('{', '{ "devices": [], ');
  const message = await refusedText('s.json', text);
  assert.match(message, /s\.json: devices: expected a key once, found it again at line 1, column/);
});

test('a program module of a scenario that is not there', async () => {
  const programs = { main: { module: 'none.ts' } };
  const message = await refusedText('s.json', scenario({ programs }));
  assert.match(message, /^xdpemu: \S+none\.ts: cannot be loaded: there is no such file\n$/);
});

test('--out that is a file', async () => {
  const message = await refused(PASS, ...TRAFFIC, '--out', LAN_PCAP);
  assert.is(message, `xdpemu: --out ${LAN_PCAP}: expected a directory, found a file\n`);
});

test('--out where there can be no folder', async () => {
  const [below, proc] = await Promise.all(
    [`${LAN_PCAP}/x`, '/proc/x'].map((path) => refused(PASS, ...TRAFFIC, '--out', path)),
  );
  assert.match(below!, /^xdpemu: --out \S+: expected a directory .* a file \(ENOTDIR\)\n$/);
  if (process.platform === 'linux')
    assert.match(proc!, /^xdpemu: --out \/proc\/x: expected a directory .*\(ENOENT\)\n$/);
});

test.run();
