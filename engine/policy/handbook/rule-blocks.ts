/** Rules 规则 as numbered sentences, and as one decision table of a chapter. */
import {
  conditionText,
  type DecisionRow,
  decisionRows,
  factTitle,
  type WordsContext,
} from '../../rules/condition-words.ts';
import type { ActionRule, Condition, FullPolicy, Requirement } from '../types.ts';
import type { Block, BookColumn } from './book.ts';
import type { Reading } from './reading.ts';
import {
  basisWords,
  CHOICE_TITLES,
  dateText,
  eventText,
  type Titles,
  validityText,
} from './words.ts';

/** More facts than fit across a page make a table for each rule instead of one for all. */
const TABLE_FACTS_MAX = 8;

const SEVERAL_ROWS = '一条规则有几行的，符合其中任何一行即可。“–”表示不问。';

export interface RuleWords {
  readonly policy: FullPolicy;
  readonly titles: Titles;
  readonly context: WordsContext;
}

/** What a rule says, apart from its conditions. */
interface Said {
  readonly id: string;
  readonly title: string;
  readonly basis: string;
  /** Shown before the conditions: to which school, from which moment. */
  readonly about: string;
  /** null: always. */
  readonly applies: Condition | null;
  readonly holds: Condition | null;
  readonly result: string;
  readonly more: string;
}

/** Requirements 要求: tried in order, the first that does not hold refuses. */
export function requirementBlocks(
  rules: readonly Requirement[],
  reading: Reading,
  words: RuleWords,
): Block[] {
  const read = reading.entries();
  const said = rules.map((rule, at) => {
    read[at]?.take();
    return requirementSaid(rule);
  });
  if (said.length === 0) return [{ kind: 'text', text: '没有规定。' }];
  return [
    {
      kind: 'note',
      text: '按次序逐条检查；第一条不符合的给出拒绝的理由，其后的不再检查。不适用的规则略过。',
    },
    { kind: 'list', items: said.map(each => requirementSentence(each, words)) },
    ...tables(said, words, '须满足', '不满足时'),
  ];
}

/** Actions 处理: tried in order, the first that holds is done. */
export function actionBlocks(
  rules: readonly ActionRule[],
  reading: Reading,
  words: RuleWords,
): Block[] {
  const read = reading.entries();
  const said = rules.map((rule, at) => {
    read[at]?.take();
    return actionSaid(rule);
  });
  if (said.length === 0) return [{ kind: 'text', text: '没有规定。' }];
  return [
    { kind: 'note', text: '按次序逐条检查；第一条成立的起作用，其后的不再检查。' },
    { kind: 'list', items: said.map(each => actionSentence(each, words)) },
    ...tables(said, words, '', '处理'),
  ];
}

function requirementSaid(rule: Requirement): Said {
  const school = rule.school === null ? '' : `院校 ${rule.school}`;
  const major = rule.major === null ? '' : `专业 ${rule.major}`;
  return {
    id: rule.id,
    title: rule.title,
    basis: rule.basis,
    about: [school, major].filter(text => text !== '').join(' '),
    applies: rule.applies,
    holds: rule.requires,
    result: `以 ${rule.refuse} 拒绝`,
    more: [CHOICE_TITLES['missing']?.[rule.missing] ?? '', validityText(rule.valid)]
      .filter(text => text !== '')
      .join('；'),
  };
}

function actionSaid(rule: ActionRule): Said {
  const { event, reason, ...rest } = rule.then;
  const others = Object.entries(rest).map(([key, value]) => `${key} ${String(value)}`);
  const why = reason == null ? [] : [`理由 ${String(reason)}`];
  return {
    id: rule.id,
    title: rule.title,
    basis: rule.basis,
    about: rule.at === null ? '' : momentText(rule.at),
    applies: null,
    holds: rule.when,
    result: [eventText(String(event)), ...why, ...others].join('，'),
    more: validityText(rule.valid),
  };
}

function momentText(at: string): string {
  const [date = '', time = ''] = at.split('T');
  return `自 ${dateText(date)} ${time} 起`;
}

function requirementSentence(said: Said, words: RuleWords): string {
  const { applies, holds } = said;
  const scope = applies === null ? '' : `适用于${conditionText(applies, words.context)}的情形：`;
  const must = holds === null ? '' : `须${conditionText(holds, words.context)}`;
  return sentence(said, `${scope}${must}；不满足的，${said.result}`, words);
}

function actionSentence(said: Said, words: RuleWords): string {
  const when = said.holds === null ? '' : `当${conditionText(said.holds, words.context)}时`;
  return sentence(said, `${when}，${said.result}`, words);
}

function sentence(said: Said, what: string, { policy }: RuleWords): string {
  const about = said.about === '' ? '' : `${said.about}，`;
  const more = said.more === '' ? '' : `；${said.more}`;
  const basis = basisWords(policy, said.basis);
  return `${said.title}（${said.id}）。${about}${what}${more}。依据：${basis}。`;
}

/** One row of a table: of which rule, and what each fact must be. */
interface TableRow {
  readonly no: number;
  readonly said: Said;
  readonly demands: DecisionRow;
  /** Where a condition has too many alternatives: its words. */
  readonly worded: string;
}

function tables(
  all: readonly Said[],
  words: RuleWords,
  demandTitle: string,
  resultTitle: string,
): Block[] {
  const rows = all.flatMap((said, at) => rowsOf(said, at + 1, words));
  const facts = factsOf(rows);
  const several = rows.length > all.length;
  const heading: Block[] = [
    { kind: 'heading', text: '决策表' },
    ...(several ? [{ kind: 'note' as const, text: SEVERAL_ROWS }] : []),
  ];
  if (facts.length <= TABLE_FACTS_MAX) {
    return [...heading, table(rows, facts, words, demandTitle, resultTitle)];
  }
  const groups = all.map((_, at) => rows.filter(row => row.no === at + 1));
  return [
    ...heading,
    ...groups.map(group => table(group, factsOf(group), words, demandTitle, resultTitle)),
  ];
}

function rowsOf(said: Said, no: number, { context }: RuleWords): TableRow[] {
  const applies = decisionRows(said.applies, context);
  const holds = decisionRows(said.holds, context);
  if (applies === null || holds === null) {
    const parts = [said.applies, said.holds].filter(each => each !== null);
    const worded = parts.map(each => conditionText(each, context)).join('；');
    return [{ no, said, demands: new Map(), worded }];
  }
  return applies.flatMap(scope =>
    holds.map(demand => ({ no, said, demands: joined(scope, demand, said), worded: '' })),
  );
}

/** What a rule applies to is marked, so that it is not read as what it asks for. */
function joined(scope: DecisionRow, demand: DecisionRow, said: Said): DecisionRow {
  const row = new Map<string, string[]>();
  const asks = said.applies !== null;
  for (const [fact, texts] of scope) row.set(fact, [...texts]);
  for (const [fact, texts] of demand) {
    row.set(fact, [...(row.get(fact) ?? []), ...texts.map(text => (asks ? `须${text}` : text))]);
  }
  return row;
}

function factsOf(rows: readonly TableRow[]): string[] {
  return [...new Set(rows.flatMap(row => [...row.demands.keys()]))];
}

function table(
  rows: readonly TableRow[],
  facts: readonly string[],
  { context }: RuleWords,
  demandTitle: string,
  resultTitle: string,
): Block {
  const worded = rows.some(row => row.worded !== '');
  const about = rows.some(row => row.said.about !== '');
  const columns: BookColumn[] = [
    { title: '次序', weight: 0.5, align: 'right' },
    ...(about ? [{ title: '对象或时刻' }] : []),
    ...facts.map(fact => ({ title: factTitle(fact, context) })),
    ...(worded ? [{ title: demandTitle === '' ? '条件' : demandTitle, weight: 2 }] : []),
    { title: resultTitle, weight: 1.6 },
  ];
  return {
    kind: 'table',
    columns,
    rows: rows.map(row => [
      String(row.no),
      ...(about ? [row.said.about] : []),
      ...facts.map(fact => (row.demands.get(fact) ?? ['–']).join('，')),
      ...(worded ? [row.worded] : []),
      row.said.result,
    ]),
  };
}
