import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { helperName, helperTable } from '../../src/program/helperTable.js';
import { HelperMachine } from '../support/helperMachine.js';

/** Of include/uapi/linux/bpf.h, written down apart from the table. */
const known: readonly (readonly [number, string])[] = [
  [1, 'bpf_map_lookup_elem'],
  [5, 'bpf_ktime_get_ns'],
  [8, 'bpf_get_smp_processor_id'],
  [23, 'bpf_redirect'],
  [28, 'bpf_csum_diff'],
  [51, 'bpf_redirect_map'],
  [65, 'bpf_xdp_adjust_tail'],
  [130, 'bpf_ringbuf_output'],
  [160, 'bpf_ktime_get_coarse_ns'],
  [181, 'bpf_loop'],
  [195, 'bpf_map_lookup_percpu_elem'],
  [208, 'bpf_ktime_get_tai_ns'],
  [211, 'bpf_cgrp_storage_delete'],
];

test('helpers have the numbers that the kernel gave them', () => {
  for (const [id, name] of known) assert.is(helperName(id), name);
  assert.is(helperName(0), undefined);
  assert.is(helperName(212), undefined);
});

test('every helper that the table offers is a function of the data plane', () => {
  const { dp } = new HelperMachine();
  for (const { name, exportName } of helperTable.values()) {
    if (exportName !== undefined) assert.type(dp[exportName], 'function', name);
  }
});

test('every helper function of the data plane is in the table', () => {
  const offered = new Set([...helperTable.values()].map(({ exportName }) => exportName));
  for (const name of Object.keys(new HelperMachine().dp)) {
    if (name.startsWith('helper')) assert.ok(offered.has(name as never), name);
  }
});

test.run();
