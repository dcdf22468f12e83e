/** Error numbers that the map system calls return. `ENOTSUPP` is the kernel's internal number, not `EOPNOTSUPP`. */
export const Errno = {
  EPERM: 1,
  ENOENT: 2,
  E2BIG: 7,
  EBADF: 9,
  ENOMEM: 12,
  EFAULT: 14,
  EEXIST: 17,
  ENODEV: 19,
  EINVAL: 22,
  EOVERFLOW: 75,
  EBADFD: 77,
  ENOTSOCK: 88,
  EOPNOTSUPP: 95,
  ENOTSUPP: 524,
} as const;
