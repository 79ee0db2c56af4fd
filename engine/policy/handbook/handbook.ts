/**
 * The handbook 政策手册 of a checked policy: everything that its documents say, in words, tables and
 * one chart, with the article beside it. Pure: titles of functions, regions and codes come in.
 */
import { readDocument } from '../document.ts';
import type { Json } from '../json.ts';
import { effectivePolicy } from '../load.ts';
import { BASE_DOCUMENTS } from '../schemas.ts';
import type { PolicyBundle } from '../types.ts';
import type { Chapter, Handbook } from './book.ts';
import { calendarChapter } from './calendar-chapter.ts';
import { type CityPart, citiesChapter } from './cities-chapter.ts';
import {
  dutiesChapter,
  findingsChapter,
  reviewsChapter,
  scheduleChapter,
} from './desk-chapters.ts';
import { batchesChapter, linesChapter, preferencesChapter } from './dispatch-chapters.ts';
import {
  basisChapter,
  examplesChapter,
  outlineChapter,
  restChapter,
  signaturesChapter,
} from './outline-chapters.ts';
import { Reading } from './reading.ts';
import { actionBlocks, type RuleWords, requirementBlocks } from './rule-blocks.ts';
import { type Titles, wordsContext } from './words.ts';

export interface HandbookInput {
  readonly bundle: PolicyBundle;
  readonly titles: Titles;
  /** Chapters that other work makes: differences from last year, the boundary sheet. */
  readonly more?: readonly Chapter[];
}

/** @throws nothing: a bundle was checked when it was loaded */
export function makeHandbook({ bundle, titles, more = [] }: HandbookInput): Handbook {
  const policy = effectivePolicy(bundle, null);
  const words: RuleWords = { policy, titles, context: wordsContext(policy, titles) };
  const read = readingsOf(bundle);
  const of = (name: string) => read.get(`${name}.yaml`) ?? new Reading(null);
  const tests = [...read].filter(([name]) => name.startsWith('tests/')).map(([, each]) => each);
  const cities = citiesOf(bundle, read);
  const lines = [of('score-lines'), ...cities.map(city => city.reading.at('score-lines'))];
  const chapters: Chapter[] = [
    outlineChapter(of('policy'), words),
    calendarChapter(of('calendar'), words),
    batchesChapter(of('batches'), words),
    linesChapter(lines, words),
    requirements('eligibility', '投档资格', policy.eligibility, of('eligibility'), 'rules', words),
    requirements(
      'special-conditions',
      '院校和专业的特殊条件',
      policy.special,
      of('special-conditions'),
      'conditions',
      words,
    ),
    preferencesChapter(of('preferences'), words),
    requirements('quotas', '计划与名额', policy.quotas, of('quotas'), 'rules', words),
    reviewsChapter(of('reviews'), words),
    {
      id: 'deadlines',
      title: '到期处理',
      blocks: actionBlocks(policy.deadlineRules, of('deadlines').at('rules'), words),
    },
    findingsChapter(of('findings'), words),
    dutiesChapter(of('duties'), words),
    scheduleChapter(of('schedule'), words),
    citiesChapter(cities, of('batches'), words),
    ...more,
    examplesChapter(tests, words),
    basisChapter(documentsOf(read), words),
  ];
  const rest = restChapter([...read].map(([name, each]) => ({ name, rest: each.unread() })));
  return {
    title: bundle.title,
    id: bundle.id,
    season: bundle.season,
    baseHash: bundle.base.hash,
    sample: bundle.usesSampleBasis,
    chapters: [...chapters, ...(rest === null ? [] : [rest]), signaturesChapter()],
  };
}

function requirements(
  id: string,
  title: string,
  rules: Parameters<typeof requirementBlocks>[0],
  reading: Reading,
  key: string,
  words: RuleWords,
): Chapter {
  return { id, title, blocks: requirementBlocks(rules, reading.at(key), words) };
}

/** By path in the folder, base documents first, in the order in which people read them. */
function readingsOf(bundle: PolicyBundle): Map<string, Reading> {
  const texts = new Map(Object.entries(bundle.base.documents));
  const order = BASE_DOCUMENTS.map(kind => `${kind}.yaml`);
  const paths = [...texts.keys()].sort((a, b) => place(order, a) - place(order, b));
  const readings = new Map<string, Reading>();
  for (const path of paths) {
    readings.set(path, new Reading(parsed(path, texts.get(path) as string)));
  }
  for (const [city, overlay] of [...bundle.overlays].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const path = `cities/${city}.yaml`;
    readings.set(path, new Reading(parsed(path, overlay.document)));
  }
  return readings;
}

function place(order: readonly string[], path: string): number {
  const at = order.indexOf(path);
  return at === -1 ? order.length : at;
}

/** An empty file has set nothing. */
function parsed(path: string, text: string): Json {
  return readDocument(path, text).value ?? null;
}

function citiesOf(bundle: PolicyBundle, read: ReadonlyMap<string, Reading>): CityPart[] {
  return [...bundle.overlays.keys()].sort().map(city => ({
    city,
    reading: read.get(`cities/${city}.yaml`) as Reading,
    policy: effectivePolicy(bundle, city),
  }));
}

function documentsOf(read: ReadonlyMap<string, Reading>): { name: string; value: Json }[] {
  return [...read]
    .filter(([name]) => !name.startsWith('tests/'))
    .map(([name, reading]) => ({ name, value: reading.value }));
}
