import { literalOf } from '../check/calls.js';
import type { CheckedProbe } from '../check/checker.js';
import type { AssignmentNode, CallNode, MapNode, Statement } from '../language/ast.js';
import { isAggregate } from '../language/types.js';
import type { Int64 } from '../values/int64.js';
import { aggregateOf } from '../values/state.js';
import { compileExpression, compileStore } from './expressions.js';
import type { Execute, Frame } from './frame.js';
import { compileKeys } from './keys.js';
import { mapOf, type Unit } from './unit.js';

/** All that a probe does when it fires. */
export function compileProbe(unit: Unit, { predicate, body }: CheckedProbe): Execute {
  const run = compileBlock(unit, body);
  if (predicate === undefined) return run;
  const test = compileExpression(unit, predicate.expression);
  return (frame) => {
    if (test(frame) !== 0) run(frame);
  };
}

function compileBlock(unit: Unit, statements: readonly Statement[]): Execute {
  const steps = statements.map((statement) => compileStatement(unit, statement));
  const [only] = steps;
  if (only !== undefined && steps.length === 1) return only;
  return (frame) => {
    for (const step of steps) {
      step(frame);
      if (frame.isLeft) return;
    }
  };
}

function compileStatement(unit: Unit, statement: Statement): Execute {
  switch (statement.kind) {
    case 'expression':
      return compileExpression(unit, statement.expression);
    case 'assign':
      return compileAssignment(unit, statement);
    case 'if': {
      const test = compileExpression(unit, statement.condition);
      const then = compileBlock(unit, statement.then);
      const otherwise = compileBlock(unit, statement.otherwise);
      return (frame) => (test(frame) === 0 ? otherwise(frame) : then(frame));
    }
    case 'unroll': {
      const body = compileBlock(unit, statement.body);
      const count = Number(literalOf(unit, statement.count));
      return (frame) => {
        for (let i = 0; i < count && !frame.isLeft; i++) body(frame);
      };
    }
    case 'return':
      return (frame) => {
        frame.isLeft = true;
      };
  }
}

function compileAssignment(unit: Unit, { target, value }: AssignmentNode): Execute {
  const isAggregation = value.kind === 'call' && isAggregate(value.type);
  if (target.kind === 'map' && isAggregation) return compileAggregation(unit, target, value);
  const store = compileStore(unit, target);
  const evaluate = compileExpression(unit, value);
  return (frame) => store(frame, evaluate(frame));
}

function compileAggregation(unit: Unit, target: MapNode, { args }: CallNode): Execute {
  const { entries, declaration } = mapOf(unit, target.name);
  const update = aggregateOf(declaration.type, declaration.range);
  const { key, parts } = compileKeys(target, (part) => compileExpression(unit, part));
  const [argument] = args;
  const value = (argument === undefined ? () => 0 : compileExpression(unit, argument)) as (
    frame: Frame,
  ) => Int64;
  return (frame) => {
    const found = key(frame);
    const entry = entries.get(found);
    if (entry === undefined) {
      entries.set(found, { key: parts(frame), state: update(undefined, value(frame)) });
    } else entry.state = update(entry.state, value(frame));
  };
}
