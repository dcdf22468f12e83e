import { defineXdp, XDP } from '../../src/program/define.js';

// biome-ignore lint/style/noDefaultExport: what a program module exports
export default defineXdp(() => XDP.PASS);
