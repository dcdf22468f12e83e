import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { describeDifference } from '../../src/replay/difference.js';
import { replayText } from '../../src/replay/replay.js';
import { bundledTraces, sharedTraces, type TraceFile } from '../model/traceFiles.js';

function passes({ name, text }: TraceFile): void {
  const { difference } = replayText(name, text);
  if (difference) assert.unreachable(`${name}: ${describeDifference(difference)}`);
}

for (const kind of ['maps', 'redirect'] as const) {
  for (const file of bundledTraces(kind)) {
    test(`the emulator does what Linux did in ${file.name}`, () => passes(file));
  }

  for (const file of sharedTraces(kind)) {
    test(`the emulator does what Linux did in shared ${file.name}`, () => passes(file));
  }
}

test.run();
