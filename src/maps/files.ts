import { ERRNO } from './errno.js';
import { BPF_F_RDONLY, BPF_F_WRONLY, type KernelMap, type Result } from './kernelMap.js';
import type { Program, Socket } from './objects.js';

/** An open descriptor. */
export type OpenFile =
  | {
      readonly kind: 'map';
      readonly map: KernelMap;
      readonly canRead: boolean;
      readonly canWrite: boolean;
    }
  | { readonly kind: 'program'; readonly program: Program }
  | { readonly kind: 'socket'; readonly socket: Socket }
  | PerfEventFile
  | { readonly kind: 'other' };

/** A software event that programs write to (PERF_COUNT_SW_BPF_OUTPUT). */
export interface PerfEventFile {
  readonly kind: 'perfEvent';
  /** Its `PerfEvent`. */
  readonly address: number;
}

/** What a process starts with. */
export interface FileTableOptions {
  /** Descriptors below this are some file each: standard input, output and errors. */
  readonly standard?: number;
  /** The first number that is handed out. */
  readonly first?: number;
}

/** The file descriptors of the process that makes the system calls. */
export class FileTable {
  readonly #files = new Map<number, OpenFile>();
  #next: number;

  constructor({ standard = 3, first = standard }: FileTableOptions = {}) {
    this.#next = first;
    for (let fd = 0; fd < standard; fd++) this.#files.set(fd, { kind: 'other' });
  }

  open(file: OpenFile): number {
    const fd = this.#next++;
    this.#files.set(fd, file);
    if (file.kind === 'map') file.map.references++;
    return fd;
  }

  openMap(map: KernelMap, flags: number): number {
    return this.open({
      kind: 'map',
      map,
      canRead: (flags & BPF_F_WRONLY) === 0,
      canWrite: (flags & BPF_F_RDONLY) === 0,
    });
  }

  get(fd: number): OpenFile | undefined {
    return this.#files.get(fd);
  }

  /** The map behind `fd`, or -EBADF or -EINVAL. */
  map(fd: number): Result<OpenFile & { kind: 'map' }> {
    const file = this.#files.get(fd);
    if (file === undefined) return -ERRNO.EBADF;
    return file.kind === 'map' ? file : -ERRNO.EINVAL;
  }

  /** Closes `fd`; the file that was open, or undefined. A map nobody refers to any more is destroyed. */
  close(fd: number): OpenFile | undefined {
    const file = this.#files.get(fd);
    this.#files.delete(fd);
    if (file?.kind === 'map' && --file.map.references === 0) file.map.destroy();
    return file;
  }
}
