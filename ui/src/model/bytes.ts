/** The first bytes of a binary message, as a programmer reads them. */

/** Bytes in one line, as every hex viewer has them. */
const LINE = 16;

/** Lines of `offset  hex  ASCII`, every byte that is no printable ASCII as a dot. */
export function hexLines(bytes: readonly number[]): readonly { offset: string; hex: string; ascii: string }[] {
  const lines = [];
  for (let start = 0; start < bytes.length; start += LINE) {
    const run = bytes.slice(start, start + LINE);
    lines.push({
      offset: start.toString(16).padStart(4, "0"),
      hex: run.map((byte) => byte.toString(16).padStart(2, "0")).join(" ").padEnd(LINE * 3 - 1),
      ascii: run.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : "·")).join(""),
    });
  }
  return lines;
}

/** The bytes of a hexadecimal text, in which spaces do not count; `null`: it is none. */
export function readHex(text: string): readonly number[] | null {
  const digits = text.replace(/\s+/g, "");
  if (digits.length % 2 !== 0 || !/^[0-9a-f]*$/i.test(digits)) return null;
  return (digits.match(/../g) ?? []).map((pair) => Number.parseInt(pair, 16));
}

/** The bytes of a text in UTF-8. */
export function bytesOf(text: string): readonly number[] {
  return [...new TextEncoder().encode(text)];
}
