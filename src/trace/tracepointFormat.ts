import type { MemberType, TracepointField, TracepointInfo } from './tracepoints.js';

/** A member's place in the binary record. */
interface MemberLayout {
  readonly type: MemberType;
  readonly name: string;
  readonly offset: number;
  readonly size: number;
  readonly isSigned: boolean;
}

/** `struct trace_entry`, which every record starts with: type u16, flags u8, preempt_count u8, pid s32. */
const TRACE_ENTRY_BYTES = 8;

const COMMON_FIELDS = `\
	field:unsigned short common_type;	offset:0;	size:2;	signed:0;
	field:unsigned char common_flags;	offset:2;	size:1;	signed:0;
	field:unsigned char common_preempt_count;	offset:3;	size:1;	signed:0;
	field:int common_pid;	offset:4;	size:4;	signed:1;
`;

/** `enum xdp_action` and `enum xdp_mem_type`, as the print formats name them. */
export const actionNames = ['ABORTED', 'DROP', 'PASS', 'TX', 'REDIRECT'] as const;
const memTypeNames = ['PAGE_SHARED', 'PAGE_ORDER0', 'PAGE_POOL', 'XSK_BUFF_POOL'] as const;

/** `XDP_PASS`, or the number where a program returned what is no action. */
export function actionName(action: number): string {
  const name = actionNames[action];
  return name === undefined ? String(action) : `XDP_${name}`;
}

/** The members of `info`'s record on a 64-bit kernel. */
export function layoutOf({ members }: TracepointInfo): readonly MemberLayout[] {
  let end = TRACE_ENTRY_BYTES;
  return members.map(({ type, name }) => {
    const size = type.endsWith('*') ? 8 : 4;
    const offset = Math.ceil(end / size) * size;
    end = offset + size;
    return { type, name, offset, size, isSigned: type === 'int' };
  });
}

/** The text of `events/xdp/<name>/format` under tracefs; `id` is the event's number on this system. */
export function formatText(info: TracepointInfo, id: number): string {
  const members = layoutOf(info).map(({ type, name, offset, size, isSigned }) => {
    const [scalar, array = ''] = type.split(/(?=\[\])/);
    const declaration = array === '' ? `${scalar} ${name}` : `${scalar}${array} ${name}`;
    return `\tfield:${declaration};\toffset:${offset};\tsize:${size};\tsigned:${isSigned ? 1 : 0};\n`;
  });
  return (
    `name: ${info.name}\nID: ${id}\nformat:\n${COMMON_FIELDS}\n${members.join('')}\n` +
    `print fmt: ${printFormat(info)}\n`
  );
}

function printFormat({ prefix, fields }: TracepointInfo): string {
  const parts = fields.map((field) => `${field.name}=${conversions[field.print]}`);
  const text = [...(prefix === '' ? [] : [prefix]), ...parts].join(' ');
  return `"${text}", ${fields.map(printArgument).join(', ')}`;
}

const conversions: Record<TracepointField['print'], string> = {
  signed: '%d',
  unsigned: '%u',
  action: '%s',
  memType: '%s',
  pointer: '%p',
  string: '%s',
};

function printArgument({ member, print }: TracepointField): string {
  if (print === 'action') return symbolic(member, actionNames, '((void *)0)');
  if (print === 'memType') return symbolic(member, memTypeNames, '0');
  return print === 'string' ? `__get_str(${member})` : `REC->${member}`;
}

function symbolic(member: string, names: readonly string[], end: string): string {
  const pairs = names.map((name, value) => `{ ${value}, "${name}" }`);
  return `__print_symbolic(REC->${member}, ${pairs.join(', ')}, { -1, ${end} })`;
}

/** What the kernel prints after the event's name in `trace_pipe`. `values` are the fields by their printed names. */
export function printedText(
  { prefix, fields }: TracepointInfo,
  values: Readonly<Record<string, number | string>>,
): string {
  const parts = fields.map(({ name, print }) => `${name}=${printedValue(print, values[name]!)}`);
  return [...(prefix === '' ? [] : [prefix]), ...parts].join(' ');
}

function printedValue(print: TracepointField['print'], value: number | string): string {
  if (typeof value === 'string') return value;
  switch (print) {
    case 'action':
      return actionNames[value] ?? hex(value);
    case 'memType':
      return memTypeNames[value] ?? hex(value);
    case 'pointer':
      return value === 0 ? '(nil)' : hex(value);
    case 'unsigned':
      return String(value >>> 0);
    default:
      return String(value | 0);
  }
}

/** As `__print_symbolic` shows a value without a name. */
function hex(value: number): string {
  return `0x${(value >>> 0).toString(16)}`;
}
