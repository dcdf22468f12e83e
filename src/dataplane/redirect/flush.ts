import { Context } from "../layout";
import { xskMapFlush } from "../socket/receive";
import { traceFlush } from "../trace/flushes";
import { cpuMapFlush } from "./cpumapQueue";
import { devFlush } from "./devmapQueue";

/** Step three, `xdp_do_flush`: at the end of every poll, devices first, then CPUs, then sockets. */
export function xdpDoFlush(ctx: Context): void {
  const cpu = ctx.cpu!;
  traceFlush(ctx);
  if (cpu.devFlushList) devFlush(ctx, cpu);
  if (cpu.cpuMapFlushList) cpuMapFlush(ctx, cpu);
  if (cpu.xskMapFlushList) xskMapFlush(ctx, cpu);
}
