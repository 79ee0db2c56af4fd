/** Boundaries that rules draw: numbers and dates in conditions, and the days of their validity. */
import { type Atom, valueFact } from '../../rules/atoms.ts';
import { findFact } from '../../rules/catalogue.ts';
import { demandText, factTitle, factValueTitle } from '../../rules/condition-words.ts';
import type { Chain } from '../analysis/chains.ts';
import { TODAY } from '../analysis/domains.ts';
import type { AnalysedRule } from '../analysis/rule-cells.ts';
import { daysAfter } from '../calendar.ts';
import type { RuleWords } from '../handbook/rule-blocks.ts';
import { dateText } from '../handbook/words.ts';
import type { FactValue } from '../types.ts';
import { Prober, type Question } from './probe.ts';
import { type Boundary, NO_DIFFERENCE } from './sheet.ts';
import { decisionText, swapNote } from './wording.ts';

const SIDES = ['低于界限', '正好', '高于界限'];
const DAY_SIDES = ['前一日', '当日', '次日'];
/** Where one fact is compared with another: the other is this, and the first around it. */
const USUAL = 300;
const USUAL_COUNT = 2;

/** All boundaries of a chain, in the order of its rules. */
export async function chainBoundaries(chain: Chain, words: RuleWords): Promise<Boundary[]> {
  const prober = new Prober(words.policy, chain);
  const found: Boundary[] = [];
  for (const rule of chain.rules) {
    const asked = new Set<string>();
    for (const atom of rule.reading.atoms) {
      for (const threshold of thresholdsOf(atom, words)) {
        const key = JSON.stringify([atom.fact, threshold.values]);
        if (asked.has(key)) continue;
        asked.add(key);
        found.push(await boundaryOf(prober, chain, rule, threshold, words));
      }
    }
    for (const day of new Set(rule.days)) {
      const ends = rule.reading.rule.valid?.[1] === day;
      const text = ends ? `至 ${dateText(day)} 前一日止` : `自 ${dateText(day)} 起`;
      const threshold = { ...dayThreshold(day), text };
      found.push(await boundaryOf(prober, chain, rule, threshold, words));
    }
  }
  return found;
}

interface Threshold {
  readonly fact: string;
  readonly values: readonly FactValue[];
  readonly fixed: Readonly<Record<string, FactValue>>;
  readonly text: string;
  readonly dates: readonly string[];
}

function dayThreshold(day: string): Threshold {
  const values = [daysAfter(day, -1), day, daysAfter(day, 1)];
  return { fact: TODAY, values, fixed: {}, text: dateText(day), dates: [day] };
}

/** Of a comparison by order: none of one by equality, which has no sides. */
function thresholdsOf(atom: Atom, words: RuleWords): Threshold[] {
  if (!/^(less|greater)Than/.test(atom.operator)) return [];
  const { fact, value } = atom;
  const text = `${factTitle(fact, words.context)}${demandText(atom, words.context)}`;
  if (typeof value === 'string') return [{ ...dayThreshold(value), fact, text }];
  const other = valueFact(value);
  if (other === null && typeof value !== 'number') return [];
  const entry = findFact(fact, words.policy.attributes, null);
  const around = typeof value === 'number' ? value : entry?.unit === '分' ? USUAL : USUAL_COUNT;
  const step = stepOf(fact, around, words);
  const values = [rounded(around - step), around, rounded(around + step)];
  return [{ fact, values, fixed: other === null ? {} : { [other]: around }, text, dates: [] }];
}

/** Scores go by hundredths, what is counted by one, attributes by their threshold's last digit. */
export function stepOf(
  fact: string,
  around: number,
  { policy }: Pick<RuleWords, 'policy'>,
): number {
  if (findFact(fact, policy.attributes, null)?.unit === '分') return 0.01;
  const declared = policy.attributes.some(each => fact === `candidate.${each.name}`);
  const decimals = declared ? (String(around).split('.')[1]?.length ?? 0) : 0;
  return 10 ** -decimals;
}

export function rounded(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}

async function boundaryOf(
  prober: Prober,
  chain: Chain,
  rule: AnalysedRule,
  threshold: Threshold,
  words: RuleWords,
): Promise<Boundary> {
  const { title, basis, school, major } = rule.reading.rule;
  const { fact, text, dates } = threshold;
  const dated = dates.length > 0;
  const whose = chain.city === null ? '' : `${chain.city} `;
  const about = [school && `院校 ${school}`, major && `专业 ${major}`].filter(Boolean).join(' ');
  const subject = `${title}（${[rule.id, about].filter(Boolean).join('，')}）`;
  const valueText = (value: FactValue) =>
    dated ? dateText(String(value)) : factValueTitle(fact, value, words.context);
  const question: Question = {
    rule: rule.id,
    fact,
    values: possible(fact, threshold.values),
    fixed: threshold.fixed,
    basis,
    title: value =>
      `边界：${whose}${rule.id} ${dated ? '业务日期' : factTitle(fact, words.context)} ` +
      `${valueText(value)}（${text}）`,
  };
  const { examples, differs } = await prober.ask(question);
  const sides = dated ? DAY_SIDES : SIDES.slice(-question.values.length);
  const notes = [differs ? '' : NO_DIFFERENCE, swapNote(dates)].filter(note => note !== '');
  return {
    section: dated ? 'dates' : 'rules',
    city: chain.city,
    subject,
    threshold: text,
    basis,
    note: notes.join('。'),
    cases: examples.map((example, at) => ({
      side: sides[at] ?? '',
      value: valueText(question.values[at] ?? null),
      decision: decisionText(example, words.policy),
      example,
    })),
  };
}

/** What is counted is never negative, free places apart. */
function possible(fact: string, values: readonly FactValue[]): FactValue[] {
  if (/^plan\.(free|flexible-free)$/.test(fact)) return [...values];
  return values.filter(value => typeof value !== 'number' || value >= 0);
}
