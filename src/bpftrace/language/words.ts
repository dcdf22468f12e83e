/** What bpftrace reserves, so that what is not done here is told from what is misspelt. */
export const keywords: ReadonlySet<string> = new Set([
  ...['if', 'else', 'unroll', 'while', 'for', 'return', 'continue', 'break'],
  ...['struct', 'union', 'enum'],
]);

/** The builtins and functions that there are here. */
export const knownBuiltins: readonly string[] = [
  ...['args', 'comm', 'cpu', 'elapsed', 'nsecs', 'pid', 'probe', 'tid'],
];
export const knownCalls: readonly string[] = [
  ...['avg', 'clear', 'count', 'delete', 'exit', 'hist', 'lhist', 'max', 'min', 'print', 'printf'],
  ...['stats', 'str', 'strftime', 'sum', 'time', 'zero'],
];

export const builtinNames: ReadonlySet<string> = new Set([
  ...knownBuiltins,
  ...['cgroup', 'cpid', 'ctx', 'curtask', 'func', 'gid', 'kstack', 'numaid', 'rand', 'retval'],
  ...['uid', 'username', 'ustack'],
  ...Array.from({ length: 10 }, (_, n) => [`arg${n}`, `sarg${n}`]).flat(),
]);

export const callNames: ReadonlySet<string> = new Set([
  ...knownCalls,
  ...['bswap', 'buf', 'cat', 'cgroup_path', 'cgroupid', 'debugf', 'join', 'kaddr', 'kptr', 'ksym'],
  ...['macaddr', 'ntop', 'override', 'path', 'pton', 'reg', 'signal', 'sizeof', 'skboutput'],
  ...['strcontains', 'strerror', 'strncmp', 'system', 'uaddr', 'unwatch', 'uptr', 'usym'],
]);
