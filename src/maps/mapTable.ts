import { ArenaFullError } from '../arena/allocator.js';
import type { Arena } from '../arena/arena.js';
import { BpfMap, MACHINE_ADDRESS, MAPS_MAX, Machine } from '../arena/layout.generated.js';

/**
 * `Machine.maps`: the addresses of all maps. A number that a program passes as a map is one if the table says so; no
 * program can write the table.
 */
export class MapTable {
  readonly #arena: Arena;
  readonly #free: number[] = [];
  #end = 0;

  constructor(arena: Arena) {
    this.#arena = arena;
    arena.set(MACHINE_ADDRESS, Machine.maps, arena.allocate(4 * MAPS_MAX));
  }

  /** Enters the `BpfMap` at `map`; returns it. Throws `ArenaFullError` where the table is full. */
  add(map: number): number {
    if (this.#end === MAPS_MAX && this.#free.length === 0) throw new ArenaFullError(4, 0);
    const slot = this.#free.pop() ?? this.#end++;
    this.#arena.set(map, BpfMap.slot, slot);
    this.#set(slot, map);
    this.#arena.storeShared(MACHINE_ADDRESS, Machine.mapsEnd, this.#end);
    return map;
  }

  delete(map: number): void {
    const slot = this.#arena.get(map, BpfMap.slot);
    this.#set(slot, 0);
    this.#free.push(slot);
  }

  #set(slot: number, map: number): void {
    this.#arena.setU32(this.#arena.get(MACHINE_ADDRESS, Machine.maps) + 4 * slot, map);
  }
}
