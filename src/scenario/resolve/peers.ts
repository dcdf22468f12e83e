import { show } from '../error.js';
import type { DeviceDeclared, ScenarioDeclared } from '../schema/scenario.js';
import type { Checks } from './checks.js';

/** Index of each veth's peer; undefined for other kinds, and where the document is wrong. */
export function resolvePeers(
  { devices }: ScenarioDeclared,
  checks: Checks,
): readonly (number | undefined)[] {
  const peers = completePeers(devices, checks.devices);
  return devices.map((device, index) => {
    const path = ['devices', index, 'peer'];
    const peer = peers[index];
    if (device.kind !== 'veth') {
      if (device.peer !== undefined) {
        checks.report(path, `no peer: this is a ${device.kind}, only a veth has one`, show(peer));
      }
      return undefined;
    }
    const other = checks.device(path, peer);
    if (other === undefined) return undefined;
    const expected = `a veth whose peer is ${show(device.name)}`;
    if (other === index) checks.report(path, expected, 'itself');
    else if (devices[other]!.kind !== 'veth') {
      checks.report(path, expected, `${show(peer)}, a ${devices[other]!.kind}`);
    } else if (peers[other] !== device.name) {
      checks.report(path, expected, `${show(peer)}, whose peer is ${show(peers[other])}`);
    } else return other;
    return undefined;
  });
}

/** The declared peers; a veth that declares none gets the first one that declares it. */
function completePeers(
  devices: readonly DeviceDeclared[],
  indexes: ReadonlyMap<string, number>,
): (string | undefined)[] {
  const peers = devices.map((device) => device.peer);
  for (const { kind, name, peer } of devices) {
    const other = kind === 'veth' && peer !== undefined ? indexes.get(peer) : undefined;
    if (other !== undefined && devices[other]!.kind === 'veth') peers[other] ??= name;
  }
  return peers;
}
