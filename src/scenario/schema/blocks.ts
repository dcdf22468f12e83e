import * as v from 'valibot';

/**
 * What the scenario's schemas are made of. Every block says in its message what it expects, as a phrase that completes
 * "expected ...": `issues.ts` relies on it. Nothing here goes beyond what JSON Schema can say too, so that the published
 * schema and this one accept the same documents; what needs more is checked in `resolve/`.
 */

/** A whole number, both bounds included. */
export function integer(min: number, max: number) {
  const phrase = `an integer from ${min} to ${max}`;
  return v.pipe(
    v.number(phrase),
    v.integer(phrase),
    v.minValue(min, phrase),
    v.maxValue(max, phrase),
  );
}

/** One of a few words or numbers. */
export function oneOf<const T extends readonly (string | number)[]>(values: T) {
  const shown = values.map((value) => JSON.stringify(value));
  return v.picklist(values, shown.length === 1 ? shown[0]! : `one of ${shown.join(', ')}`);
}

/** 1, 2, 4 ... `max`. */
export function powerOfTwo(max: number) {
  const powers = Array.from({ length: Math.log2(max) + 1 }, (_, exponent) => 2 ** exponent);
  return v.picklist(powers, `a power of two from 1 to ${max}`);
}

export function flag() {
  return v.boolean('true or false');
}

export function text(phrase: string) {
  return v.pipe(v.string(phrase), v.minLength(1, phrase));
}

export function matching(pattern: RegExp, phrase: string) {
  return v.pipe(v.string(phrase), v.regex(pattern, phrase));
}

export function list<const S extends v.GenericSchema>(item: S) {
  return v.array(item, 'an array');
}

/** A key that may be left out, and then has this default (or one that `resolve/` works out: the description says which). */
export function optional<const S extends v.GenericSchema>(
  description: string,
  schema: S,
): v.OptionalSchema<S, undefined>;
export function optional<
  const S extends v.GenericSchema,
  const D extends v.Default<S, undefined> & {},
>(description: string, schema: S, value: D): v.OptionalSchema<S, D>;
export function optional(description: string, schema: v.GenericSchema, value?: unknown) {
  return v.optional(required(description, schema), value as undefined);
}

/** A key that must be there. */
export function required<const S extends v.GenericSchema>(description: string, schema: S): S {
  return v.pipe(schema, v.description(description)) as unknown as S;
}

/**
 * An object with these keys and no other. The message tells which key was expected (missing) or which are known
 * (unknown), for valibot names neither.
 */
export function closed<const E extends v.ObjectEntries>(entries: E) {
  const known = Object.keys(entries).join(', ');
  return plainObject(
    v.strictObject(entries, (issue) => {
      if (issue.expected === 'never') return known;
      const key = issue.path?.at(-1)?.key;
      return key === undefined ? 'an object' : phraseOf(entries[key as string] as v.GenericSchema);
    }),
  );
}

/** An object whose keys are names that the document chooses. */
export function named<const S extends v.GenericSchema>(value: S) {
  const record = v.record(matching(NAME, NAME_PHRASE), value);
  return plainObject(guarded(record, hasSafeKeys, SAFE_KEYS_PHRASE));
}

/** Names of programs and maps; never a number, for JavaScript would reorder those keys. */
const NAME = /^(?!(?:__proto__|constructor|prototype)$)[A-Za-z_.][A-Za-z0-9_.-]{0,127}$/;
const NAME_PHRASE = 'a name that matches [A-Za-z_.][A-Za-z0-9_.-]* and has at most 128 characters';

/** `v.record` passes over these in silence. */
const UNSAFE_KEYS = ['__proto__', 'constructor', 'prototype'];
const SAFE_KEYS_PHRASE = `names other than ${UNSAFE_KEYS.join(', ')}`;

function hasSafeKeys(input: unknown): boolean {
  return !UNSAFE_KEYS.some((key) => Object.hasOwn(input as object, key));
}

/** Valibot takes an array, a Map or a Date for an object; JSON Schema does not. */
function plainObject<S extends v.GenericSchema>(schema: S): S {
  return guarded(schema, isPlainObject, 'an object');
}

export function isPlainObject(input: unknown): input is Record<string, unknown> {
  return Object.prototype.toString.call(input) === '[object Object]';
}

/** `schema`, but only for values that `accepts`. Unlike `v.check` it sees the value before the schema copies it. */
function guarded<S extends v.GenericSchema>(
  schema: S,
  accepts: (input: unknown) => boolean,
  phrase: string,
): S {
  const refuse = v.never(phrase);
  const run: S['~run'] = (dataset, config) =>
    (accepts(dataset.value) ? schema : refuse)['~run'](dataset, config);
  return { ...schema, '~run': run };
}

/** The phrase of a schema's own message, for a value that is missing. */
function phraseOf(schema: v.GenericSchema | undefined): string {
  const message = (schema as { message?: unknown } | undefined)?.message;
  return typeof message === 'string' ? message : 'an object';
}
