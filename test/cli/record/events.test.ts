import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { selectEvents } from '../../../src/cli/record/events.js';
import { xdpEventsOf } from '../../../src/trace/tracepoints.js';

const names = (lists: readonly string[], version = 618) => {
  return selectEvents(lists, version).map(({ name }) => name);
};

test('events come in the order in which they are asked for, from every -e', () => {
  assert.equal(names(['xdp:xdp_redirect_err,xdp:xdp_exception', 'xdp:xdp_bulk_tx']), [
    'xdp_redirect_err',
    'xdp_exception',
    'xdp_bulk_tx',
  ]);
});

test('patterns are those of perf, for the system and for the event', () => {
  assert.equal(
    names(['xdp:*']),
    xdpEventsOf(618).map(({ name }) => name),
  );
  assert.equal(names(['x?p:mem_*']), ['mem_disconnect', 'mem_connect']);
  assert.equal(names(['*:xdp_[a-d]*']), [
    'xdp_bulk_tx',
    'xdp_cpumap_kthread',
    'xdp_cpumap_enqueue',
    'xdp_devmap_xmit',
  ]);
  assert.equal(names(['xdp:[!x]*']), [
    'mem_disconnect',
    'mem_connect',
    'bpf_xdp_link_attach_failed',
  ]);
});

test('what the kernel calls a name is no pattern', () => {
  assert.throws(() => names(['xdp:xdp.redirect']), /no such event; did you mean "xdp_redirect"\?/);
});

test('the command of the kernel document is taken by 6.1', () => {
  const lists = [
    'xdp:xdp_redirect_err',
    'xdp:xdp_redirect_map_err',
    'xdp:xdp_exception',
    'xdp:xdp_devmap_xmit',
  ];
  assert.is(names(lists, 601).length, 4);
});

for (const [item, message] of [
  [
    'xdp:xdp_redirect_map_err',
    'Linux 6.18 has no such event, 6.1 has it: leave it out, or add --kernel 6.1 to run',
  ],
  ['xdp:xdp_redirec', 'no such event; did you mean "xdp_redirect"?'],
  ['cycles', 'expected xdp:NAME, without modifiers or groups, found "cycles"'],
  [
    'xdp:xdp_redirect:u',
    'expected xdp:NAME, without modifiers or groups, found "xdp:xdp_redirect:u"',
  ],
  ['', 'expected xdp:NAME, without modifiers or groups, found ""'],
  ['sched:sched_switch', 'expected the system xdp, found sched'],
] as const) {
  test(`-e ${item} is refused by 6.18`, () => {
    assert.throws(
      () => names([item]),
      (error: Error) => error.name === 'UsageError' && error.message === `-e ${item}: ${message}`,
    );
  });
}

test.run();
