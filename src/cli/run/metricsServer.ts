import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { MachineMetrics } from '../../metrics/machineMetrics.js';
import { UsageError } from '../usageError.js';
import type { ObservedRun, RunObserver } from './observer.js';

/** Where metrics are served. */
export interface MetricsAddress {
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
}

const PATH = '/metrics';

/** GET /metrics of a run, in the Prometheus text format. */
export class MetricsServer implements RunObserver {
  /** Counters and rings are read where they lie. */
  readonly observe = false;
  readonly #server: Server;
  #metrics: MachineMetrics | undefined;

  private constructor() {
    this.#server = createServer((request, response) => {
      this.#answer(request, response).catch((error: Error) => {
        response.destroy(error);
      });
    });
  }

  /** @throws UsageError where nothing can listen there */
  static async listen({ host, port }: MetricsAddress): Promise<MetricsServer> {
    const server = new MetricsServer();
    await new Promise<void>((resolve, reject) => {
      server.#server.once('error', (error: NodeJS.ErrnoException) => {
        const { code, message } = error;
        const reason = code === 'EADDRINUSE' ? 'something else listens there' : message;
        reject(
          new UsageError(`--prometheus: cannot listen on ${hostText(host)}:${port}: ${reason}`),
        );
      });
      server.#server.listen(port, host, resolve);
    });
    return server;
  }

  get url(): string {
    const { address, port } = this.#server.address() as AddressInfo;
    return `http://${hostText(address)}:${port}${PATH}`;
  }

  /** The machine that is asked from now on; until then there is nothing to say (503). */
  async start({ machine, io }: ObservedRun): Promise<void> {
    const { MachineMetrics } = await import('../../metrics/machineMetrics.js');
    this.#metrics = new MachineMetrics(machine);
    io.stderr.write(`xdpemu: metrics at ${this.url}\n`);
  }

  /** The end of a run does not wait for who may be connected. */
  async close(): Promise<void> {
    await new Promise((resolve) => {
      this.#server.close(resolve);
      this.#server.closeAllConnections();
    });
  }

  async #answer({ method, url = '' }: IncomingMessage, response: ServerResponse): Promise<void> {
    const refuse = (status: number, text: string) => {
      response.writeHead(status, { 'content-type': 'text/plain', connection: 'close' }).end(text);
    };
    const [path] = url.split('?');
    if (path !== PATH || (method !== 'GET' && method !== 'HEAD')) {
      return refuse(404, `expected GET ${PATH}\n`);
    }
    if (this.#metrics === undefined) return refuse(503, 'the machine is not ready yet\n');
    const text = await this.#metrics.text();
    response.writeHead(200, {
      'content-type': this.#metrics.contentType,
      'content-length': Buffer.byteLength(text),
    });
    response.end(text);
  }
}

function hostText(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
