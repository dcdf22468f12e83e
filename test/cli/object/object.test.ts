import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fixturePath } from '../../bpf/support/fixtures.js';
import { cli, LAN_FRAMES, LAN_PCAP, PACKAGE_FOLDER, runJson } from '../support/cli.js';

const main = fileURLToPath(new URL('../../../src/cli/main.js', import.meta.url));
const bridge = 'examples/bpf/devmap-bridge.o';

test('inspect lists programs, maps and globals', async () => {
  const { code, stdout } = await cli(['inspect', bridge]);
  assert.is(code, 0);
  assert.match(stdout, 'examples/bpf/devmap-bridge.o: BTF, license GPL');
  assert.match(stdout, /^ {2}bridge: section xdp, \d+ instructions$/m);
  assert.match(stdout, /^ {4}helpers: bpf_map_lookup_elem, .*bpf_redirect_map/m);
  assert.match(stdout, '  ports: devmap, key 4 bytes, value 8 bytes, max_entries 3\n');
  assert.match(stdout, '  vlan_id = 42 (.rodata)\n');
});

test('inspect --json is the same for programs', async () => {
  const { code, stdout } = await cli(['inspect', bridge, '--json']);
  assert.is(code, 0);
  const { programs, globals } = JSON.parse(stdout);
  assert.equal(
    programs.map(({ name, attachType }: Record<string, string>) => [name, attachType]),
    [
      ['bridge', 'xdp'],
      ['tag', 'xdp_devmap'],
    ],
  );
  assert.equal(globals[0], { section: '.rodata', name: 'trunk', sizeBytes: 4, value: 2 });
});

test('inspect says what could not be run, and where in the source', async () => {
  const { stdout } = await cli(['inspect', fixturePath('kernel_symbols', 'clang14')]);
  assert.match(
    stdout,
    /unsupported: section xdp, insn \d+, .*kernel_symbols.bpf.c:\d+: ksym 'bpf_prog_active' is not available/,
  );
  const mixed = await cli(['inspect', fixturePath('mixed_types', 'clang14')]);
  assert.match(mixed.stdout, /at_tc: .*sched_cls: skipped, not an XDP program/);
});

test("disasm prints the kernel's syntax with source lines between", async () => {
  const { code, stdout } = await cli(['disasm', bridge, '--prog', 'tag']);
  assert.is(code, 0);
  assert.match(stdout, /^tag:$/m);
  assert.match(stdout, /^; vlan->tag = bpf_htons\(vlan_id\); @ .*devmap-bridge.bpf.c:\d+$/m);
  assert.match(stdout, /^ +\d+: \(18\) r\d = map\[.rodata\]\[0\]\+4$/m);
  assert.match(stdout, /^ +\d+: \(85\) call bpf_xdp_adjust_head#44$/m);
  assert.not.match(stdout, 'bridge:');
});

test('disasm --wat prints WebAssembly', async () => {
  const { stdout } = await cli(['disasm', bridge, '--prog', 'tag', '--wat']);
  assert.match(stdout, /^\(module\n/);
  assert.match(stdout, '(import "env" "memory"');
});

test('a wrong object, program or operand is an error of one line', async () => {
  const wrong = async (...args: string[]) => {
    const { code, stderr } = await cli(args);
    assert.is(code, 2);
    return stderr;
  };
  assert.match(await wrong('inspect'), /^xdpemu: expected PROG.o, found nothing\n$/);
  assert.match(await wrong('inspect', 'package.json'), /^xdpemu: package.json: .*\n$/);
  assert.match(
    await wrong('disasm', bridge, '--prog', 'tags'),
    /^xdpemu: .*no program tags; its programs are bridge, tag\n$/,
  );
});

test('run takes an object like a module', async () => {
  const object = 'examples/bpf/cpumap-lb.o';
  const { report } = await runJson([object, '--pcap', LAN_PCAP, '--cpus', '4', '--rx', '2']);
  assert.is(report.frames.fates['pass'], LAN_FRAMES);
  assert.is(report.events['xdp_redirect'], 1936);
});

test('run --prog chooses the program, and --checked finds what else would go unseen', async () => {
  const faults = fixturePath('faults', 'clang14');
  const run = (...args: string[]) =>
    runJson([faults, '--prog', 'past_value', '--traffic', 'flows=1,frames=100', ...args]);
  assert.is((await run()).report.frames.fates['pass'], 100);
  assert.is((await run('--checked')).report.frames.fates['aborted'], 100);
  const unnamed = await cli(['run', faults, '--traffic', 'flows=1,frames=100']);
  assert.is(unnamed.code, 2);
  assert.match(unnamed.stderr, /expected one program for xdp, found \d+ of them/);
});

/** `xdpemu bpf-plugin args` with the program on standard input. */
function plugin(args: readonly string[], input: string): Promise<[code: number, output: string]> {
  const child = spawn(process.execPath, [main, 'bpf-plugin', ...args], { cwd: PACKAGE_FOLDER });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (text) => {
      output += text;
    });
  child.stdin.end(input);
  return new Promise((resolve) => child.on('close', (code) => resolve([code ?? -1, output])));
}

test('bpf-plugin runs a program over its memory in either engine', async () => {
  // r0 = *(u8 *)(r1 + 1); exit
  const program = '71 10 01 00 00 00 00 00 95 00 00 00 00 00 00 00\n';
  for (const engine of ['jit', 'interp']) {
    assert.equal(await plugin(['aa bb', '--engine', engine], program), [0, 'bb\n']);
    const [code, output] = await plugin(['--engine', engine], program);
    assert.is(code, 1);
    assert.match(output, /bad memory access at 0x1/);
  }
});

test.run();
