import type { FunctionBody } from '../../wasm/functionBody.js';
import { type ControlFlow, isBackEdge } from './cfg.js';
import type { BlockWriter } from './structure.js';

/**
 * Writes a control flow graph whose loops do not nest (two ways into one cycle) as a loop around a `br_table`: each
 * block sets the number of the next one and goes round.
 *
 *     loop                              ; depth of the loop inside case i: blocks - 1 - i
 *       block ... block block           ; one for each basic block, the innermost is block 0
 *         local.get next, br_table 0 1 2 ...
 *       end  (code of block 0)
 *       end  (code of block 1)
 *       ...
 *     end
 */
export function writeDispatcher(flow: ControlFlow, body: FunctionBody, writer: BlockWriter): void {
  const next = body.local('i32');
  const cases = flow.blocks.length;
  body.loop();
  for (let block = 0; block < cases; block++) body.block();
  body.get(next);
  const depths = flow.blocks.map((_, block) => block);
  body.brTable(depths.slice(0, -1), cases - 1);
  for (const [block, { successors }] of flow.blocks.entries()) {
    body.end();
    writer.writeBlock(block);
    const loopDepth = cases - 1 - block;
    const [taken, otherwise] = successors;
    if (taken === undefined) continue;
    if (otherwise === undefined) writeGoto(block, taken, loopDepth);
    else {
      writer.writeCondition(block, false);
      body.if();
      writeGoto(block, taken, loopDepth + 1);
      body.end();
      writeGoto(block, otherwise, loopDepth);
    }
  }
  body.end();
  body.op('unreachable');

  function writeGoto(source: number, target: number, loopDepth: number): void {
    if (isBackEdge(source, target)) writer.writeBackEdge(source, target);
    body.i32(target);
    body.set(next);
    body.br(loopDepth);
  }
}
