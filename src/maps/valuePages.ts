import type { Arena } from '../arena/arena.js';
import {
  BpfMap,
  MACHINE_ADDRESS,
  Machine,
  VALUE_PAGE_BYTES,
  ValuePage,
} from '../arena/layout.generated.js';

/**
 * `Machine.valuePages`: which map an address in the programs' memory is of, however many there are. Kept only where bounds
 * are exact. Contexts read it while control changes it, one word at a time.
 */
export class ValuePages {
  readonly #arena: Arena;

  constructor(arena: Arena) {
    this.#arena = arena;
  }

  add(map: number, valuesBytes: number): void {
    if (!this.#isKept(map, valuesBytes)) return;
    const first = this.#pageOf(this.#valuesOf(map));
    this.#cover(map, valuesBytes, map);
    // Plain: nobody knows the map yet.
    this.#arena.set(map, BpfMap.nextInPage, this.#arena.loadShared(first, ValuePage.first));
    this.#arena.storeShared(first, ValuePage.first, map);
  }

  /** Who is on the map's link goes on from there: its memory stays until it has been freed. */
  delete(map: number, valuesBytes: number): void {
    if (!this.#isKept(map, valuesBytes)) return;
    const arena = this.#arena;
    this.#cover(map, valuesBytes, 0);
    let [link, field] = [this.#pageOf(this.#valuesOf(map)), ValuePage.first];
    for (let at = arena.loadShared(link, field); at !== map; at = arena.loadShared(at, field))
      [link, field] = [at, BpfMap.nextInPage];
    arena.storeShared(link, field, arena.loadShared(map, BpfMap.nextInPage));
  }

  /** Says of all pages but the one where they begin that the values are `owner`'s. */
  #cover(map: number, valuesBytes: number, owner: number): void {
    const values = this.#valuesOf(map);
    const last = this.#pageOf(values + valuesBytes - 1);
    for (let page = this.#pageOf(values) + ValuePage.SIZE; page <= last; page += ValuePage.SIZE)
      this.#arena.storeShared(page, ValuePage.covering, owner);
  }

  #isKept(map: number, valuesBytes: number): boolean {
    const arena = this.#arena;
    if (arena.get(MACHINE_ADDRESS, Machine.checked) === 0 || valuesBytes === 0) return false;
    return this.#valuesOf(map) >= arena.programWindow.low;
  }

  #valuesOf(map: number): number {
    return this.#arena.get(map, BpfMap.values);
  }

  #pageOf(address: number): number {
    const { low } = this.#arena.programWindow;
    return this.#pages + Math.floor((address - low) / VALUE_PAGE_BYTES) * ValuePage.SIZE;
  }

  /** Address space for all pages that there can be; only those that are written take memory. */
  get #pages(): number {
    const arena = this.#arena;
    const known = arena.get(MACHINE_ADDRESS, Machine.valuePages);
    if (known !== 0) return known;
    const { low, high } = arena.programWindow;
    const pages = arena.allocate(Math.ceil((high - low) / VALUE_PAGE_BYTES) * ValuePage.SIZE);
    arena.set(MACHINE_ADDRESS, Machine.valuePages, pages);
    return pages;
  }
}
