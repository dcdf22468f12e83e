import { IPV4_BYTES, parseIp } from '../../packet/ipAddress.js';
import { parseMac } from '../../packet/mac.js';
import { type PathKey, show } from '../error.js';
import type { NeighbourSpec, RouteSpec } from '../scenario.js';
import type { ScenarioDeclared } from '../schema/scenario.js';
import type { Checks } from './checks.js';

/** What `bpf_fib_lookup` answers from; undefined where the document says nothing of it: then nothing is forwarded. */
export function resolveRoutes(
  { routes }: ScenarioDeclared,
  checks: Checks,
): readonly RouteSpec[] | undefined {
  for (const [index, { to, device, via, type, src }] of routes?.entries() ?? []) {
    const path = ['routes', index];
    const bytes = checkPrefix([...path, 'to'], to, checks);
    if (device !== undefined) checks.device([...path, 'device'], device);
    else if (type === 'unicast' || type === 'local')
      checks.report([...path, 'device'], `a device: this route is of type "${type}"`, 'nothing');
    if (via !== undefined) checkIp([...path, 'via'], via, checks);
    const source = src === undefined ? undefined : checkIp([...path, 'src'], src, checks);
    if (bytes !== undefined && source !== undefined && source !== bytes)
      checks.report([...path, 'src'], 'an address of the family of "to"', show(src));
  }
  return routes;
}

export function resolveNeighbours(
  { neighbours }: ScenarioDeclared,
  checks: Checks,
): readonly NeighbourSpec[] | undefined {
  for (const [index, { device, address, mac }] of neighbours?.entries() ?? []) {
    const path = ['neighbours', index];
    checks.device([...path, 'device'], device);
    checkIp([...path, 'address'], address, checks);
    if (!parses(parseMac, mac))
      checks.report([...path, 'mac'], 'a MAC address such as 02:00:00:00:00:01', show(mac));
  }
  return neighbours;
}

/** Bytes of the address. */
function checkIp(path: readonly PathKey[], text: string, checks: Checks): number | undefined {
  const bytes = parses(parseIp, text)?.length;
  if (bytes === undefined)
    checks.report(path, 'an address such as 192.0.2.1 or 2001:db8::1', show(text));
  return bytes;
}

function checkPrefix(path: readonly PathKey[], text: string, checks: Checks): number | undefined {
  const [address = '', length, ...more] = text.split('/');
  const bytes = parses(parseIp, address)?.length;
  const isLength = length === undefined || (/^\d{1,3}$/.test(length) && more.length === 0);
  if (bytes !== undefined && isLength && Number(length ?? 0) <= bytes * 8) return bytes;
  const bits = bytes === undefined || bytes === IPV4_BYTES ? 32 : 128;
  const expected = `a prefix such as 192.0.2.0/24 or 2001:db8::/32 (a length of at most ${bits})`;
  checks.report(path, expected, show(text));
  return undefined;
}

function parses(parse: (text: string) => Uint8Array, text: string): Uint8Array | undefined {
  try {
    return parse(text);
  } catch {
    return undefined;
  }
}
