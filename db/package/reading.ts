/**
 * How a line beyond ASCII reads in each encoding. Bytes can be valid in both: 女 in GB18030 is Ů in
 * UTF-8, 学校 is ѧУ. What tells them apart is which of the two a Chinese office would have written.
 */

/** How a line that is valid UTF-8 reads. */
export type Reading =
  /** Chinese in UTF-8, or none in GB18030. */
  | 'utf-8'
  /** Chinese in GB18030, and in UTF-8 rather letters and signs than Chinese. */
  | 'doubtful'
  /** Everyday Chinese in GB18030; in UTF-8 only letters that are never met in Chinese text. */
  | 'foreign';

/** Letters of 拼音 beyond Latin-1. */
const PINYIN = new Set([...'āēěīńňōūǎǐǒǔǖǘǚǜǹ'].map(letter => letter.codePointAt(0) as number));

interface Counts {
  /** Han, and the punctuation and full-width forms that go with it. */
  chinese: number;
  /** Signs and letters that are met in Chinese text. */
  familiar: number;
  foreign: number;
}

/** @param line valid UTF-8, with a byte beyond ASCII, without its line break */
export function readingOf(line: Buffer): Reading {
  const { chinese, familiar, foreign } = countsOf(line);
  if (chinese > 0 && chinese >= familiar + foreign) return 'utf-8';
  if (!isGb18030(line)) return 'utf-8';
  const { everyday, rare, others } = gb18030CountsOf(line);
  if (everyday + rare <= others) return 'utf-8';
  return chinese + familiar === 0 && everyday > rare + others ? 'foreign' : 'doubtful';
}

/** What the characters beyond ASCII are, read as UTF-8. */
function countsOf(line: Buffer): Counts {
  const counts: Counts = { chinese: 0, familiar: 0, foreign: 0 };
  for (let at = 0; at < line.length; ) {
    const lead = line[at] as number;
    if (lead < 0x80) {
      at += 1;
      continue;
    }
    const length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    let code = lead & (0xff >> (length + 1));
    for (let next = 1; next < length; next += 1) {
      code = (code << 6) | ((line[at + next] as number) & 0x3f);
    }
    counts[kindOf(code)] += 1;
    at += length;
  }
  return counts;
}

function kindOf(code: number): keyof Counts {
  const isChinese =
    (code >= 0x3000 && code <= 0x9fff) ||
    (code >= 0xf900 && code <= 0xfaff) ||
    (code >= 0xfe30 && code <= 0xfe4f) ||
    (code >= 0xff00 && code <= 0xffef) ||
    (code >= 0x20000 && code <= 0x3ffff);
  if (isChinese) return 'chinese';
  const isFamiliar =
    (code >= 0xa0 && code <= 0xff) || PINYIN.has(code) || (code >= 0x2000 && code <= 0x2bff);
  return isFamiliar ? 'familiar' : 'foreign';
}

/**
 * What the characters beyond ASCII are, read as GB18030: of the first level of GB 2312 (with the
 * signs of its first rows), which is 99 % of any text; of its second level; beyond it, which
 * offices hardly ever write and UTF-8 that is taken for GB18030 is full of.
 */
function gb18030CountsOf(line: Buffer) {
  const counts = { everyday: 0, rare: 0, others: 0 };
  for (let at = 0; at < line.length; ) {
    const lead = line[at] as number;
    if (lead < 0x80) {
      at += 1;
      continue;
    }
    const trail = line[at + 1] as number;
    if (trail < 0xa1) counts.others += 1;
    else if ((lead >= 0xb0 && lead <= 0xd7) || (lead >= 0xa1 && lead <= 0xa3)) counts.everyday += 1;
    else if (lead >= 0xd8 && lead <= 0xf7) counts.rare += 1;
    else counts.others += 1;
    at += trail >= 0x30 && trail <= 0x39 ? 4 : 2;
  }
  return counts;
}

/** Without `stream` each call begins anew, also after a fault; to make one costs 5 µs a line. */
const GB18030 = new TextDecoder('gb18030', { fatal: true });

export function isGb18030(line: Buffer): boolean {
  try {
    GB18030.decode(line);
    return true;
  } catch {
    return false;
  }
}
