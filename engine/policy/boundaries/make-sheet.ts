/** The whole boundary sheet of a checked policy, and as a chapter of its handbook. */
import { chainsOf } from '../analysis/chains.ts';
import type { Block, BookColumn, Chapter } from '../handbook/book.ts';
import type { RuleWords } from '../handbook/rule-blocks.ts';
import { basisWords, type Titles, wordsContext } from '../handbook/words.ts';
import { effectivePolicy } from '../load.ts';
import type { FullPolicy, PolicyBundle } from '../types.ts';
import { batchBoundaries, calendarBoundaries } from './date-boundaries.ts';
import { lineBoundaries } from './line-boundaries.ts';
import { numberBoundaries } from './number-boundaries.ts';
import { chainBoundaries } from './rule-boundaries.ts';
import { type Boundary, SECTIONS, type SectionId } from './sheet.ts';

export interface SheetInput {
  readonly bundle: PolicyBundle;
  readonly titles: Titles;
  /** Called as parts are done. */
  readonly progress?: (done: number, all: number) => void;
}

/**
 * Every threshold of the province and of each city, section by section.
 *
 * @throws CodedError what the rules throw
 */
export async function makeSheet(input: SheetInput): Promise<Boundary[]> {
  const { bundle, titles, progress = () => {} } = input;
  const base = effectivePolicy(bundle, null);
  const cities = [...bundle.overlays.keys()].sort();
  const found = await boundariesOf(base, null, base, titles);
  found.push(...calendarBoundaries(base));
  for (const [done, city] of cities.entries()) {
    progress(done, cities.length);
    found.push(...(await boundariesOf(effectivePolicy(bundle, city), city, base, titles)));
  }
  progress(cities.length, cities.length);
  const order = Object.keys(SECTIONS) as SectionId[];
  return order.flatMap(section => found.filter(each => each.section === section));
}

async function boundariesOf(
  policy: FullPolicy,
  city: string | null,
  base: FullPolicy,
  titles: Titles,
): Promise<Boundary[]> {
  const words: RuleWords = { policy, titles, context: wordsContext(policy, titles) };
  const found = await lineBoundaries(policy, city, base, words);
  const chains = city === null ? chainsOf(policy, null) : chainsOf(policy, city, base);
  for (const chain of chains) found.push(...(await chainBoundaries(chain, words)));
  found.push(...(await batchBoundaries(policy, city, base, words)));
  found.push(...numberBoundaries(policy, city, base, words));
  return found;
}

const COLUMNS: readonly BookColumn[] = [
  { title: '事项', weight: 2 },
  { title: '界限', weight: 1.6 },
  { title: '情形', weight: 0.8 },
  { title: '取值', weight: 1.2 },
  { title: '决定', weight: 2 },
  { title: '依据', weight: 1.2 },
];

/** The sheet as the last chapter but the signatures: read line by line, and signed. */
export function boundaryChapter(sheet: readonly Boundary[], policy: FullPolicy): Chapter {
  const blocks: Block[] = [
    {
      kind: 'note',
      text: '每个界限列出略低、正好、略高（日期：前一日、当日、次日）的情形和本政策的决定，供逐项核对。',
    },
  ];
  for (const [id, title] of Object.entries(SECTIONS)) {
    const own = sheet.filter(each => each.section === id);
    if (own.length === 0) continue;
    blocks.push({ kind: 'heading', text: title });
    const rows = own.flatMap(boundary => rowsOf(boundary, policy));
    blocks.push({ kind: 'table', columns: COLUMNS, rows });
  }
  return { id: 'boundaries', title: '边界情形', blocks };
}

/** What is the same as in the row above is left out, a note stands beside the threshold. */
function rowsOf({ subject, threshold, basis, note, cases }: Boundary, policy: FullPolicy) {
  const said = note === '' ? threshold : `${threshold}。${note}`;
  return cases.map(({ side, value, decision }, at) => [
    at === 0 ? subject : '',
    at === 0 ? said : '',
    side,
    value,
    decision,
    at === 0 ? basisWords(policy, basis) : '',
  ]);
}
