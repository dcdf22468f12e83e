import { ScenarioError, type ScenarioIssue, show } from './error.js';
import type { TrafficInput } from './schema/scenario.js';
import { TrafficSchema } from './schema/traffic.js';
import { validate } from './validate.js';

/** What traffic is called in the messages. */
const SOURCE = '--traffic';

/** Keys whose value is text even if it looks like a number. */
const TEXT_KEYS: ReadonlySet<string> = new Set(['device', 'capture', 'protocol']);

/**
 * The traffic that a command line describes: the keys of a scenario's `traffic` item, as in
 * `flows=1000,length=64,protocol=udp,frames=100000,device=eth0`. Several lengths are joined by "+": `length=64+512+1518`.
 *
 * @throws ScenarioError with everything that is wrong with the keys and values; names are checked with the scenario.
 */
export function parseTrafficSpec(text: string): TrafficInput {
  const issues: ScenarioIssue[] = [];
  const values = new Map<string, unknown>();
  for (const item of text.split(',').map((part) => part.trim())) {
    const at = item.indexOf('=');
    const key = item.slice(0, at);
    if (at <= 0) issues.push({ path: '', expected: 'key=value', found: show(item) });
    else if (values.has(key)) issues.push({ path: key, expected: 'one value', found: 'two' });
    else values.set(key, parseValue(key, item.slice(at + 1)));
  }
  if (issues.length > 0) throw new ScenarioError(SOURCE, issues);
  return validate(TrafficSchema, Object.fromEntries(values), SOURCE);
}

function parseValue(key: string, text: string): unknown {
  if (TEXT_KEYS.has(key)) return text;
  if (text.includes('+')) return text.split('+').map(parseScalar);
  return parseScalar(text);
}

function parseScalar(text: string): unknown {
  if (text === 'true') return true;
  if (text === 'false') return false;
  return /^[0-9]+$/.test(text) ? Number(text) : text;
}
