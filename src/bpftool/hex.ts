/** Bytes as bpftool shows them (main.c:fprint_hex): a gap after 8, a line for 16. */
export function hexText(bytes: Uint8Array): string {
  let text = '';
  bytes.forEach((byte, index) => {
    if (index > 0) text += index % 16 === 0 ? '\n' : index % 8 === 0 ? '  ' : ' ';
    text += byte.toString(16).padStart(2, '0');
  });
  return text;
}

/** Bytes in its JSON. */
export function hexStrings(bytes: Uint8Array): string[] {
  return Array.from(bytes, (byte) => `0x${byte.toString(16).padStart(2, '0')}`);
}
