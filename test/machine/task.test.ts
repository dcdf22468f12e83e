import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { taskOf } from '../../src/machine/task.js';

test('every kthread has a pid of its own: of two maps on one CPU, and of one map on two', () => {
  const pids = [1, 2, 3].flatMap((kthreadMapId) =>
    [0, 1, 255].map((cpu) => taskOf({ kthreadMapId, cpu }).pid),
  );
  assert.is(new Set(pids).size, 9);
  assert.ok(pids.every((pid) => pid > 0));
});

test('a softirq borrows the idle task', () => {
  assert.equal(taskOf({ kthreadMapId: 0, cpu: 3 }), { mapId: 0, pid: 0 });
});

test.run();
