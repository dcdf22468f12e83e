/**
 * Records what the real bpftool prints, for machines without one:
 *
 *     node dist/test/bpftool/record.js > test/fixtures/bpftool/recorded.txt
 */
import { kernelOutputs } from './kernel.js';

for (const [title, text] of kernelOutputs()) process.stdout.write(`%% ${title}\n${text}`);
