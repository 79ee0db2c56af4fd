/** GB18030 for the tests: Node reads it and does not write it. */

const CODES = new Map<string, readonly number[]>();
const decoder = new TextDecoder('gb18030');
for (let lead = 0x81; lead <= 0xfe; lead += 1) {
  for (let trail = 0x40; trail <= 0xfe; trail += 1) {
    if (trail === 0x7f) continue;
    const character = decoder.decode(Uint8Array.of(lead, trail));
    if (!CODES.has(character)) CODES.set(character, [lead, trail]);
  }
}

/** @throws where a character needs four bytes: no test has one */
export function gb18030(text: string): Buffer {
  const bytes = [...text].flatMap(character => {
    const code = character.codePointAt(0) as number;
    const found = code < 0x80 ? [code] : CODES.get(character);
    if (found === undefined) throw new Error(`${character} has no two bytes in GB18030`);
    return found;
  });
  return Buffer.from(bytes);
}
