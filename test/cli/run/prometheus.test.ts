import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Report } from '../../../src/report/report.js';
import { cli, LAN_PCAP, programFile, startCli } from '../support/cli.js';

const PASS = programFile('pass');
/** Much longer than the test needs; it ends the run. */
const ENDLESS = ['--traffic', 'flows=16', '--duration', '600', '--json'];

interface Running {
  readonly url: string;
  /** Ends the run and returns what it reported. */
  readonly end: () => Promise<Report>;
}

async function withRun(prometheus: string, use: (run: Running) => Promise<void>): Promise<void> {
  const { child, ended } = startCli(['run', PASS, ...ENDLESS, '--prometheus', prometheus]);
  try {
    const [line] = (await once(child.stderr!, 'data')) as [string];
    const url = line.match(/^xdpemu: metrics at (http:\S+)\n$/)?.[1];
    assert.ok(url !== undefined, line);
    const end = async () => {
      child.kill('SIGINT');
      const { stdout, code } = await ended;
      assert.is(code, 0);
      return JSON.parse(stdout) as Report;
    };
    await use({ url, end });
  } finally {
    child.kill('SIGKILL');
    await ended;
  }
}

async function received(url: string): Promise<number> {
  const response = await fetch(url);
  assert.is(response.status, 200);
  assert.match(response.headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/);
  const text = await response.text();
  const count = text.match(/^xdpemu_frames_received_total ([0-9]+)$/m)?.[1];
  assert.ok(count !== undefined, text);
  return Number(count);
}

test('counters can be scraped while frames flow, and never pass what the run reports', async () => {
  await withRun('0', async ({ url, end }) => {
    assert.match(url, /^http:\/\/127\.0\.0\.1:[0-9]+\/metrics$/);
    const first = await received(url);
    let later = first;
    while (later === first) later = await received(url);
    assert.ok(later > first);
    const { frames } = await end();
    assert.ok(frames.received >= later);
    assert.is(frames.fates['pass'], frames.received);
  });
});

test('another path or method is not found', async () => {
  await withRun('localhost:0', async ({ url }) => {
    assert.is((await fetch(url.replace('/metrics', '/'))).status, 404);
    assert.is((await fetch(url, { method: 'POST' })).status, 404);
    assert.is((await fetch(`${url}?name=x`)).status, 200);
  });
});

test('a client that says nothing does not keep the run from ending, and nobody listens afterwards', async () => {
  await withRun('0', async ({ url, end }) => {
    const { hostname, port } = new URL(url);
    const silent = connect(Number(port), hostname);
    silent.on('error', () => {});
    await once(silent, 'connect');
    await end();
    let failure: unknown;
    await fetch(url).catch((error) => {
      failure = error;
    });
    assert.ok(failure instanceof TypeError);
  });
});

test('a port that is taken is said before anything runs', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  try {
    const args = ['run', PASS, '--pcap', LAN_PCAP, '--prometheus', String(port)];
    const { code, stdout, stderr } = await cli(args);
    assert.is(code, 2);
    assert.is(stdout, '');
    assert.match(stderr, `--prometheus: cannot listen on 127.0.0.1:${port}: something else`);
  } finally {
    other.close();
  }
});

test('an address is a port, or a host and a port', async () => {
  for (const bad of ['x', '65536', '-1', 'host:', ':80', '::1:80', 'http://host:80', '1:2:3']) {
    const { code, stderr } = await cli(['run', PASS, '--pcap', LAN_PCAP, `--prometheus=${bad}`]);
    assert.is(code, 2, bad);
    assert.match(
      stderr,
      `--prometheus: expected [HOST:]PORT, a port from 0 to 65535, found ${bad}`,
    );
  }
});

test.run();
