import { ERRNO } from './errno.js';
import { FdArray } from './fdArray.js';
import type { FileTable, PerfEventFile } from './files.js';
import type { Result } from './kernelMap.js';

/** PERF_EVENT_ARRAY (kernel/bpf/arraymap.c): the events that `bpf_perf_event_output` writes to, one for each CPU. */
export class PerfEventArray extends FdArray<PerfEventFile> {
  /** `perf_event_fd_array_get_ptr`. */
  protected override resolve(fd: number, files: FileTable): Result<PerfEventFile> {
    const file = files.get(fd);
    if (file === undefined) return -ERRNO.EBADF;
    return file.kind === 'perfEvent' ? file : -ERRNO.EINVAL;
  }

  override lookup(): Result<Uint8Array> {
    return -ERRNO.ENOTSUPP;
  }
}
