import { constants } from 'node:os';

/** Linux errno values by name (include/uapi/asm-generic/errno*.h), those of this project's calls. */
export const ERRNO = {
  EPERM: 1,
  ENOENT: 2,
  EINTR: 4,
  ENXIO: 6,
  E2BIG: 7,
  EBADF: 9,
  ENOMEM: 12,
  EACCES: 13,
  EFAULT: 14,
  EBUSY: 16,
  EEXIST: 17,
  ENODEV: 19,
  EINVAL: 22,
  ENOSPC: 28,
  ERANGE: 34,
  EBADRQC: 56,
  EOVERFLOW: 75,
  EBADFD: 77,
  ENOTSOCK: 88,
  EMSGSIZE: 90,
  EOPNOTSUPP: 95,
  ENETDOWN: 100,
  ENOBUFS: 105,
  /** The kernel's own number, which reaches user space all the same. */
  ENOTSUPP: 524,
} as const;
export type ErrnoName = keyof typeof ERRNO;

const names = new Map<number, string>(Object.entries(ERRNO).map(([name, value]) => [value, name]));

/** Name of an errno, positive or negative: `EINVAL`, or `errno 123`. */
export function errnoName(errno: number): string {
  const value = Math.abs(errno);
  return names.get(value) ?? hostName(value) ?? `errno ${value}`;
}

/** Only Linux numbers errnos as Linux does. */
function hostName(value: number): string | undefined {
  if (process.platform !== 'linux') return undefined;
  return Object.entries(constants.errno).find(([, number]) => number === value)?.[0];
}

/** A failed map system call, in the manner of Node.js's own system errors. */
export class BpfError extends Error {
  override readonly name = 'BpfError';
  /** Positive. */
  readonly errno: number;
  /** `'ENOENT'` */
  readonly code: string;
  readonly syscall: string;

  /** `what`: the object and argument, for people. */
  constructor(errno: number, syscall: string, what: string) {
    const code = errnoName(errno);
    super(`${code}: ${syscall}: ${what}`);
    this.errno = Math.abs(errno);
    this.code = code;
    this.syscall = syscall;
  }
}
