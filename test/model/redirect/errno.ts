/** Negative error numbers of the redirect path. */
export const ENXIO = -6;
export const ENOMEM = -12;
export const EINVAL = -22;
export const ENOSPC = -28;
export const EBADRQC = -56;
export const EMSGSIZE = -90;
export const EOPNOTSUPP = -95;
export const ENETDOWN = -100;
export const ENOBUFS = -105;
