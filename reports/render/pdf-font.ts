/**
 * The fonts of printed pages: Noto Sans SC (OFL) in two weights, from npm, so that a printout looks
 * the same on every machine. 30,890 characters, those of rare names beyond the basic plane among
 * them; what it lacks is told apart here and never printed as a box.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

export type Weight = 'regular' | 'bold';

const FILES: Readonly<Record<Weight, string>> = {
  regular: '@expo-google-fonts/noto-sans-sc/400Regular/NotoSansSC_400Regular.ttf',
  bold: '@expo-google-fonts/noto-sans-sc/700Bold/NotoSansSC_700Bold.ttf',
};

const require = createRequire(import.meta.url);
const loaded = new Map<Weight, Buffer>();
let covered: ReadonlySet<number> | undefined;

/** A font file's bytes, read once per process. */
export function fontBytes(weight: Weight): Buffer {
  const known = loaded.get(weight);
  if (known !== undefined) return known;
  const bytes = readFileSync(require.resolve(FILES[weight]));
  loaded.set(weight, bytes);
  return bytes;
}

/** The text's characters that the font lacks, as `U+2EBF0`; each once. */
export function missingCharacters(text: string): string[] {
  covered ??= coveredBy(fontBytes('regular'));
  const lacking = [...text].filter(one => !covered?.has(one.codePointAt(0) as number));
  return [...new Set(lacking)].map(codeOf);
}

/** The text with every character that the font lacks written as its code: 张〔U+2EBF0〕. */
export function printableText(text: string): string {
  if (missingCharacters(text).length === 0) return text;
  const known = covered as ReadonlySet<number>;
  const write = (one: string) =>
    known.has(one.codePointAt(0) as number) ? one : `〔${codeOf(one)}〕`;
  return [...text].map(write).join('');
}

function codeOf(character: string): string {
  const code = (character.codePointAt(0) as number).toString(16).toUpperCase();
  return `U+${code.padStart(4, '0')}`;
}

const GROUPED = 12;

/** Code points of a TrueType font, from the table `cmap` in its format 12 (OpenType 1.9). */
function coveredBy(bytes: Buffer): ReadonlySet<number> {
  const cmap = tableAt(bytes, 'cmap');
  for (let at = 0; at < bytes.readUInt16BE(cmap + 2); at += 1) {
    const start = cmap + bytes.readUInt32BE(cmap + 4 + at * 8 + 4);
    if (bytes.readUInt16BE(start) === GROUPED) return groupsAt(bytes, start);
  }
  throw new Error('the font has no character map of format 12');
}

function tableAt(bytes: Buffer, tag: string): number {
  for (let at = 0; at < bytes.readUInt16BE(4); at += 1) {
    const entry = 12 + at * 16;
    if (bytes.toString('latin1', entry, entry + 4) === tag) return bytes.readUInt32BE(entry + 8);
  }
  throw new Error(`the font has no table ${tag}`);
}

function groupsAt(bytes: Buffer, start: number): ReadonlySet<number> {
  const points = new Set<number>();
  for (let group = 0; group < bytes.readUInt32BE(start + 12); group += 1) {
    const at = start + 16 + group * 12;
    const glyph = bytes.readUInt32BE(at + 8);
    const last = bytes.readUInt32BE(at + 4);
    const first = bytes.readUInt32BE(at);
    // Glyph 0 is the box that stands for "not there".
    for (let point = first; point <= last; point += 1) {
      if (glyph + point - first !== 0) points.add(point);
    }
  }
  return points;
}
