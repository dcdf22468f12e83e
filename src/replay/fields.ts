import * as v from 'valibot';
import { TraceFormatError } from './traceError.js';

/** Fields that both formats have. */

const U32_MAX = 0xffffffff;

export const u32 = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(U32_MAX));

export const positive = v.pipe(u32, v.minValue(1));

/** Size of an AF_XDP ring. */
export const powerOfTwo = v.pipe(
  positive,
  v.check((size) => Number.isInteger(Math.log2(size)), 'expected a power of two'),
);

/** 64 bits: a JSON number below 2^53, `"0x..."` from there on. */
export const u64 = v.pipe(
  v.union([
    v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
    v.pipe(v.string(), v.regex(/^0x[0-9a-f]{1,16}$/i)),
  ]),
  v.transform((value) => BigInt(value)),
);

/** Bytes in memory order, two lower-case digits each. */
export const hexBytes = v.pipe(
  v.string(),
  v.regex(/^([0-9a-f]{2})*$/),
  v.transform((hex) => Uint8Array.from(Buffer.from(hex, 'hex'))),
);

export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

/** `input` as `schema` describes it. Throws `TraceFormatError`, which names the member; `where` says where it stands. */
export function parseWith<S extends v.GenericSchema>(
  schema: S,
  input: unknown,
  where: string,
): v.InferOutput<S> {
  const result = v.safeParse(schema, input, { abortEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  const problem = issue.expected
    ? `expected ${issue.expected}, found ${issue.received}`
    : issue.message;
  throw new TraceFormatError(`${where}: ${v.getDotPath(issue) ?? 'the whole'}: ${problem}`);
}

export function parseJson(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new TraceFormatError(`${where}: not JSON`, { cause: error });
  }
}
