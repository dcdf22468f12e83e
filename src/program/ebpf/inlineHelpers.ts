import type { Arena } from '../../arena/arena.js';
import {
  BpfMap,
  MapFlag,
  MapType,
  ProgramCpu,
  RedirectInfo,
  XdpAction,
} from '../../arena/layout.generated.js';
import type { Field } from '../../arena/struct.js';
import type { InlineCall, InlineHelper } from '../../bpf/jit/options.js';
import { ERRNO } from '../../maps/errno.js';
import type { FunctionBody } from '../../wasm/functionBody.js';

/**
 * Fast paths of helpers, in place of the call: what `map/array.ts`, `map/pointers.ts` and `redirect/helpers.ts` do, for
 * a map that the compiler knows. Whatever else is asked takes the call.
 */
export function inlineHelpers(
  arena: Arena,
  maps: ReadonlySet<number>,
): ReadonlyMap<number, InlineHelper> {
  return new Map<number, InlineHelper>([
    [MAP_LOOKUP_ELEM, (call) => writeArrayLookup(call, knownMap(arena, maps, call))],
    [GET_SMP_PROCESSOR_ID, writeProcessorId],
    [REDIRECT_MAP, (call) => writeRedirectMap(call, knownMap(arena, maps, call))],
  ]);
}

/** Numbers of `enum bpf_func_id`. */
const MAP_LOOKUP_ELEM = 1;
const GET_SMP_PROCESSOR_ID = 8;
const REDIRECT_MAP = 51;

/** Imported by every program: the address of the thread's `ProgramCpu`. */
export const PROGRAM_CPU_GLOBAL = 'programCpu';

interface KnownMap {
  readonly id: number;
  readonly type: number;
  readonly maxEntries: number;
  readonly valueStride: number;
  readonly slots: number;
  readonly flags: number;
}

/** The map in r1, if it is one that the program names there. */
function knownMap(arena: Arena, maps: ReadonlySet<number>, call: InlineCall): KnownMap | undefined {
  const address = Number(call.constant(1) ?? 0n);
  if (!maps.has(address)) return undefined;
  return {
    id: arena.get(address, BpfMap.id),
    type: arena.get(address, BpfMap.type),
    maxEntries: arena.get(address, BpfMap.maxEntries),
    valueStride: arena.get(address, BpfMap.valueStride),
    slots: arena.get(address, BpfMap.slots),
    flags: arena.get(address, BpfMap.flags),
  };
}

/** `arrayLookup`: `key < maxEntries ? slots + (cpu * maxEntries + key) * stride : 0`. */
function writeArrayLookup(call: InlineCall, map: KnownMap | undefined): boolean {
  const isPerCpu = map?.type === MapType.PERCPU_ARRAY;
  if (map === undefined || (map.type !== MapType.ARRAY && !isPerCpu)) return false;
  if ((map.flags & MapFlag.WRONLY_PROG) !== 0) return false;
  const { code } = call;
  const key = call.scratch('i32', 0);
  call.pushAddress(2, 4);
  code.memory('i32.load');
  code.set(key);
  code.get(key);
  if (isPerCpu) {
    pushCpu(call, ProgramCpu.id);
    code.i32(map.maxEntries);
    code.op('i32.mul');
    code.op('i32.add');
  }
  code.i32(map.valueStride);
  code.op('i32.mul');
  code.i32(map.slots);
  code.op('i32.add');
  code.i32(0);
  pushIsBelow(code, key, map.maxEntries);
  code.op('select');
  code.op('i64.extend_i32_u');
  call.popResult();
  return true;
}

function writeProcessorId(call: InlineCall): boolean {
  pushCpu(call, ProgramCpu.id);
  call.code.op('i64.extend_i32_u');
  call.popResult();
  return true;
}

/** Maps that are arrays of pointers to their entries. */
const POINTER_MAPS: ReadonlySet<number> = new Set([MapType.CPUMAP, MapType.DEVMAP, MapType.XSKMAP]);
/** What `bpf_redirect_map` returns for a failed lookup: the one flag that the fast path knows. */
const ACTION_MASK = 3n;
const INT_MAX = 0x7fffffff;

/** `bpfRedirectMap` without broadcast. */
function writeRedirectMap(call: InlineCall, map: KnownMap | undefined): boolean {
  const flags = call.constant(3);
  if (map === undefined || !POINTER_MAPS.has(map.type)) return false;
  if (flags === undefined || (flags & ~ACTION_MASK) !== 0n) return false;
  const { code } = call;
  const key = call.scratch('i32', 0);
  const target = call.scratch('i32', 1);
  const info = call.scratch('i32', 2);
  call.push(2);
  code.op('i32.wrap_i64');
  code.set(key);
  pushCpu(call, ProgramCpu.redirectInfo);
  code.set(info);
  writePointerLookup(code, map, key, target);
  code.get(info);
  code.get(target);
  code.memory('i32.store', RedirectInfo.tgtValue.offset);
  code.get(target);
  code.if();
  writeFields(code, info, { mapId: map.id, mapType: map.type, map: 0, flags: 0 });
  code.get(info);
  code.get(key);
  code.memory('i32.store', RedirectInfo.tgtIndex.offset);
  code.i64(XdpAction.REDIRECT);
  call.popResult();
  code.else();
  const refused = { refusal: ERRNO.ENOENT, refusedMapId: map.id };
  writeFields(code, info, { mapId: INT_MAX, mapType: MapType.UNSPEC, ...refused });
  code.get(info);
  code.get(key);
  code.memory('i32.store', RedirectInfo.refusedKey.offset);
  code.i64(flags);
  call.popResult();
  code.end();
  return true;
}

/** `pointerLookup`: control may replace the entry at any time, so the load is atomic. */
function writePointerLookup(code: FunctionBody, map: KnownMap, key: number, target: number): void {
  code.i32(0);
  code.set(target);
  pushIsBelow(code, key, map.maxEntries);
  code.if();
  code.get(key);
  code.i32(2);
  code.op('i32.shl');
  code.atomic('i32.atomic.load', map.slots);
  code.set(target);
  code.end();
}

function writeFields(
  code: FunctionBody,
  info: number,
  values: { readonly [K in Exclude<keyof typeof RedirectInfo, 'SIZE'>]?: number },
): void {
  for (const [name, value] of Object.entries(values)) {
    code.get(info);
    code.i32(value);
    code.memory('i32.store', RedirectInfo[name as keyof typeof values].offset);
  }
}

function pushCpu(call: InlineCall, { offset }: Field): void {
  call.pushGlobal(PROGRAM_CPU_GLOBAL);
  call.code.memory('i32.load', offset);
}

function pushIsBelow(code: FunctionBody, key: number, maxEntries: number): void {
  code.get(key);
  code.i32(maxEntries | 0);
  code.op('i32.lt_u');
}
