import { isMainThread } from 'node:worker_threads';
import { defineXdp, XDP } from '../../src/program/define.js';

/** A module that only the main thread can load. */
if (!isMainThread) throw new Error('no, not in a worker');

export const pass = defineXdp(() => XDP.PASS);
