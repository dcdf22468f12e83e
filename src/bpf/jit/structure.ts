import type { FunctionBody } from '../../wasm/functionBody.js';
import { type ControlFlow, isBackEdge } from './cfg.js';

/** Writes the parts of a function that are not control flow. */
export interface BlockWriter {
  /** A block's instructions; of the last one all but the branching. Leaves the function if the block is an exit. */
  writeBlock(block: number): void;
  /** Pushes whether a block's conditional jump is taken, or its opposite. */
  writeCondition(block: number, negated: boolean): void;
  /** Before a branch along a backward edge: charges the instruction budget. */
  writeBackEdge(source: number, header: number): void;
}

/**
 * Turns a reducible control flow graph into nested WebAssembly blocks and loops: Norman Ramsey, Beyond Relooper (2022).
 *
 * A block's code is followed by the code of the blocks that it dominates. Those that more than one edge leads to
 * ("merges") get a label: a WebAssembly block that ends where their code begins, so that edges are forward `br`s. A loop
 * header gets a `loop`, so that backward edges are `br`s to it. Any other block is written where its only edge is.
 */
export function writeStructured(flow: ControlFlow, body: FunctionBody, writer: BlockWriter): void {
  new Structurer(flow, body, writer).run();
}

/** What is left to write, last first: the nesting is kept here, not in the JavaScript stack. */
type Task =
  | { readonly write: 'tree'; readonly block: number }
  | { readonly write: 'body'; readonly block: number }
  | { readonly write: 'edge'; readonly source: number; readonly target: number }
  | { readonly write: 'end' };

const UNLABELLED = -1;

class Structurer {
  readonly #flow: ControlFlow;
  readonly #body: FunctionBody;
  readonly #writer: BlockWriter;
  readonly #tasks: Task[] = [{ write: 'tree', block: 0 }];
  /** The enclosing WebAssembly blocks, outermost first: where a `br` to each leads. */
  readonly #labels: number[] = [];
  /** Merges that a block immediately dominates, in descending order. */
  readonly #mergesOf: readonly (readonly number[])[];
  readonly #isMerge: readonly boolean[];

  constructor(flow: ControlFlow, body: FunctionBody, writer: BlockWriter) {
    this.#flow = flow;
    this.#body = body;
    this.#writer = writer;
    this.#isMerge = flow.predecessors.map(
      (sources, block) => sources.filter((source) => !isBackEdge(source, block)).length > 1,
    );
    const mergesOf: number[][] = flow.blocks.map(() => []);
    for (let block = flow.blocks.length - 1; block > 0; block--)
      if (this.#isMerge[block]) mergesOf[flow.immediateDominators[block]!]!.push(block);
    this.#mergesOf = mergesOf;
  }

  run(): void {
    for (let task = this.#tasks.pop(); task !== undefined; task = this.#tasks.pop())
      switch (task.write) {
        case 'tree':
          this.#writeTree(task.block);
          break;
        case 'body':
          this.#writer.writeBlock(task.block);
          this.#writeBranching(task.block);
          break;
        case 'edge':
          this.#writeEdge(task.source, task.target);
          break;
        case 'end':
          this.#labels.pop();
          this.#body.end();
          break;
      }
    this.#body.op('unreachable');
  }

  /** A block, and all that it dominates. */
  #writeTree(block: number): void {
    if (this.#flow.loopHeaders.has(block)) {
      this.#body.loop();
      this.#labels.push(block);
      this.#tasks.push({ write: 'end' });
    }
    for (const merge of this.#mergesOf[block]!) {
      this.#body.block();
      this.#labels.push(merge);
      this.#tasks.push({ write: 'tree', block: merge }, { write: 'end' });
    }
    this.#tasks.push({ write: 'body', block });
  }

  #writeBranching(block: number): void {
    const [taken, next] = this.#flow.blocks[block]!.successors;
    if (taken === undefined) return;
    if (next === undefined) this.#writeEdge(block, taken);
    else if (this.#isPlainBranch(block, taken)) {
      this.#writer.writeCondition(block, false);
      this.#body.brIf(this.#depthOf(taken));
      this.#tasks.push({ write: 'edge', source: block, target: next });
    } else if (this.#isPlainBranch(block, next)) {
      this.#writer.writeCondition(block, true);
      this.#body.brIf(this.#depthOf(next));
      this.#tasks.push({ write: 'edge', source: block, target: taken });
    } else {
      this.#writer.writeCondition(block, false);
      this.#body.if();
      this.#labels.push(UNLABELLED);
      this.#tasks.push({ write: 'edge', source: block, target: next });
      this.#tasks.push({ write: 'end' });
      this.#tasks.push({ write: 'edge', source: block, target: taken });
    }
  }

  #writeEdge(source: number, target: number): void {
    if (isBackEdge(source, target)) {
      this.#writer.writeBackEdge(source, target);
      this.#body.br(this.#depthOf(target));
    } else if (this.#isMerge[target]) this.#body.br(this.#depthOf(target));
    else this.#tasks.push({ write: 'tree', block: target });
  }

  /** Whether an edge is a `br` and nothing else. */
  #isPlainBranch(source: number, target: number): boolean {
    return !isBackEdge(source, target) && this.#isMerge[target]!;
  }

  #depthOf(label: number): number {
    return this.#labels.length - 1 - this.#labels.lastIndexOf(label);
  }
}
