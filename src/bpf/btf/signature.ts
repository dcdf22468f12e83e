import type { Btf } from './btf.js';
import type { BtfFunctionProto } from './btfType.js';

/** libbpf's MAX_RESOLVE_DEPTH: longer chains are cycles or nonsense. */
const DEPTH_MAX = 32;

/**
 * The C declaration of function `typeId` as bpftool prints it (btf_dumper.c:btf_dumper_type_only):
 * `int count(struct xdp_md * ctx)`. Undefined where it is no function or its types make no declaration.
 */
export function functionSignature(btf: Btf, typeId: number): string | undefined {
  const func = btf.type(typeId);
  if (func.kind !== 'func') return undefined;
  const proto = btf.type(func.typeId);
  return proto.kind === 'func_proto' ? declaration(btf, proto, func.name, 0) : undefined;
}

function declaration(
  btf: Btf,
  { typeId, parameters }: BtfFunctionProto,
  name: string,
  depth: number,
): string | undefined {
  const texts = parameters.map((parameter) => {
    if (parameter.typeId === 0) return '...';
    const type = typeText(btf, parameter.typeId, depth + 1);
    return type && (parameter.name === '' ? type.trimEnd() : type + parameter.name);
  });
  const returned = typeText(btf, typeId, depth + 1);
  if (returned === undefined || texts.includes(undefined)) return undefined;
  return `${returned}${name}(${texts.join(', ')})`;
}

/** A type with a blank behind it. */
function typeText(btf: Btf, typeId: number, depth: number): string | undefined {
  if (depth > DEPTH_MAX) return undefined;
  const type = btf.type(typeId);
  const of = (id: number) => typeText(btf, id, depth + 1);
  const around = (inner: string | undefined, before: string, after: string) => {
    return inner === undefined ? undefined : `${before}${inner}${after}`;
  };
  switch (type.kind) {
    case 'void':
      return 'void ';
    case 'int':
    case 'typedef':
    case 'float':
      return `${type.name} `;
    case 'struct':
    case 'union':
      return `${type.kind} ${type.name} `;
    case 'enum':
    case 'enum64':
      return `enum ${type.name} `;
    case 'fwd':
      return `${type.of} ${type.name} `;
    case 'ptr':
      return around(of(type.typeId), '', '* ');
    case 'array':
      return around(of(type.typeId), '', `[${type.length}]`);
    case 'const':
    case 'volatile':
    case 'restrict':
      return around(of(type.typeId), `${type.kind} `, '');
    case 'func_proto':
      return declaration(btf, type, '', depth);
    default:
      return undefined;
  }
}
