import type { Moment, RedirectDocument, RedirectEvent, Returns } from '../redirectTrace.js';
import { XDP_DROP, XDP_PASS, XDP_REDIRECT, XDP_TX } from './action.js';
import { type Context, type Frame, newContext } from './context.js';
import type { NetDevice } from './device.js';
import { Inbox } from './inbox.js';
import type { Machine } from './machine.js';
import { runProgram } from './program.js';
import { xdpDoFlush, xdpDoRedirect } from './redirect.js';
import { noRedirect, redirectToIndex } from './redirectInfo.js';
import { TxQueue } from './txQueue.js';

/** The receiving CPU: takes the script's frames batch by batch, and records all that happens on it. */
export class Receiver {
  readonly returns: Returns[] = [];
  readonly actions: number[] = [];
  readonly events: RedirectEvent[] = [];
  readonly stack = new Inbox();
  private readonly document: RedirectDocument;
  private readonly device: NetDevice;
  private readonly context: Context;
  private readonly txQueue: TxQueue;
  /** Whether there is a driver; `BPF_PROG_TEST_RUN` has none. */
  private readonly native: boolean;
  private moment: Moment = { frame: 0 };
  private nextFrame = 0;

  constructor(document: RedirectDocument, machine: Machine) {
    const { device: name, mode, cpu } = document.ingress;
    const declaration = document.devices.find((device) => device.name === name);
    const device = machine.devices.get(name);
    if (!declaration || !device) {
      throw new RangeError(`ingress device ${name}: not in the document`);
    }
    this.document = document;
    this.device = device;
    this.native = mode !== 'test-run';
    this.txQueue = new TxQueue(device);
    this.context = newContext({
      machine,
      ingressDevice: name,
      rxQueue: this.native ? cpu % declaration.queues : 0,
      trace: (event) => this.events.push({ ...this.moment, ...event }),
      isOrdered: () => true,
    });
    this.stack.addFeeder(this.context);
  }

  /** One NAPI poll (`veth_poll`), or one round of `xdp_test_run_batch`. */
  poll(batch: number): void {
    this.context.redirect = noRedirect();
    const end = this.nextFrame + (this.document.batches[batch] ?? 0);
    for (; this.nextFrame < end; this.nextFrame++) this.receive(this.nextFrame);
    this.moment = { flush: batch };
    xdpDoFlush(this.context);
    this.txQueue.flush(this.context);
  }

  private receive(seq: number): void {
    const step = this.document.script[seq];
    if (!step) throw new RangeError(`frame ${seq}: no step in the script`);
    this.moment = { frame: seq };
    const { length } = this.document.frames;
    const frame: Frame = { seq, length: step.len ?? length, frags: step.frags ?? false };
    const { returns, act } = runProgram(this.context, step);
    this.returns.push(returns);
    this.actions.push(act);
    this.carryOut(frame, act);
  }

  private carryOut(frame: Frame, act: number): void {
    if (act === XDP_PASS) this.stack.frames.push(frame.seq);
    else if (act === XDP_REDIRECT) xdpDoRedirect(this.context, frame);
    else if (act === XDP_TX) this.transmit(frame);
    else if (act !== XDP_DROP && this.native) {
      this.context.trace({ ev: 'xdp_exception', prog: 'main', ifindex: this.device.name, act });
    }
  }

  /** Without a driver `XDP_TX` is a redirect to the ingress device. */
  private transmit(frame: Frame): void {
    if (this.native) {
      this.txQueue.enqueue(this.context, frame);
      return;
    }
    redirectToIndex(this.context.redirect, this.device.name);
    xdpDoRedirect(this.context, frame);
  }
}
