import { Tracepoint } from '../arena/layout.generated.js';
import type { RawRecord } from '../trace/records.js';
import { tracepoints } from '../trace/tracepoints.js';
import type { ProgramKind } from './programRuns.js';
import type { Row } from './redirectTrace.js';

/** Symbols of the numbers in records. */
export interface EventSymbols {
  deviceName(ifindex: number): string | number;
  mapName(id: number): string | number;
  programName(id: number): string;
  programKind(id: number): ProgramKind;
}

export type EventRow = Row & { readonly ev: string };

/** A tracepoint's record as an event of the format: symbols for numbers, and not what is constant. */
export function eventOf(symbols: EventSymbols, { type, fields }: RawRecord): EventRow {
  const ev = tracepoints[type]!.name;
  const [a, b, c, d, e, f, g] = fields as unknown as Fields;
  switch (type) {
    case Tracepoint.XDP_REDIRECT:
    case Tracepoint.XDP_REDIRECT_ERR:
      return {
        ev,
        ifindex: symbols.deviceName(c),
        err: e,
        toIfindex: symbols.deviceName(d),
        mapId: symbols.mapName(f),
        // The redirect state may hold an interface index that an earlier call left.
        mapIndex: symbols.deviceName(g),
      };
    case Tracepoint.XDP_DEVMAP_XMIT:
      return {
        ev,
        fromIfindex: symbols.deviceName(a),
        toIfindex: symbols.deviceName(b),
        sent: d,
        drops: e,
        err: f,
      };
    case Tracepoint.XDP_CPUMAP_ENQUEUE:
      return { ev, mapId: symbols.mapName(b), processed: d, drops: e, toCpu: f };
    case Tracepoint.XDP_BULK_TX:
      return { ev, ifindex: symbols.deviceName(a), sent: c, drops: d, err: e };
    case Tracepoint.XDP_EXCEPTION:
      return { ev, prog: symbols.programName(a), ifindex: symbols.deviceName(c), act: b >>> 0 };
    default:
      return { ev };
  }
}

type Fields = readonly [number, number, number, number, number, number, number];

/** The redirect program of an `xdp_redirect` record, which events of the receiving CPU do not name. */
export function programOf(symbols: EventSymbols, { fields }: RawRecord): string {
  return symbols.programName(fields[0]!);
}
