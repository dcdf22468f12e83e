import * as v from 'valibot';
import { closed, flag, integer, list, named, oneOf, optional, text } from './blocks.js';
import { DeviceSchema } from './device.js';
import { MapSchema } from './map.js';
import { ProgramSchema } from './program.js';
import { NeighbourSchema, RouteSchema } from './route.js';
import { SocketSchema } from './socket.js';
import { TrafficSchema } from './traffic.js';

export const KERNELS = ['6.18', '6.1'] as const;

/** The scenario document. Types, validation and the published JSON Schema all come from here. */
export const ScenarioSchema = v.pipe(
  closed({
    $schema: optional('Where the JSON Schema of this document is.', text('a URL or a path')),
    name: optional('What the scenario is called in reports.', text('a name')),
    kernel: optional('The kernel whose behaviour is emulated.', oneOf(KERNELS), '6.18'),
    seed: optional('Seed of all that is random.', integer(0, 2 ** 32 - 1), 1),
    checked: optional(
      'Exact bounds for eBPF programs: packet ends and single map values, at some cost in speed.',
      flag(),
      false,
    ),
    cpus: optional(
      'Number of possible CPUs. Default: as many as the receive queues and the keys of cpumaps name.',
      integer(1, 256),
    ),
    devices: optional('Network devices.', list(DeviceSchema), []),
    programs: optional('XDP programs by name.', named(ProgramSchema), {}),
    maps: optional('BPF maps by name.', named(MapSchema), {}),
    sockets: optional('AF_XDP sockets.', list(SocketSchema), []),
    routes: optional(
      'What bpf_fib_lookup answers from. Without routes and neighbours no device forwards.',
      list(RouteSchema),
    ),
    neighbours: optional('Neighbours that are reachable.', list(NeighbourSchema)),
    traffic: optional('Frames that come in from outside.', list(TrafficSchema), []),
  }),
  v.title('xdpemu scenario'),
  v.description('Devices, XDP programs, maps, AF_XDP sockets and traffic of a machine.'),
);

/** A scenario as it is written: what has a default may be left out. */
export type ScenarioInput = v.InferInput<typeof ScenarioSchema>;
export type TrafficInput = v.InferInput<typeof TrafficSchema>;

/** A scenario that keeps to the schema, with the constant defaults filled in; references are not yet checked. */
export type ScenarioDeclared = v.InferOutput<typeof ScenarioSchema>;
export type DeviceDeclared = v.InferOutput<typeof DeviceSchema>;
export type ProgramDeclared = v.InferOutput<typeof ProgramSchema>;
export type MapDeclared = v.InferOutput<typeof MapSchema>;
export type SocketDeclared = v.InferOutput<typeof SocketSchema>;
export type RouteDeclared = v.InferOutput<typeof RouteSchema>;
export type NeighbourDeclared = v.InferOutput<typeof NeighbourSchema>;
export type TrafficDeclared = v.InferOutput<typeof TrafficSchema>;
