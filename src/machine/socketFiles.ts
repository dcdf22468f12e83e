import type { FileTable } from '../maps/files.js';
import type { XskSocket } from './sockets.js';

/** The descriptors that the applications have of their AF_XDP sockets, by the sockets' names. */
export class SocketFiles {
  readonly #files: FileTable;
  readonly #fds = new Map<string, number>();

  constructor(files: FileTable) {
    this.#files = files;
  }

  /** A descriptor of a socket, which has none at the moment. Throws RangeError where it has one. */
  open(socket: XskSocket): void {
    if (this.isOpen(socket.name)) throw new RangeError(`socket ${socket.name} is open`);
    this.#fds.set(socket.name, this.#files.open({ kind: 'socket', socket }));
  }

  /** Throws RangeError where the socket is closed. */
  close(name: string): void {
    if (!this.isOpen(name)) throw new RangeError(`socket ${name} is closed`);
    this.#files.close(this.fdOf(name)!);
  }

  isOpen(name: string): boolean {
    const fd = this.fdOf(name);
    return fd !== undefined && this.#files.get(fd) !== undefined;
  }

  /** Its last descriptor, which is no good any more (EBADF) once the socket was closed. */
  fdOf(name: string): number | undefined {
    return this.#fds.get(name);
  }
}
