import { ERRNO } from './errno.js';
import { FdArray } from './fdArray.js';
import type { FileTable } from './files.js';
import { keyToU32, type Result, u32ToBytes } from './kernelMap.js';
import type { Program } from './objects.js';

/** PROG_ARRAY (kernel/bpf/arraymap.c): what tail calls jump to. */
export class ProgArray extends FdArray<Program> {
  override get containsPrograms(): boolean {
    return true;
  }

  /** `prog_fd_array_get_ptr`. */
  protected override resolve(fd: number, files: FileTable): Result<Program> {
    const file = files.get(fd);
    if (file === undefined) return -ERRNO.EBADF;
    if (file.kind !== 'program') return -ERRNO.EINVAL;
    return this.isCompatible(file.program) ? file.program : -ERRNO.EINVAL;
  }

  /** The program's id (`prog_fd_array_sys_lookup_elem`). */
  override lookup(key: Uint8Array): Result<Uint8Array> {
    const program = this.targets.get(keyToU32(key));
    return program === undefined ? -ERRNO.ENOENT : u32ToBytes(program.id);
  }
}
