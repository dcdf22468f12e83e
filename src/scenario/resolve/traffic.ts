import { type PathKey, show } from '../error.js';
import type { CaptureTraffic, FlowTraffic, TrafficSpec } from '../scenario.js';
import type { ScenarioDeclared, TrafficDeclared } from '../schema/scenario.js';
import { type Checks, compact } from './checks.js';

/** Shortest Ethernet frame, without FCS. */
const ETH_ZLEN = 60;
const ETH_HLEN = 14;
const IP_BYTES = { 4: 20, 6: 40 } as const;
const L4_BYTES = { udp: 8, tcp: 20 } as const;

export function resolveTraffic(
  { devices, traffic }: ScenarioDeclared,
  checks: Checks,
): readonly TrafficSpec[] {
  return traffic.map((item, index) => {
    const path = ['traffic', index];
    const device = item.device ?? devices[0]?.name;
    checks.device([...path, 'device'], device);
    const { capture } = item;
    return capture === undefined
      ? resolveFlows(path, item, device ?? '', checks)
      : resolveCapture(path, item, device ?? '', capture, checks);
  });
}

const FLOW_KEYS = ['flows', 'length', 'protocol', 'ipVersion', 'frames', 'stamps'] as const;

function resolveCapture(
  path: readonly PathKey[],
  traffic: TrafficDeclared,
  device: string,
  capture: string,
  checks: Checks,
): CaptureTraffic {
  for (const key of FLOW_KEYS) {
    if (traffic[key] === undefined) continue;
    checks.report([...path, key], `no ${key} beside a capture`, show(traffic[key]));
  }
  return { device, capture, loop: traffic.loop ?? 1 };
}

function resolveFlows(
  path: readonly PathKey[],
  traffic: TrafficDeclared,
  device: string,
  checks: Checks,
): FlowTraffic {
  const { loop, flows = 64, protocol = 'udp', ipVersion = 4, stamps = false, frames } = traffic;
  if (loop !== undefined) checks.report([...path, 'loop'], 'no loop without a capture', `${loop}`);
  if (stamps && !(protocol === 'udp' && ipVersion === 4)) {
    const found = `stamps in ${protocol} over IPv${ipVersion}`;
    checks.report([...path, 'stamps'], 'stamps in udp over IPv4 only', found);
  }
  const shortest = ETH_HLEN + IP_BYTES[ipVersion] + L4_BYTES[protocol];
  const { length = Math.max(ETH_ZLEN, shortest) } = traffic;
  const lengths = typeof length === 'number' ? [length] : length;
  for (const [index, bytes] of lengths.entries()) {
    if (bytes >= shortest) continue;
    const at = [...path, 'length', ...(typeof length === 'number' ? [] : [index])];
    checks.report(at, `at least ${shortest}, the headers' length`, `${bytes}`);
  }
  return compact({ device, flows, length: lengths, protocol, ipVersion, stamps, frames });
}
