import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { sectionType } from '../../../src/bpf/spec/sectionType.js';

test('XDP sections match whole, as in libbpf 1.0 and later', () => {
  assert.is(sectionType('xdp').programType, 'xdp');
  assert.is(sectionType('xdp/anything').programType, 'unspec');
  assert.is(sectionType('xdp_prog').programType, 'unspec');
});

test('tracing sections have a target', () => {
  assert.equal(sectionType('fentry.s/vfs_read'), {
    programType: 'tracing',
    attachType: 'trace_fentry',
    frags: false,
    sleepable: true,
    target: 'vfs_read',
  });
  assert.is(sectionType('tp/sched/sched_switch').target, 'sched/sched_switch');
  assert.is(sectionType('iter/task').attachType, 'trace_iter');
  assert.is(sectionType('fentryx/vfs_read').programType, 'unspec');
});

test.run();
