/**
 * Whether a flow is one that `wanted` means: parts may be `*`, ports and protocol left out.
 * `10.0.0.1>10.0.0.2`, `10.0.0.1:*>10.0.0.2:80`, `*>10.0.0.2:80/tcp`
 *
 * @throws RangeError where `wanted` is none
 */
export function flowMatcher(wanted: string): (flow: string | undefined) => boolean {
  const asked = partsOf(wanted);
  if (asked === undefined) {
    throw new RangeError(
      `expected a flow as 10.0.0.1:1234>10.0.0.2:80/udp (parts may be * or, but for addresses, left out), found ${wanted}`,
    );
  }
  return (flow) => {
    const parts = flow === undefined ? undefined : partsOf(flow);
    return parts !== undefined && asked.every((part, i) => part === '*' || part === parts[i]);
  };
}

const ENDPOINT = String.raw`(\*|\[[0-9a-fA-F:.]+\]|[0-9.]+|[0-9a-fA-F:]*::[0-9a-fA-F:.]*|(?:[0-9a-fA-F]+:){7}[0-9a-fA-F]+)(?::(\*|\d+))?`;
const FLOW = new RegExp(`^${ENDPOINT}\\s*>\\s*${ENDPOINT}(?:/(\\*|[a-z0-9-]+))?$`);

/** Source, its port, destination, its port, protocol; `*` for what is not there. */
function partsOf(text: string): string[] | undefined {
  const match = FLOW.exec(text.trim());
  if (match === null) return undefined;
  return match.slice(1).map((part) => (part ?? '*').replace(/^\[(.*)\]$/, '$1'));
}
