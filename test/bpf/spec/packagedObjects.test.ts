import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { applyCoreRelocations } from '../../../src/bpf/spec/core/applyCoreRelocations.js';
import { linkProgram } from '../../../src/bpf/spec/linkProgram.js';
import { loadObjectSpec } from '../../../src/bpf/spec/loadObjectSpec.js';
import { packagedObjects } from '../support/fixtures.js';

const STATS = ['xdp_stats_map'];
const ALL_FILTERS = [
  'xdp_stats_map',
  'filter_ports',
  'filter_ipv4',
  'filter_ipv6',
  'filter_ethernet',
];

/** Programs and maps, in order, of Debian 12's xdp-tools, libxdp1 and libxdp-dev. */
const EXPECTED: Readonly<
  Record<string, readonly [programs: readonly string[], maps: readonly string[]]>
> = {
  'xdp-dispatcher.o': [['xdp xdp_dispatcher', 'xdp xdp_pass'], ['.rodata']],
  'xdpdump_bpf.o': [
    ['tracing trace_on_entry', 'tracing trace_on_exit'],
    ['xdpdump_perf_map', '.data'],
  ],
  'xdpdump_xdp.o': [['xdp xdpdump'], ['xdpdump_perf_map', '.data']],
  'xdpfilt_alw_all.o': [['xdp xdpfilt_alw_all'], ALL_FILTERS],
  'xdpfilt_alw_eth.o': [['xdp xdpfilt_alw_eth'], [...STATS, 'filter_ethernet']],
  'xdpfilt_alw_ip.o': [['xdp xdpfilt_alw_ip'], [...STATS, 'filter_ipv4', 'filter_ipv6']],
  'xdpfilt_alw_tcp.o': [['xdp xdpfilt_alw_tcp'], [...STATS, 'filter_ports']],
  'xdpfilt_alw_udp.o': [['xdp xdpfilt_alw_udp'], [...STATS, 'filter_ports']],
  'xdpfilt_dny_all.o': [['xdp xdpfilt_dny_all'], ALL_FILTERS],
  'xdpfilt_dny_eth.o': [['xdp xdpfilt_dny_eth'], [...STATS, 'filter_ethernet']],
  'xdpfilt_dny_ip.o': [['xdp xdpfilt_dny_ip'], [...STATS, 'filter_ipv4', 'filter_ipv6']],
  'xdpfilt_dny_tcp.o': [['xdp xdpfilt_dny_tcp'], [...STATS, 'filter_ports']],
  'xdpfilt_dny_udp.o': [['xdp xdpfilt_dny_udp'], [...STATS, 'filter_ports']],
  'xsk_def_xdp_prog.o': [['xdp xsk_def_prog'], ['xsks_map', '.data']],
  'xsk_def_xdp_prog_5.3.o': [['xdp xsk_def_prog'], ['xsks_map', '.data']],
};

test("the objects of Debian's XDP packages load, link and have their programs and maps", () => {
  const paths = packagedObjects().filter((path) => basename(path) in EXPECTED);
  if (paths.length === 0) {
    console.log('  skipped: xdp-tools, libxdp1 and libxdp-dev are not installed');
  }
  for (const path of paths) {
    const name = basename(path);
    const object = loadObjectSpec(readFileSync(path), name);
    const programs = object.programs.map(
      (program) => `${program.type.programType} ${program.name}`,
    );
    assert.equal([programs, object.maps.map((map) => map.name)], EXPECTED[name], name);
    for (const program of object.programs) {
      linkProgram(applyCoreRelocations(program, object.btf!), () => 0n);
    }
  }
});

test.run();
