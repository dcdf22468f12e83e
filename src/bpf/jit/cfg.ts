import type { BpfProgram, Subprogram } from '../isa/program.js';

/** Straight code: positions from `start` up to but not including `end`; only the last may branch. */
export interface BasicBlock {
  readonly start: number;
  readonly end: number;
  /** Indexes of the blocks that may follow. Of a conditional jump: the taken one, then the next one. */
  readonly successors: readonly number[];
}

/**
 * A function's reachable blocks in reverse post-order: apart from loops, every block comes after the ones that lead to
 * it, wherever the compiler had put it. Block 0 is the entry. All other arrays go by block index.
 */
export interface ControlFlow {
  readonly blocks: readonly BasicBlock[];
  /** The closest block that every way here passes through; the entry's own is 0. */
  readonly immediateDominators: readonly number[];
  readonly predecessors: readonly (readonly number[])[];
  /** Blocks that a backward edge leads to. */
  readonly loopHeaders: ReadonlySet<number>;
  /** Whether each backward edge leads to a block that dominates its source: only then do loops nest. */
  readonly reducible: boolean;
}

export function analyzeControlFlow(program: BpfProgram, subprogram: Subprogram): ControlFlow {
  const blocks = inReversePostOrder(splitIntoBlocks(program, subprogram));
  const predecessors: number[][] = blocks.map(() => []);
  for (const [index, { successors }] of blocks.entries())
    for (const successor of successors) predecessors[successor]!.push(index);
  const immediateDominators = findDominators(predecessors);
  const loopHeaders = new Set<number>();
  let reducible = true;
  for (const [header, sources] of predecessors.entries())
    for (const source of sources)
      if (isBackEdge(source, header)) {
        loopHeaders.add(header);
        reducible &&= dominates(immediateDominators, header, source);
      }
  return { blocks, immediateDominators, predecessors, loopHeaders, reducible };
}

/** In reverse post-order an edge to an earlier block, or to itself, closes a cycle. */
export function isBackEdge(source: number, target: number): boolean {
  return target <= source;
}

/** Blocks of the natural loop of a header: all that reach it again without leaving by the header. */
export function loopBody({ predecessors }: ControlFlow, header: number): Set<number> {
  const body = new Set([header]);
  const pending = predecessors[header]!.filter((source) => isBackEdge(source, header));
  for (let block = pending.pop(); block !== undefined; block = pending.pop()) {
    if (body.has(block)) continue;
    body.add(block);
    pending.push(...predecessors[block]!);
  }
  return body;
}

function splitIntoBlocks({ insns, targets }: BpfProgram, { start, end }: Subprogram): BasicBlock[] {
  const leaders = new Set([start]);
  for (let position = start; position < end; position++) {
    if (!endsBlock(insns[position]!.form.does.kind)) continue;
    leaders.add(position + 1);
    if (targets[position] !== -1) leaders.add(targets[position]!);
  }
  leaders.delete(end);
  const starts = [...leaders].sort((a, b) => a - b);
  const blockAt = new Map(starts.map((position, index) => [position, index]));
  return starts.map((blockStart, index) => {
    const blockEnd = starts[index + 1] ?? end;
    const follow = followers(insns[blockEnd - 1]!.form.does.kind, targets[blockEnd - 1]!, blockEnd);
    return { start: blockStart, end: blockEnd, successors: follow.map((at) => blockAt.get(at)!) };
  });
}

function endsBlock(kind: string): boolean {
  return kind === 'jump' || kind === 'jumpIf' || kind === 'mayGoto' || kind === 'exit';
}

function followers(lastKind: string, target: number, next: number): number[] {
  if (lastKind === 'exit') return [];
  if (lastKind === 'jump') return [target];
  if (!endsBlock(lastKind) || target === next) return [next];
  return [target, next];
}

/** Drops what cannot be reached. The walk has its own stack: a program may have a million blocks in a row. */
function inReversePostOrder(blocks: readonly BasicBlock[]): BasicBlock[] {
  const postOrder: number[] = [];
  const visited = new Set([0]);
  const path = [{ block: 0, next: 0 }];
  for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
    const successor = blocks[top.block]!.successors[top.next++];
    if (successor === undefined) {
      postOrder.push(top.block);
      path.pop();
    } else if (!visited.has(successor)) {
      visited.add(successor);
      path.push({ block: successor, next: 0 });
    }
  }
  const order = postOrder.reverse();
  const newIndex = new Map(order.map((old, index) => [old, index]));
  return order.map((old) => {
    const { start, end, successors } = blocks[old]!;
    return { start, end, successors: successors.map((successor) => newIndex.get(successor)!) };
  });
}

/** Cooper, Harvey, Kennedy: A Simple, Fast Dominance Algorithm (2001). */
function findDominators(predecessors: readonly (readonly number[])[]): number[] {
  const idoms: number[] = [0];
  for (let changed = true; changed; ) {
    changed = false;
    for (let block = 1; block < predecessors.length; block++) {
      let idom: number | undefined;
      for (const predecessor of predecessors[block]!) {
        if (idoms[predecessor] === undefined) continue;
        idom = idom === undefined ? predecessor : commonDominator(idoms, idom, predecessor);
      }
      if (idoms[block] !== idom) {
        idoms[block] = idom!;
        changed = true;
      }
    }
  }
  return idoms;
}

function commonDominator(idoms: readonly number[], a: number, b: number): number {
  let left = a;
  let right = b;
  while (left !== right) {
    while (left > right) left = idoms[left]!;
    while (right > left) right = idoms[right]!;
  }
  return left;
}

function dominates(idoms: readonly number[], dominator: number, block: number): boolean {
  let at = block;
  while (at > dominator) at = idoms[at]!;
  return at === dominator;
}
