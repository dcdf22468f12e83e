import { readFrameNumber } from './frameNumber.js';
import type { SocketDeclaration } from './redirectTrace.js';
import type { RedirectWorld } from './redirectWorld.js';

/** The applications on an experiment's sockets, while nothing else runs. */
export class SocketReader {
  /** Numbers of the frames that were read, by socket. */
  readonly frames = new Map<string, number[]>();
  readonly #world: RedirectWorld;

  constructor(world: RedirectWorld) {
    this.#world = world;
  }

  /** Reads the sockets with this `consume` empty. */
  read(consume: SocketDeclaration['consume']): void {
    for (const { declaration, socket } of this.#world.sockets) {
      if (declaration.consume !== consume) continue;
      const read = socket.read(socket.rxAvailable, consume === 'batch').map(readFrameNumber);
      this.frames.set(declaration.id, [...(this.frames.get(declaration.id) ?? []), ...read]);
    }
  }
}
