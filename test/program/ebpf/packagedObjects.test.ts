import { basename } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Machine } from '../../../src/machine/machine.js';
import { tcpFrame, udpFrame } from '../../../src/packet/build.js';
import { ObjectFiles } from '../../../src/program/ebpf/objectFile.js';
import { xdpPrograms } from '../../../src/program/ebpf/objectPrograms.js';
import { packagedObjects } from '../../bpf/support/fixtures.js';

const paths = new Map(packagedObjects().map((path) => [basename(path), path]));
const files = new ObjectFiles('.');

/** Bits of a filter's value (xdp-filter's common_kern_user.h). */
const FILTER = { SOURCE: 1, DESTINATION: 2, TCP: 4, UDP: 8 };

function machineOf(path: string, program: string): Promise<Machine> {
  return Machine.create({
    cpus: 2,
    devices: [{ name: 'eth0', program: 'main' }],
    programs: { main: { module: path, export: program } },
  });
}

/** Runs `body` where the package is installed. */
function testPackaged(
  name: string,
  title: string,
  body: (machine: Machine) => Promise<void>,
): void {
  test(`${name} ${title}`, async () => {
    const path = paths.get(name);
    if (path === undefined) {
      console.log(`  skipped: ${name} is not installed (xdp-tools, libxdp1, libxdp-dev)`);
      return;
    }
    const machine = await machineOf(path, name.replace(/\.o$/, ''));
    await body(machine);
    machine.verify();
    await machine.close();
  });
}

test('every XDP program of the packages loads and runs', async () => {
  for (const path of paths.values()) {
    for (const { name } of xdpPrograms(files.read(path))) {
      const machine = await machineOf(path, name);
      const [frame] = await machine.inject('eth0', [new Uint8Array(64)]);
      assert.ok(
        frame!.fate === 'pass' || frame!.fate === 'drop',
        `${path} ${name}: ${frame!.fate}`,
      );
      await machine.close();
    }
  }
});

/** What each frame is to a filter for port 53, for 10.0.0.1 and for 02:00:00:00:00:01 as source. */
const frames = {
  'UDP to port 53': udpFrame({ ...from(1), sport: 1024, dport: 53 }),
  'TCP to port 53': tcpFrame({ ...from(2), sport: 1024, dport: 53 }),
  'UDP from port 53': udpFrame({ ...from(2), sport: 53, dport: 1024 }),
  'the host': udpFrame({ ...from(1), sport: 1024, dport: 1025 }),
  'another host': udpFrame({ ...from(2), sport: 1024, dport: 1025 }),
};
type FrameName = keyof typeof frames;

function from(host: number) {
  return { src: `10.0.0.${host}`, dst: '10.0.0.3', srcMac: `02:00:00:00:00:0${host}` };
}

/** Which frames each kind of filter is about, by its maps' contents below. */
const matching: Readonly<Record<string, readonly FrameName[]>> = {
  udp: ['UDP to port 53'],
  tcp: ['TCP to port 53'],
  ip: ['UDP to port 53', 'the host'],
  eth: ['UDP to port 53', 'the host'],
  all: ['UDP to port 53', 'TCP to port 53', 'the host'],
};

/** xdp-filter(8), "policy": with `allow` what matches no rule passes, with `deny` it is dropped. */
const policies = { alw: { match: 'drop', other: 'pass' }, dny: { match: 'pass', other: 'drop' } };

function fillFilters(machine: Machine, kind: string): void {
  const has = (...kinds: string[]) => [...kinds, 'all'].includes(kind);
  // Ports are in network byte order.
  const port = 53 << 8;
  const rule = FILTER.DESTINATION | FILTER.TCP | FILTER.UDP;
  if (has('udp', 'tcp')) machine.map('filter_ports').update(port, rule);
  if (has('ip')) machine.map('filter_ipv4').update(Uint8Array.of(10, 0, 0, 1), FILTER.SOURCE);
  const mac = Uint8Array.of(2, 0, 0, 0, 0, 1);
  if (has('eth')) machine.map('filter_ethernet').update(mac, FILTER.SOURCE);
}

for (const [policy, { match, other }] of Object.entries(policies)) {
  for (const [kind, matches] of Object.entries(matching)) {
    testPackaged(`xdpfilt_${policy}_${kind}.o`, 'filters as documented', async (machine) => {
      fillFilters(machine, kind);
      const fates = await machine.inject('eth0', Object.values(frames));
      const names = Object.keys(frames) as FrameName[];
      assert.equal(
        names.map((name, index) => [name, fates[index]!.fate]),
        names.map((name) => [name, matches.includes(name) ? match : other]),
      );
      // struct xdp_stats_record by action: packets first.
      const counted = ['aborted', 'drop', 'pass'].map((_, action) =>
        machine.map('xdp_stats_map').lookupNumber(action),
      );
      const drops = fates.filter(({ fate }) => fate === 'drop').length;
      assert.equal(counted, [0, drops, names.length - drops]);
    });
  }
}

test.run();
