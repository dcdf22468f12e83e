import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Counts, type Kind, Tally } from '../../src/monitor/counts.js';
import { countTracepoint } from '../../src/monitor/tracepointCounts.js';

type Fields = Readonly<Record<string, number>>;

function counted(...events: readonly (readonly [string, number, Fields])[]): Counts {
  const tally = new Tally();
  for (const [name, cpu, fields] of events) countTracepoint(tally, { name, cpu, fields });
  return tally.take();
}

/** What is not zero of a kind, as `key cpu field` and its number. */
function numbers(counts: Counts, kind: Kind): Record<string, number> {
  const found: Record<string, number> = {};
  for (const [key, perCpu] of counts[kind]) {
    for (const [cpu, record] of perCpu) {
      for (const [field, value] of Object.entries(record)) {
        if (value !== 0) found[`${key} ${cpu} ${field}`.trim()] = value;
      }
    }
  }
  return found;
}

test('errors of redirects are counted by errno and CPU; what has no row of its own is unknown', () => {
  const error = (cpu: number, err: number) => ['xdp_redirect_err', cpu, { err }] as const;
  const counts = counted(
    error(0, -22),
    error(0, -22),
    error(1, -100),
    error(1, -90),
    error(1, -95),
    error(1, -28),
    error(2, -6),
    ['xdp_redirect_map_err', 2, { err: -105 }],
  );
  assert.equal(numbers(counts, 'redirectErr'), {
    'EINVAL 0 dropped': 2,
    'ENETDOWN 1 dropped': 1,
    'EMSGSIZE 1 dropped': 1,
    'EOPNOTSUPP 1 dropped': 1,
    'ENOSPC 1 dropped': 1,
    'Unknown 2 dropped': 2,
  });
});

test('exceptions are counted by action', () => {
  const hit = (action: number) => ['xdp_exception', 0, { action }] as const;
  const counts = counted(hit(0), hit(3), hit(4), hit(5), hit(-1));
  assert.equal(numbers(counts, 'exception'), {
    'XDP_ABORTED 0 dropped': 1,
    'XDP_TX 0 dropped': 1,
    'XDP_REDIRECT 0 dropped': 1,
    'XDP_UNKNOWN 0 dropped': 2,
  });
});

test('an enqueue of which nothing fitted is no bulk', () => {
  const enqueue = (to: number, processed: number, drops: number) =>
    ['xdp_cpumap_enqueue', 0, { to_cpu: to, processed, drops }] as const;
  const counts = counted(enqueue(1, 8, 0), enqueue(1, 3, 5), enqueue(1, 0, 8), enqueue(2, 4, 0));
  assert.equal(numbers(counts, 'enqueue'), {
    '1 0 processed': 11,
    '1 0 dropped': 13,
    '1 0 issue': 2,
    '2 0 processed': 4,
    '2 0 issue': 1,
  });
});

test('kthreads are counted on their CPU, with how often they slept and what their programs returned', () => {
  const fields = { processed: 8, drops: 1, xdp_pass: 3, xdp_drop: 4, xdp_redirect: 1 };
  const counts = counted(
    ['xdp_cpumap_kthread', 2, { ...fields, sched: 1 }],
    ['xdp_cpumap_kthread', 2, { ...fields, sched: 0 }],
  );
  assert.equal(numbers(counts, 'kthread'), {
    '2 processed': 16,
    '2 dropped': 2,
    '2 issue': 1,
    '2 xdpPass': 6,
    '2 xdpDrop': 8,
    '2 xdpRedirect': 2,
  });
});

test('transmissions are counted by pair of devices; one with an error is an error of the driver', () => {
  const xmit = (to: number, sent: number, drops: number, err = 0) =>
    ['xdp_devmap_xmit', 1, { from_ifindex: 2, to_ifindex: to, sent, drops, err }] as const;
  const counts = counted(xmit(3, 16, 0), xmit(3, 0, 16, -100), xmit(4, 1, 0));
  assert.equal(numbers(counts, 'xmit'), {
    '2->3 1 processed': 16,
    '2->3 1 dropped': 16,
    '2->3 1 issue': 1,
    '2->3 1 info': 2,
    '2->4 1 processed': 1,
    '2->4 1 info': 1,
  });
});

test('other tracepoints are nothing to it', () => {
  const counts = counted(['xdp_bulk_tx', 0, { sent: 1, drops: 0, err: 0 }]);
  assert.ok(Object.values(counts).every(({ size }) => size === 0));
});

test('what was taken is not counted again', () => {
  const tally = new Tally();
  tally.of('redirect', '', 0).processed += 5;
  tally.take();
  tally.of('redirect', '', 0).processed += 2;
  assert.equal(numbers(tally.take(), 'redirect'), { '0 processed': 2 });
});

test.run();
