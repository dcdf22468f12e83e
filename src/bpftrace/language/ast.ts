import type { Int64 } from '../values/int64.js';
import type { Span } from './span.js';
import type { Type } from './types.js';

export type UnaryOperator = '!' | '~' | '-' | '++' | '--';
export type ArithmeticOperator = '+' | '-' | '*' | '/' | '%' | '&' | '|' | '^' | '<<' | '>>';
export type Comparison = '==' | '!=' | '<' | '<=' | '>' | '>=';
export type BinaryOperator = ArithmeticOperator | Comparison | '&&' | '||';

interface Node {
  readonly span: Span;
}

interface Typed extends Node {
  /** Set by the checker. */
  type: Type;
}

export interface IntegerNode extends Typed {
  readonly kind: 'integer';
  readonly value: Int64;
}
export interface StringNode extends Typed {
  readonly kind: 'string';
  readonly value: string;
}
export interface BuiltinNode extends Typed {
  readonly kind: 'builtin';
  readonly name: string;
}
export interface IdentifierNode extends Typed {
  readonly kind: 'identifier';
  readonly name: string;
}
/** `$1`; `$#` without a number. */
export interface ParameterNode extends Typed {
  readonly kind: 'parameter';
  readonly number: number | undefined;
}
export interface MapNode extends Typed {
  readonly kind: 'map';
  readonly name: string;
  /** Undefined: not indexed. */
  readonly keys: readonly Expression[] | undefined;
}
export interface VariableNode extends Typed {
  readonly kind: 'variable';
  readonly name: string;
}
/** `object->field` or `object.field`. */
export interface MemberNode extends Typed {
  readonly kind: 'member';
  readonly object: Expression;
  readonly field: string;
}
export interface UnaryNode extends Typed {
  readonly kind: 'unary';
  readonly operator: UnaryOperator;
  readonly operand: Expression;
  readonly isPostfix: boolean;
}
export interface BinaryNode extends Typed {
  readonly kind: 'binary';
  readonly operator: BinaryOperator;
  readonly left: Expression;
  readonly right: Expression;
}
export interface TernaryNode extends Typed {
  readonly kind: 'ternary';
  readonly condition: Expression;
  readonly left: Expression;
  readonly right: Expression;
}
export interface CastNode extends Typed {
  readonly kind: 'cast';
  readonly to: Type;
  readonly operand: Expression;
}
export interface CallNode extends Typed {
  readonly kind: 'call';
  readonly name: string;
  readonly args: readonly Expression[];
}

export type Expression =
  | IntegerNode
  | StringNode
  | BuiltinNode
  | IdentifierNode
  | ParameterNode
  | MapNode
  | VariableNode
  | MemberNode
  | UnaryNode
  | BinaryNode
  | TernaryNode
  | CastNode
  | CallNode;

export interface AssignmentNode extends Node {
  readonly kind: 'assign';
  readonly target: MapNode | VariableNode;
  readonly value: Expression;
}
export interface IfNode extends Node {
  readonly kind: 'if';
  readonly condition: Expression;
  readonly then: readonly Statement[];
  readonly otherwise: readonly Statement[];
}
export interface UnrollNode extends Node {
  readonly kind: 'unroll';
  readonly count: Expression;
  readonly body: readonly Statement[];
}
export interface ReturnNode extends Node {
  readonly kind: 'return';
}
export interface ExpressionNode extends Node {
  readonly kind: 'expression';
  readonly expression: Expression;
}

export type Statement = AssignmentNode | IfNode | UnrollNode | ReturnNode | ExpressionNode;

/** `tracepoint:xdp:xdp_redirect` as it is written; positional parameters are `$1` still. */
export interface AttachPointNode extends Node {
  readonly text: string;
}

export interface PredicateNode extends Node {
  readonly expression: Expression;
}

export interface ProbeNode {
  readonly attachPoints: readonly AttachPointNode[];
  readonly predicate: PredicateNode | undefined;
  readonly body: readonly Statement[];
}
