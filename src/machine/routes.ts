import { RouteType } from '../arena/layout.generated.js';
import type { NeighbourSpec, RouteSpec } from '../scenario/scenario.js';
import type { System } from './system.js';

const routeTypes: Readonly<Record<RouteSpec['type'], RouteType>> = {
  unicast: RouteType.UNICAST,
  local: RouteType.LOCAL,
  blackhole: RouteType.BLACKHOLE,
  unreachable: RouteType.UNREACHABLE,
  prohibit: RouteType.PROHIBIT,
};

/** Gives the machine the routes and neighbours of a scenario, if it has any: without, it forwards nothing. */
export function addRoutes(
  system: System,
  routes: readonly RouteSpec[] | undefined,
  neighbours: readonly NeighbourSpec[] | undefined,
): void {
  if (routes === undefined && neighbours === undefined) return;
  const ifindexOf = (device: string) => system.devices.byName(device)!.ifindex;
  system.fib.replace(
    (routes ?? []).map(({ to, device, type, table, metric, mtu, via, src }) => ({
      table,
      metric,
      ...(mtu !== undefined && { mtu }),
      ...(via !== undefined && { via }),
      ...(src !== undefined && { src }),
      prefix: to,
      type: routeTypes[type],
      ...(device !== undefined && { ifindex: ifindexOf(device) }),
    })),
    (neighbours ?? []).map(({ device, ...neighbour }) => ({
      ...neighbour,
      ifindex: ifindexOf(device),
    })),
  );
}
