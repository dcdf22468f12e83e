import type { Arena } from '../arena/arena.js';
import {
  AddressFamily,
  FibNeighbour,
  FibRoute,
  FibTable,
  MACHINE_ADDRESS,
  Machine,
  RouteTable,
  RouteType,
} from '../arena/layout.generated.js';
import type { Field } from '../arena/struct.js';
import { IPV4_BYTES, parseIp } from '../packet/ipAddress.js';
import { toMac } from '../packet/mac.js';

/** A route as `ip route` shows it. */
export interface Route {
  /** `10.0.0.0/8`, `2001:db8::/32`; without a length, one address. */
  readonly prefix: string;
  /** By which device; none for routes that lead nowhere. */
  readonly ifindex?: number;
  /** An address of either family; without one the destination is on the link. */
  readonly via?: string;
  /** RTN_UNICAST by default. */
  readonly type?: RouteType;
  /** The main table by default. */
  readonly table?: number;
  readonly mtu?: number;
  readonly metric?: number;
  /** Preferred source address. */
  readonly src?: string;
}

/** A neighbour that is reachable. */
export interface Neighbour {
  readonly ifindex: number;
  readonly address: string;
  readonly mac: string;
}

/** What `bpf_fib_lookup` answers from. Without a table, no device forwards. */
export class Fib {
  readonly #arena: Arena;
  readonly #retire: (address: number) => void;

  /** `retire` frees memory after a grace period. */
  constructor(arena: Arena, retire: (address: number) => void) {
    this.#arena = arena;
    this.#retire = retire;
  }

  /** Puts these routes and neighbours in place of all others. */
  replace(routes: readonly Route[], neighbours: readonly Neighbour[]): void {
    const arena = this.#arena;
    const parsed = routes.map(parseRoute).sort(byPreference);
    const bytes = parsed.length * FibRoute.SIZE + neighbours.length * FibNeighbour.SIZE;
    const table = arena.allocate(roundUp8(FibTable.SIZE) + bytes);
    const routesAt = table + roundUp8(FibTable.SIZE);
    const neighboursAt = routesAt + parsed.length * FibRoute.SIZE;
    arena.set(table, FibTable.routes, routesAt);
    arena.set(table, FibTable.nrRoutes, parsed.length);
    arena.set(table, FibTable.neighbours, neighboursAt);
    arena.set(table, FibTable.nrNeighbours, neighbours.length);
    parsed.forEach((route, index) => {
      this.#writeRoute(routesAt + index * FibRoute.SIZE, route);
    });
    neighbours.forEach((neighbour, index) => {
      this.#writeNeighbour(neighboursAt + index * FibNeighbour.SIZE, neighbour);
    });
    const old = arena.exchangeShared(MACHINE_ADDRESS, Machine.fib, table);
    if (old !== 0) this.#retire(old);
  }

  #writeRoute(at: number, { route, address, prefixLen, family }: ParsedRoute): void {
    const { ifindex = 0, via, type = RouteType.UNICAST, mtu = 0, metric = 0, src } = route;
    const gateway = via === undefined ? undefined : parseIp(via);
    this.#arena.assign(at, FibRoute, {
      family,
      tableId: route.table ?? RouteTable.MAIN,
      type,
      prefixLen,
      ifindex,
      mtu,
      metric,
      gatewayFamily: gateway === undefined ? 0 : familyOf(gateway),
    } as never);
    this.#writeBytes(at, FibRoute.dst0, address);
    if (gateway !== undefined) this.#writeBytes(at, FibRoute.gateway0, gateway);
    if (src !== undefined) this.#writeBytes(at, FibRoute.src0, parseIp(src));
  }

  #writeNeighbour(at: number, { ifindex, address, mac }: Neighbour): void {
    const bytes = parseIp(address);
    this.#arena.set(at, FibNeighbour.ifindex, ifindex);
    this.#arena.set(at, FibNeighbour.family, familyOf(bytes));
    this.#writeBytes(at, FibNeighbour.address0, bytes);
    this.#writeBytes(at, FibNeighbour.mac, toMac(mac));
  }

  #writeBytes(at: number, { offset }: Field, bytes: Uint8Array): void {
    this.#arena.u8.set(bytes, at + offset);
  }
}

interface ParsedRoute {
  readonly route: Route;
  readonly address: Uint8Array;
  readonly prefixLen: number;
  readonly family: AddressFamily;
}

function parseRoute(route: Route): ParsedRoute {
  const [text = '', length] = route.prefix.split('/');
  const address = parseIp(text);
  const bits = address.length * 8;
  const prefixLen = length === undefined ? bits : Number(length);
  if (!(Number.isInteger(prefixLen) && prefixLen >= 0 && prefixLen <= bits))
    throw new RangeError(`route ${route.prefix}: expected a prefix length from 0 to ${bits}`);
  return { route, address, prefixLen, family: familyOf(address) };
}

/** Longest prefix first, then the smallest metric: the data plane takes the first that matches. */
function byPreference(a: ParsedRoute, b: ParsedRoute): number {
  return b.prefixLen - a.prefixLen || (a.route.metric ?? 0) - (b.route.metric ?? 0);
}

function familyOf(address: Uint8Array): AddressFamily {
  return address.length === IPV4_BYTES ? AddressFamily.INET : AddressFamily.INET6;
}

function roundUp8(bytes: number): number {
  return Math.ceil(bytes / 8) * 8;
}
