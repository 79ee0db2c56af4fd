/**
 * A naive oracle of spec/dispatch.md: objects, loops and text, written from the page alone. It
 * shares no code with the engine, not even the reading of decimals or the condition language, and
 * it is as slow as it looks.
 */
import { createHmac } from 'node:crypto';
import type { Policy } from '../../engine/policy/types.ts';
import { suggest } from './dispatch-oracle-majors.ts';
import {
  barOf,
  type Choice,
  type OracleScope,
  type Package,
  type Person,
  Question,
  type Row,
  type Site,
  yesOf,
} from './dispatch-oracle-rules.ts';

export type { OracleScope, Package, Row } from './dispatch-oracle-rules.ts';

export interface OracleResult {
  /** dispatch-detail as CSV. */
  readonly detail: string;
  readonly schools: readonly {
    code: string;
    before: number;
    after: number;
    sent: string[];
    closed: boolean;
  }[];
}

type Sites = ReadonlyMap<string, Site>;

const bytes = (a: string, b: string) => Buffer.from(a).compare(Buffer.from(b));

export function oracle(data: Package, policy: Policy, scope: OracleScope): OracleResult {
  const question = new Question(data, policy, scope);
  const own = question.rows('candidates').filter(row => row['city'] === scope.city);
  const sites = sitesOf(question, new Set(own.map(row => row['candidate_no'])));
  const people = peopleOf(question, own);
  for (const person of people) {
    for (const choice of person.choices) {
      choice.barred = barOf(question, person, choice, sites.get(choice.school));
    }
  }
  const ranked = rankedOf(question, people);
  if (scope.school !== undefined) markPassed(people, sites, scope.school);
  const list = inOrderOfEnding(question, ranked).filter(person => !person.passed);
  placeAll(question, sites, list);
  for (const person of people) giveReasons(question, sites, person);
  const sent = (site: Site) => ranked.filter(person => person.placed?.school === site.code);
  for (const site of sites.values()) suggest(question, site, sent(site));
  return {
    detail: detailOf(people),
    schools: [...sites.values()]
      .filter(site => site.lines.length > 0)
      .sort((a, b) => bytes(a.code, b.code))
      .map(site => ({
        code: site.code,
        before: site.before,
        after: site.room,
        sent: sent(site).map(person => person.no),
        closed: site.closed,
      })),
  };
}

function cents(text: string | undefined): number | null {
  return text === undefined || text === '' ? null : Math.round(Number(text) * 100);
}

const OCCUPIES = 'dispatched reading proposed return-proposed admitted registered filed'.split(' ');

/** §3. */
function sitesOf(question: Question, ownNumbers: ReadonlySet<string>): Sites {
  const { scope, batch } = question;
  const sites = new Map<string, Site>();
  for (const row of question.rows('schools')) {
    const code = row['code'];
    const files = question
      .rows('files')
      .filter(
        file =>
          ownNumbers.has(file['candidate_no']) &&
          file['school'] === code &&
          file['batch'] === scope.batch &&
          OCCUPIES.includes(file['state']),
      );
    const lines = question
      .rows('plans')
      .filter(line => question.isHere(line) && line['school'] === code)
      .map(line => ({
        code: line['major'],
        planned: Number(line['planned']),
        used: files.filter(file => file['major'] === line['major']).length,
      }))
      .sort((a, b) => bytes(a.code, b.code));
    const planned = lines.reduce((sum, line) => sum + line.planned, 0);
    const places = question
      .rows('flexible')
      .find(each => question.isHere(each) && each['school'] === code);
    const flexible = Number(places?.['places'] ?? '0');
    const over = lines.reduce((sum, line) => sum + Math.max(0, line.used - line.planned), 0);
    const { ratio, rounding } = batch.dispatch;
    const room = rounded(planned * ratio, rounding) + flexible - files.length;
    sites.set(code, {
      code,
      row,
      planned,
      occupied: files.length,
      before: room,
      room,
      closed: false,
      lines,
      flexibleFree: Math.max(0, flexible - over),
    });
  }
  return sites;
}

function rounded(hundredths: number, rounding: string): number {
  const whole = Math.floor(hundredths / 100);
  const left = hundredths - whole * 100;
  const up = rounding === 'ceil' ? left > 0 : rounding === 'half-up' && left >= 50;
  return up ? whole + 1 : whole;
}

/** §1: who takes part, with the choices of the round that counts. */
function peopleOf(question: Question, own: readonly Row[]): Person[] {
  const { scope } = question;
  const numbers = new Set(own.map(row => row['candidate_no']));
  const roundOf = (row: Row) => Number(row['round'] || '1');
  const choices = question
    .rows('choices')
    .filter(row => row['batch'] === scope.batch && numbers.has(row['candidate_no']))
    .filter(row => roundOf(row) <= scope.round);
  const effective = Math.max(0, ...choices.map(roundOf));
  return own
    .filter(row => question.stateOf(row['candidate_no']) === 'in-pool')
    .filter(row => {
      const file = question.fileOf(row['candidate_no']);
      return Number(file?.['open_applications'] || '0') === 0;
    })
    .map(row => {
      const mine = choices.filter(
        each => each['candidate_no'] === row['candidate_no'] && roundOf(each) === effective,
      );
      return personOf(question, row, mine);
    })
    .filter(person => person.choices.length > 0)
    .filter(
      person =>
        scope.school === undefined || person.choices.some(each => each.school === scope.school),
    );
}

function personOf(question: Question, row: Row, choices: readonly Row[]): Person {
  const no = row['candidate_no'];
  const { bonus, priority } = preferencesOf(question, no);
  const total = cents(row['total']);
  const { ties, seed } = question.batch.dispatch;
  const keys = ties.keys.map(key => {
    if (key.kind === 'priority') return priority;
    const marks = key.subjects.map(name => cents(question.markOf(no, name)));
    return marks.includes(null) ? null : marks.reduce((sum: number, each) => sum + each!, 0);
  });
  return {
    row,
    no,
    total,
    bonus,
    score: total === null ? null : total + bonus,
    keys,
    digest: createHmac('sha256', seed ?? '')
      .update(no)
      .digest('hex'),
    choices: choices
      .map(each => ({
        ordinal: Number(each['ordinal']),
        school: each['school'],
        majors: each['majors'].split(' ').filter(code => code !== ''),
        adjustment: yesOf(each['adjustment']),
        reason: 'not-reached',
        barred: '',
      }))
      .sort((a, b) => a.ordinal - b.ordinal),
    placed: null,
    position: null,
    major: '',
    suggestionReason: '',
    passed: false,
  };
}

function preferencesOf(question: Question, no: string) {
  const { policy, scope } = question;
  const counted = question
    .rows('preferences')
    .filter(row => row['candidate_no'] === no && row['confirmed_by'] !== '')
    .flatMap(row => policy.preferences.features.filter(each => each.id === row['feature']))
    .filter(feature => feature.batches.includes(scope.batch));
  const points = counted.filter(each => each.kind === 'bonus').map(each => each.points);
  const ranks = counted.filter(each => each.kind === 'priority').map(each => each.rank);
  const { combine, cap } = policy.preferences;
  const sum = points.reduce((all, each) => all + each, 0);
  const bonus = combine === 'sum' || points.length === 0 ? sum : Math.max(...points);
  return {
    bonus: cap === null ? bonus : Math.min(bonus, cap),
    priority: ranks.length === 0 ? null : -Math.min(...ranks),
  };
}

/** §2: negative where a is ranked before b, 0 where they are equal. */
function compare(question: Question, a: Person, b: Person): number {
  if (question.batch.dispatch.mode === 'lottery') return a.digest < b.digest ? -1 : 1;
  if (a.score !== b.score) return b.score! - a.score!;
  for (const [at, key] of a.keys.entries()) {
    const difference = (b.keys[at] ?? -1e15) - (key ?? -1e15);
    if (difference !== 0) return difference;
  }
  return 0;
}

function rankedOf(question: Question, people: readonly Person[]): Person[] {
  const { mode } = question.batch.dispatch;
  const ranked = people
    .filter(person => mode === 'lottery' || person.score !== null)
    .sort((a, b) => compare(question, a, b) || bytes(a.no, b.no));
  for (const person of ranked) {
    const before = ranked.filter(other => other !== person && compare(question, other, person) < 0);
    person.position = before.length + 1;
  }
  return ranked;
}

function inOrderOfEnding(question: Question, ranked: readonly Person[]): Person[] {
  const { mode, ties } = question.batch.dispatch;
  if (mode === 'lottery' || ties.ending !== 'lottery') return [...ranked];
  return ranked.toSorted((a, b) => compare(question, a, b) || (a.digest < b.digest ? -1 : 1));
}

/** One school only: who has an earlier choice that is allowed and has room. */
function markPassed(people: readonly Person[], sites: Sites, target: string): void {
  for (const person of people) {
    for (const choice of person.choices) {
      if (choice.school === target) break;
      if (choice.barred === '' && sites.get(choice.school)!.before > 0) person.passed = true;
    }
  }
}

/** §5. */
function placeAll(question: Question, sites: Sites, list: readonly Person[]): void {
  const { mode, bands } = question.batch.dispatch;
  if (mode === 'score-first' || mode === 'lottery') scoreFirst(question, sites, list);
  if (mode === 'choice-first') choiceFirst(question, sites, list);
  if (mode !== 'banded') return;
  bands.forEach((bound, at) => {
    const above = at === 0 ? Number.POSITIVE_INFINITY : bands[at - 1];
    const band = list.filter(person => person.score! >= bound && person.score! < above);
    choiceFirst(question, sites, band);
  });
}

function groupsOf(question: Question, list: readonly Person[]): Person[][] {
  const groups: Person[][] = [];
  for (const person of list) {
    const last = groups.at(-1);
    const lottery = question.batch.dispatch.mode === 'lottery';
    if (last && !lottery && compare(question, last[0], person) === 0) last.push(person);
    else groups.push([person]);
  }
  return groups;
}

function put(sites: Sites, person: Person, choice: Choice | undefined): void {
  if (choice === undefined) return;
  person.placed = choice;
  sites.get(choice.school)!.room -= 1;
}

function scoreFirst(question: Question, sites: Sites, list: readonly Person[]): void {
  const { mode, ties } = question.batch.dispatch;
  const { school: target } = question.scope;
  const firstOpen = (person: Person) =>
    person.choices.find(choice => {
      const site = sites.get(choice.school);
      if (choice.barred !== '' || !site) return false;
      return (target === undefined || site.code === target) && site.room > 0 && !site.closed;
    });
  for (const group of groupsOf(question, list)) {
    if (mode === 'lottery' || ties.ending === 'lottery' || ties.ending === 'candidate-no') {
      for (const person of group) put(sites, person, firstOpen(person));
      continue;
    }
    let picks = group.map(firstOpen);
    while (ties.ending === 'reject-all') {
      const overfull = [...sites.values()].filter(site => {
        const count = picks.filter(choice => choice?.school === site.code).length;
        return count > 0 && count > site.room;
      });
      if (overfull.length === 0) break;
      for (const site of overfull) site.closed = true;
      picks = group.map(firstOpen);
    }
    picks.forEach((choice, at) => {
      put(sites, group[at], choice);
    });
  }
}

function choiceFirst(question: Question, sites: Sites, list: readonly Person[]): void {
  const { ending } = question.batch.dispatch.ties;
  const { school: target } = question.scope;
  const ordinals = new Set(list.flatMap(person => person.choices.map(each => each.ordinal)));
  for (const k of [...ordinals].sort((a, b) => a - b)) {
    for (const site of sites.values()) {
      if (target !== undefined && site.code !== target) continue;
      const wanted = (person: Person) =>
        person.choices.find(
          each => each.ordinal === k && each.school === site.code && each.barred === '',
        );
      const asking = list.filter(person => person.placed === null && wanted(person));
      for (const group of groupsOf(question, asking)) {
        if (site.room <= 0 || site.closed) break;
        let taken = group;
        if (group.length > site.room && ending === 'reject-all') {
          site.closed = true;
          taken = [];
        } else if (group.length > site.room && ending !== 'follow') {
          taken = group.slice(0, site.room);
        }
        for (const person of taken) put(sites, person, wanted(person));
      }
    }
  }
}

/** §7: one reason per choice up to the placed one; later ones are not reached. */
function giveReasons(question: Question, sites: Sites, person: Person): void {
  const { mode, bands } = question.batch.dispatch;
  const { school: target } = question.scope;
  const below = mode === 'banded' && person.score !== null && person.score < bands.at(-1)!;
  for (const choice of person.choices) {
    const site = sites.get(choice.school);
    if (below) choice.reason = 'below-bands';
    else if (choice === person.placed) {
      choice.reason = 'placed';
      return;
    } else if (choice.school === target && person.passed) choice.reason = 'earlier-choice-open';
    else if (choice.barred !== '') choice.reason = choice.barred;
    else if (target !== undefined && choice.school !== target) {
      choice.reason = site!.before > 0 ? 'not-reached' : 'full';
    } else choice.reason = site!.closed ? 'closed-by-tie' : 'full';
  }
}

function detailOf(people: readonly Person[]): string {
  const show = (value: number | null) => (value === null ? '' : String(value / 100));
  const quoted = (value: string) =>
    /[",\n\r]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
  const lines = people
    .toSorted((a, b) => bytes(a.no, b.no))
    .map(person => [
      person.no,
      person.placed ? 'placed' : 'unplaced',
      person.placed?.school ?? '',
      person.placed ? String(person.placed.ordinal) : '',
      person.position === null ? '' : String(person.position),
      show(person.score),
      person.major,
      person.choices.map(each => `${each.ordinal}:${each.reason}`).join(';'),
      person.suggestionReason,
    ])
    .map(cells => cells.map(quoted).join(','));
  const header =
    'candidate_no,outcome,school,ordinal,position,score,suggested_major,reasons,suggestion_reason';
  return `${[header, ...lines].join('\n')}\n`;
}
