import { load32 } from "../atomics";
import { deviceByIfindex } from "../device/table";
import { MACHINE_ADDRESS, Machine } from "../layout";
import { FibNeighbour, FibRoute, FibTable, RouteTable } from "./structs";

/** Routes and neighbours: a scan, since a scenario has few of them. */

/** The machine's table, or null: then nothing is forwarded. Inside a bottom-half section it stays. */
export function fibTable(): FibTable | null {
  return changetype<FibTable | null>(<usize>load32(MACHINE_ADDRESS + offsetof<Machine>("fib")));
}

/** `fib_lookup`: the rules ask the local, the main and the default table. `oif`: only routes by that device; 0: any. */
export function fibLookup(fib: FibTable, family: u32, address: usize, oif: u32): FibRoute | null {
  let route = fibTableLookup(fib, RouteTable.LOCAL, family, address, oif);
  if (route == null) route = fibTableLookup(fib, RouteTable.MAIN, family, address, oif);
  if (route == null) route = fibTableLookup(fib, RouteTable.DEFAULT, family, address, oif);
  return route;
}

/** `fib_table_lookup`. */
export function fibTableLookup(fib: FibTable, tableId: u32, family: u32, address: usize, oif: u32): FibRoute | null {
  for (let i: u32 = 0; i < fib.nrRoutes; i++) {
    const route = changetype<FibRoute>(fib.routes + <usize>i * offsetof<FibRoute>());
    if (route.tableId != tableId || route.family != family) continue;
    if (oif != 0 && route.ifindex != oif) continue;
    if (!isInPrefix(route.dst, address, route.prefixLen)) continue;
    // A route by a device that has gone is none; reject routes have no device.
    if (route.ifindex == 0 || deviceByIfindex(route.ifindex) != null) return route;
  }
  return null;
}

function isInPrefix(prefix: usize, address: usize, prefixLen: u32): bool {
  const whole = prefixLen >>> 3;
  if (memory.compare(prefix, address, whole) != 0) return false;
  const rest = prefixLen & 7;
  if (rest == 0) return true;
  const diff = <u32>load<u8>(prefix + whole) ^ <u32>load<u8>(address + whole);
  return diff >>> (8 - rest) == 0;
}

/** The valid neighbour with this address on a device, or null. */
export function fibNeighbour(fib: FibTable, ifindex: u32, family: u32, address: usize, bytes: u32): FibNeighbour | null {
  for (let i: u32 = 0; i < fib.nrNeighbours; i++) {
    const neighbour = changetype<FibNeighbour>(fib.neighbours + <usize>i * offsetof<FibNeighbour>());
    if (neighbour.ifindex != ifindex || neighbour.family != family) continue;
    if (memory.compare(neighbour.address, address, bytes) == 0) return neighbour;
  }
  return null;
}
