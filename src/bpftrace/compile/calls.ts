import { literalOf } from '../check/calls.js';
import type { CallNode, Expression, MapNode } from '../language/ast.js';
import { compileFormat } from '../output/printf.js';
import { strftime } from '../output/strftime.js';
import type { Int64 } from '../values/int64.js';
import type { Evaluate, Execute, Frame } from './frame.js';
import { compileKeys } from './keys.js';
import { mapOf, type Unit } from './unit.js';

type Compile = (node: Expression) => Evaluate;

/** A call that is no aggregation. What it does not return is 0. */
export function compileCall(unit: Unit, call: CallNode, compile: Compile): Evaluate {
  switch (call.name) {
    case 'str':
      return compileStr(unit, call);
    case 'strftime':
      return compileStrftime(unit, call, compile);
    default: {
      const execute = compileAction(unit, call, compile);
      return (frame) => {
        execute(frame);
        return 0;
      };
    }
  }
}

function compileAction(unit: Unit, call: CallNode, compile: Compile): Execute {
  const { name, args } = call;
  const [first] = args;
  const { surface } = unit;
  switch (name) {
    case 'exit':
      return (frame) => {
        frame.isLeft = true;
        surface.exit();
      };
    case 'printf':
      return compilePrintf(unit, args, compile);
    case 'time': {
      const format = first?.kind === 'string' ? first.value : '%H:%M:%S\n';
      return ({ site }) => surface.message('time', strftime(format, timeMs(unit, site.timeNs)));
    }
    case 'print':
      return compilePrint(unit, args, compile);
    case 'delete': {
      const map = mapOf(unit, (first as MapNode).name);
      const { key } = compileKeys(first as MapNode, compile);
      return (frame) => map.delete(key(frame));
    }
    case 'clear':
    case 'zero': {
      const map = mapOf(unit, (first as MapNode).name);
      return name === 'clear' ? () => map.clear() : () => map.zero();
    }
    default:
      throw new TypeError(`${name}(): only to be assigned to a map`);
  }
}

function timeMs({ surface }: Unit, timeNs: number): number {
  return surface.clockOriginMs + timeNs / 1e6;
}

function compilePrintf(
  { surface }: Unit,
  [format, ...args]: readonly Expression[],
  compile: Compile,
): Execute {
  const text = compileFormat(format?.kind === 'string' ? format.value : '');
  const values = args.map(compile);
  return (frame) => {
    surface.message('printf', text(values.map((value) => value(frame))));
  };
}

function compilePrint(unit: Unit, args: readonly Expression[], compile: Compile): Execute {
  const { surface } = unit;
  const [what, ...limits] = args;
  if (what!.kind !== 'map') {
    const value = compile(what!);
    return (frame: Frame) => surface.printValue(what!.type, value(frame));
  }
  const map = mapOf(unit, what!.name);
  const [top = 0, divisor = 1] = limits.map((limit) => Number(literalOf(unit, limit)));
  return () => surface.printMap(map, { top, divisor: divisor === 0 ? 1 : divisor });
}

function compileStr({ parameters }: Unit, { args }: CallNode): Evaluate {
  const [first] = args;
  const text = parameters.text(first?.kind === 'parameter' ? (first.number ?? 0) : 0);
  return () => text;
}

function compileStrftime(unit: Unit, { args }: CallNode, compile: Compile): Evaluate {
  const [format, time] = args;
  const timeNs = compile(time!) as (frame: Frame) => Int64;
  const text = format?.kind === 'string' ? format.value : '';
  return (frame) => strftime(text, timeMs(unit, Number(timeNs(frame))));
}
