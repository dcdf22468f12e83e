/** `map_flags` of BPF_MAP_CREATE, and `open_flags` (include/uapi/linux/bpf.h). */
export const BPF_F_NO_PREALLOC = 1;
export const BPF_F_NO_COMMON_LRU = 2;
export const BPF_F_NUMA_NODE = 4;
export const BPF_F_RDONLY = 8;
export const BPF_F_WRONLY = 16;
export const BPF_F_ZERO_SEED = 64;
export const BPF_F_RDONLY_PROG = 128;
export const BPF_F_WRONLY_PROG = 256;
export const BPF_F_MMAPABLE = 1024;
export const BPF_F_PRESERVE_ELEMS = 2048;
export const BPF_F_INNER_MAP = 4096;
export const BPF_F_ACCESS = BPF_F_RDONLY | BPF_F_WRONLY;
export const BPF_F_ACCESS_PROG = BPF_F_RDONLY_PROG | BPF_F_WRONLY_PROG;
