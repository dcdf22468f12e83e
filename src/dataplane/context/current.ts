import { Context } from "../layout";

/** The context whose step is running on this instance: an instance runs one step at a time. */
let running: Context = changetype<Context>(0);

// @ts-ignore: decorator
@inline
export function current(): Context {
  return running;
}

// @ts-ignore: decorator
@inline
export function setCurrent(ctx: Context): void {
  running = ctx;
}
