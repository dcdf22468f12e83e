/** Above this a call to `memory.copy` is cheaper than copying 16 bytes at a time. */
const INLINE_COPY_MAX: u32 = 256;

/** Copies `length` bytes between places that do not overlap: packets are short, and a call costs more than they do. */
// @ts-ignore: decorator
@inline
export function copyPacket(to: usize, from: usize, length: u32): void {
  if (length < 16 || length > INLINE_COPY_MAX) memory.copy(to, from, length);
  else copyShort(to, from, length);
}

function copyShort(to: usize, from: usize, length: u32): void {
  let done: u32 = 0;
  for (; done + 16 <= length; done += 16) v128.store(to + done, v128.load(from + done));
  // The rest, together with some of what was copied already.
  const last = length - 16;
  if (done < length) v128.store(to + last, v128.load(from + last));
}

/** The same for packets that are stored padded to 64 bytes, into a frame, whose tailroom is longer than that. */
// @ts-ignore: decorator
@inline
export function copyPadded(to: usize, from: usize, length: u32): void {
  if (length > INLINE_COPY_MAX) {
    memory.copy(to, from, length);
    return;
  }
  for (let done: u32 = 0; done < length; done += 64) {
    v128.store(to + done, v128.load(from + done));
    v128.store(to + done, v128.load(from + done, 16), 16);
    v128.store(to + done, v128.load(from + done, 32), 32);
    v128.store(to + done, v128.load(from + done, 48), 48);
  }
}
