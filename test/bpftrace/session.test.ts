import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { TracepointHit } from '../../src/bpftrace/session.js';
import { emulate } from './support/emulated.js';

const hit = (name: string, fields: TracepointHit['fields'], more: Partial<TracepointHit> = {}) => ({
  name,
  timeNs: 1.5e9,
  cpu: 2,
  task: { mapId: 0, pid: 0 },
  fields,
  ...more,
});
const failed = (err: number, map_id = 7) =>
  hit('xdp_redirect_err', {
    prog_id: 5,
    action: 4,
    ifindex: 1,
    to_ifindex: 2,
    err,
    map_id,
    map_index: 3,
  });

/** What is printed between the head and the maps, and the maps. */
function run(program: string, hits: readonly TracepointHit[], version = 618): string {
  const { stdout, stderr, isRefused } = emulate(program, { hits, version, isQuiet: true });
  assert.is(isRefused, false, stderr);
  return stdout;
}

test("args has the members of the kernel's record, by their names and with their signs", () => {
  const text = run(
    't:xdp:xdp_redirect_err { printf("%d %d %d %u %lld\\n", args->act, args->err, args.map_index, args->map_id, args->map_id); }',
    [failed(-22, -1)],
  );
  assert.is(text, '4 -22 3 4294967295 4294967295\n\n\n');
});

test('pointers of structs that the emulator does not have are null', () => {
  const connect = hit('mem_connect', { mem_id: 3, mem_type: 2, allocator: 0x1000, ifindex: 1 });
  const text = run(
    't:xdp:mem_connect { @[args->allocator, args->mem_id] = count(); printf("%p %p\\n", args->xa, args->allocator); }',
    [connect],
  );
  assert.is(text, '(nil) 0x1000\n\n\n@[0x1000, 3]: 1\n');
});

test('filters, and ifs with else', () => {
  const text = run(
    't:xdp:xdp_redirect_err /args->err != -22 && args->map_id/ { if (args->err == -100) { @down++; } else if (args->err == -90) { @long++; } else { @other++; } }',
    [failed(-22), failed(-100), failed(-100), failed(-90), failed(-7), failed(-7, 0)],
  );
  assert.is(text, '\n\n@down: 2\n@long: 1\n@other: 1\n');
});

test('builtins tell where and when it was', () => {
  const task = { mapId: 48123, pid: 17 };
  const text = run(
    't:xdp:xdp_cpumap_kthread { printf("%s %d %d %d %s %llu %llu\\n", comm, pid, tid, cpu, probe, nsecs, elapsed); }',
    [hit('xdp_cpumap_kthread', {}, { task, cpu: 11 })],
  );
  // The kernel has 15 characters of a task's name.
  assert.is(
    text,
    'cpumap/11/map:4 17 17 11 tracepoint:xdp:xdp_cpumap_kthread 1500000000 500000000\n\n\n',
  );
});

test('a glob matches the events of the kernel that is emulated', () => {
  const attached = (version: number) =>
    emulate('tracepoint:xdp:* { @ = count(); }', { version }).stdout.split('\n')[0];
  assert.is(attached(618), 'Attaching 10 probes...');
  assert.is(attached(601), 'Attaching 12 probes...');
});

test('all probes of an event run, in the order of the program', () => {
  const text = run(
    't:xdp:xdp_redirect_err { printf("a"); } t:xdp:*_err { printf("b"); } t:xdp:xdp_redirect { printf("c"); }',
    [failed(-1), failed(-2)],
  );
  assert.is(text, 'abab\n\n');
});

test('after exit() no probe runs but END', () => {
  const text = run(
    't:xdp:*err { @n = count(); exit(); @never = 1; } interval:s:1 { printf("tick\\n"); } END { printf("end\\n"); }',
    [failed(-1), failed(-2)],
  );
  assert.is(text, 'end\n\n\n@n: 1\n\n');
});

test('records that were lost are said before the maps', () => {
  assert.is(emulate('END { }', { lost: 3, isQuiet: true }).stdout, 'Lost 3 events\n\n\n');
});

test('counts do not wrap where numbers end', () => {
  const text = run(
    't:xdp:*err { @ = sum(9007199254740991); @m = max(args->err); @n = min(args->err); @k[args->err * 9007199254740991] = 1; }',
    [failed(-5), failed(-9)],
  );
  assert.is(
    text,
    '\n\n@: 18014398509481982\n@k[-81064793292668919]: 1\n@k[-45035996273704955]: 1\n@m: -5\n@n: -9\n',
  );
});

test('of equal values the lesser key is printed first', () => {
  const text = run('t:xdp:*err { @[-args->err] = count(); }', [
    failed(-300),
    failed(-7),
    failed(-20),
    failed(-20),
  ]);
  assert.is(text, '\n\n@[7]: 1\n@[300]: 1\n@[20]: 2\n');
});

test('variables begin anew in each run of a probe', () => {
  const text = run('t:xdp:*err { if (args->err == -1) { $a = 5; } printf("%d", $a); }', [
    failed(-1),
    failed(-2),
  ]);
  assert.is(text, '50\n\n');
});

test('positional parameters are numbers, and text by str()', () => {
  const program = 'BEGIN { printf("%d %d %s|%s %d\\n", $1, $3, str($2), str($3), $#); }';
  const { stdout } = emulate(program, { parameters: ['0x10', 'abc'], isQuiet: true });
  assert.is(stdout, '16 0 abc| 2\n\n\n');
  const { stderr } = emulate('BEGIN { @ = $1; }', { parameters: ['abc'] });
  assert.match(stderr, /\$1 used numerically but given "abc"\. Try using str\(\$1\)\./);
});

test('what bpftrace knows and xdpemu does not is refused where it stands', () => {
  for (const [program, message] of [
    ['kprobe:f { }', /^stdin:1:1-9: ERROR: Invalid probe type: kprobe \(there are tracepoint/],
    [
      'BEGIN { @[kstack] = 1; }',
      /^stdin:1:9-17: ERROR: kstack is not known here: there are args, comm/,
    ],
    [
      'BEGIN { print(ksym(1)); }',
      /^stdin:1:9-[0-9]+: ERROR: ksym\(\) is not known here: there are avg/,
    ],
    ['BEGIN { while (1) { } }', /^stdin:1:9-14: ERROR: loops are not known here/],
    ['BEGIN { @ = (1, 2); }', /^stdin:1:13-16: ERROR: tuples are not known here/],
    ['BEGIN { @c = count(); @d = @c; }', /ERROR: Map value 'count' cannot be assigned/],
    ['BEGIN { @c = count(); @d[@c] = 1; }', /ERROR: a count cannot be used as a map key/],
  ] as const) {
    const { isRefused, stderr } = emulate(program);
    assert.ok(isRefused, program);
    assert.match(stderr, message);
    assert.match(stderr, /\n *~+\n$/);
  }
});

test.run();
