import type { TracepointInfo } from '../../trace/tracepoints.js';
import type {
  AssignmentNode,
  CallNode,
  PredicateNode,
  ProbeNode,
  Statement,
} from '../language/ast.js';
import { BpftraceError, type Diagnostic, type SourceText } from '../language/diagnostic.js';
import { isAggregate, type Type, typeText } from '../language/types.js';
import type { MapDeclaration } from '../values/declaration.js';
import type { LinearRange } from '../values/histogram.js';
import { type Target, targetsOf } from './attachPoints.js';
import { literalOf } from './calls.js';
import { assignMap, checkExpression } from './expressions.js';
import type { Parameters } from './parameters.js';
import { PASSES, Scope } from './scope.js';

export interface CheckedProbe {
  readonly targets: readonly Target[];
  readonly predicate: PredicateNode | undefined;
  readonly body: readonly Statement[];
}

export interface CheckedProgram {
  readonly probes: readonly CheckedProbe[];
  /** By name. */
  readonly maps: readonly MapDeclaration[];
  readonly warnings: readonly Diagnostic[];
}

/** What a program is checked against. */
export interface Surroundings {
  /** The events that tracepoint probes can match. */
  readonly events: readonly TracepointInfo[];
  readonly parameters: Parameters;
}

/** @throws BpftraceError */
export function checkProgram(
  source: SourceText,
  nodes: readonly ProbeNode[],
  { events, parameters }: Surroundings,
): CheckedProgram {
  const scope = new Scope(parameters);
  const probes = nodes.map((node) => attach(scope, node, events));
  if (scope.hasErrors) throw new BpftraceError(source, scope.diagnostics);
  const variables = probes.map(() => new Map<string, Type>());
  for (scope.pass = 1; scope.pass <= PASSES; scope.pass++) {
    if (scope.isFinal) checkSpecialProbes(scope, nodes, probes);
    probes.forEach((probe, index) => {
      scope.variables = variables[index]!;
      checkProbe(scope, probe);
    });
    if (scope.hasErrors) throw new BpftraceError(source, scope.diagnostics);
  }
  const maps = [...scope.mapTypes].map(([name, type]): MapDeclaration => {
    return { name, type, keys: scope.mapKeys.get(name) ?? [], range: scope.ranges.get(name) };
  });
  maps.sort((a, b) => (a.name < b.name ? -1 : 1));
  return { probes, maps, warnings: scope.diagnostics };
}

function attach(scope: Scope, node: ProbeNode, events: readonly TracepointInfo[]): CheckedProbe {
  const { attachPoints, predicate, body } = node;
  const targets = attachPoints.flatMap((point) =>
    targetsOf(point, events, scope.parameters, {
      error: (message) => scope.error(point.span, message),
      missing: (message) => {
        if (attachPoints.length === 1) scope.error(point.span, message);
        else scope.warn(point.span, message);
      },
    }),
  );
  if (targets.length === 0 && !scope.hasErrors) {
    scope.error(attachPoints[0]!.span, 'No attach points for probe');
  }
  return { targets, predicate, body };
}

function checkSpecialProbes(
  scope: Scope,
  nodes: readonly ProbeNode[],
  probes: readonly CheckedProbe[],
): void {
  for (const kind of ['BEGIN', 'END'] as const) {
    const having = nodes.filter((_, i) =>
      probes[i]!.targets.some((target) => target.kind === kind),
    );
    for (const { attachPoints } of having.slice(1)) {
      scope.error(attachPoints[0]!.span, `More than one ${kind} probe defined`);
    }
  }
}

function checkProbe(scope: Scope, { targets, predicate, body }: CheckedProbe): void {
  scope.targets = targets;
  if (predicate !== undefined) {
    const { kind } = checkExpression(scope, predicate.expression);
    if (scope.isFinal && kind !== 'integer' && kind !== 'pointer') {
      scope.error(predicate.span, `Invalid type for predicate: ${kind}`);
    }
  }
  checkStatements(scope, body);
}

function checkStatements(scope: Scope, statements: readonly Statement[]): void {
  for (const statement of statements) checkStatement(scope, statement);
}

function checkStatement(scope: Scope, statement: Statement): void {
  switch (statement.kind) {
    case 'expression':
      checkExpression(scope, statement.expression);
      break;
    case 'assign':
      checkAssignment(scope, statement);
      break;
    case 'if': {
      const { kind } = checkExpression(scope, statement.condition);
      if (scope.isFinal && kind !== 'integer') {
        scope.error(statement.span, `Invalid condition in if(): ${kind}`);
      }
      checkStatements(scope, statement.then);
      checkStatements(scope, statement.otherwise);
      break;
    }
    case 'unroll': {
      checkExpression(scope, statement.count);
      const count = literalOf(scope, statement.count);
      if (count > 100) scope.error(statement.span, 'unroll maximum value is 100');
      if (count < 1) scope.error(statement.span, 'unroll minimum value is 1');
      checkStatements(scope, statement.body);
      break;
    }
    case 'return':
      break;
  }
}

function checkAssignment(scope: Scope, { target, value, span }: AssignmentNode): void {
  if (target.kind === 'map') {
    checkExpression(scope, target);
    const type = checkExpression(scope, value, 'map');
    assignMap(scope, target, type);
    if (scope.isFinal && value.kind === 'call' && value.name === 'lhist') {
      assignRange(scope, target.name, value);
    }
    if (type.kind === 'pointer' && type.isContext) {
      scope.error(span, 'context cannot be assigned to a map');
    }
  } else {
    const type = checkExpression(scope, value, 'variable');
    assignVariable(scope, target.name, type, span);
    target.type = scope.variables.get(target.name)!;
  }
  if (value.kind !== 'call' && isAggregate(value.type)) {
    // bpftrace 0.17 has no message for it; later ones say this.
    const message = `Map value '${value.type.kind}' cannot be assigned from one map to another`;
    scope.error(value.span, message);
  }
  if (scope.isFinal && value.type.kind === 'none') {
    scope.error(value.span, 'Invalid expression for assignment: none');
  }
}

function assignRange(scope: Scope, name: string, { args, span }: CallNode): void {
  const [min, max, step] = args.slice(1).map((arg) => Number(literalOf(scope, arg)));
  const range: LinearRange = { min: min!, max: max!, step: step! };
  const known = scope.ranges.get(name) ?? range;
  if (known.min !== min || known.max !== max || known.step !== step) {
    scope.error(span, 'Different lhist bounds in a single map unsupported');
  }
  scope.ranges.set(name, range);
}

function assignVariable(
  scope: Scope,
  name: string,
  type: Type,
  span: AssignmentNode['span'],
): void {
  const known = scope.variables.get(name);
  if (known === undefined || known.kind === 'none') scope.variables.set(name, type);
  else if (known.kind !== type.kind) {
    scope.error(
      span,
      `Type mismatch for ${name}: trying to assign value of type '${typeText(type)}' ` +
        `when variable already contains a value of type '${typeText(known)}'`,
    );
  }
}
