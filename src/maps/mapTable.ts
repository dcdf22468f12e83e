import { ArenaFullError } from '../arena/allocator.js';
import type { Arena } from '../arena/arena.js';
import { BpfMap, MACHINE_ADDRESS, MAPS_MAX, Machine } from '../arena/layout.generated.js';
import { ValuePages } from './valuePages.js';

/**
 * `Machine.maps`: the addresses of all maps. A number that a program passes as a map is one if the table says so; no
 * program can write the table.
 */
export class MapTable {
  readonly #arena: Arena;
  readonly #free: number[] = [];
  readonly #valuePages: ValuePages;
  #end = 0;

  constructor(arena: Arena) {
    this.#arena = arena;
    this.#valuePages = new ValuePages(arena);
    arena.set(MACHINE_ADDRESS, Machine.maps, arena.allocate(4 * MAPS_MAX));
  }

  /** Enters the `BpfMap` at `map`, with so many bytes of values; returns it. Throws `ArenaFullError` where it is full. */
  add(map: number, valuesBytes: number): number {
    if (this.#end === MAPS_MAX && this.#free.length === 0) throw new ArenaFullError(4, 0);
    const slot = this.#free.pop() ?? this.#end++;
    this.#arena.set(map, BpfMap.slot, slot);
    this.#set(slot, map);
    this.#valuePages.add(map, valuesBytes);
    return map;
  }

  delete(map: number, valuesBytes: number): void {
    const slot = this.#arena.get(map, BpfMap.slot);
    this.#valuePages.delete(map, valuesBytes);
    this.#set(slot, 0);
    this.#free.push(slot);
  }

  #set(slot: number, map: number): void {
    this.#arena.setU32(this.#arena.get(MACHINE_ADDRESS, Machine.maps) + 4 * slot, map);
  }
}
