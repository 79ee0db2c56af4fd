/**
 * A naive oracle of spec/dispatch.md: objects, loops and text, written from the page alone. It
 * shares no code with the engine, not even the reading of decimals or the condition language, and
 * it is as slow as it looks.
 */
import { createHmac } from 'node:crypto';
import type { Condition, Policy, Requirement } from '../../engine/policy/types.ts';

export type Row = Readonly<Record<string, string>>;
/** File name without .csv → rows. */
export type Package = Readonly<Record<string, readonly Row[]>>;
export interface OracleScope {
  readonly city: string;
  readonly batch: string;
  readonly round: number;
  readonly date: string;
  readonly school?: string;
}

interface Choice {
  ordinal: number;
  school: string;
  majors: string[];
  adjustment: boolean;
  reason: string;
  barred: string;
}

interface Person {
  row: Row;
  no: string;
  total: number | null;
  bonus: number;
  score: number | null;
  keys: (number | null)[];
  digest: string;
  choices: Choice[];
  placed: Choice | null;
  position: number | null;
  major: string;
  suggestionReason: string;
  passed: boolean;
}

interface Site {
  code: string;
  row: Row;
  planned: number;
  occupied: number;
  flexible: number;
  before: number;
  room: number;
  closed: boolean;
  lines: { code: string; planned: number; used: number }[];
  flexibleFree: number;
}

const OCCUPIES = 'dispatched reading proposed return-proposed admitted registered filed'.split(' ');

const bytes = (a: string, b: string) => Buffer.from(a).compare(Buffer.from(b));

function cents(text: string | undefined): number | null {
  if (text === undefined || text === '') return null;
  return Math.round(Number(text) * 100);
}

function show(value: number | null): string {
  return value === null ? '' : String(value / 100);
}

export interface OracleResult {
  /** The lines of dispatch-detail, header first. */
  readonly detail: string;
  readonly schools: readonly {
    code: string;
    before: number;
    after: number;
    sent: string[];
    closed: boolean;
  }[];
}

export function oracle(data: Package, policy: Policy, scope: OracleScope): OracleResult {
  const rows = (name: string) => data[name] ?? [];
  const batch = policy.batches.find(each => each.id === scope.batch)!;
  const { mode, ties, majors: majorRules, bands, ratio, rounding, seed } = batch.dispatch;
  const subjects = rows('subjects').filter(row => row['city'] === scope.city);
  const here = (row: Row) => row['region'] === scope.city && row['batch'] === scope.batch;
  const stateRow = (no: string) => rows('files').find(row => row['candidate_no'] === no);
  const stateOf = (no: string) => {
    const row = stateRow(no);
    if (row) return row['state'];
    const senior = rows('senior-high').some(each => each['candidate_no'] === no);
    return senior ? 'senior-high' : 'in-pool';
  };
  const own = rows('candidates').filter(row => row['city'] === scope.city);
  const ownNos = new Set(own.map(row => row['candidate_no']));
  const allChoices = rows('choices').filter(
    row => row['batch'] === scope.batch && ownNos.has(row['candidate_no']),
  );
  const rounds = allChoices
    .map(row => Number(row['round'] || '1'))
    .filter(round => round <= scope.round);
  const effective = Math.max(0, ...rounds);

  // --- sites
  const sites = new Map<string, Site>();
  for (const row of rows('schools')) {
    const code = row['code'];
    const lines = rows('plans')
      .filter(line => here(line) && line['school'] === code)
      .sort((a, b) => bytes(a['major'], b['major']));
    const files = rows('files').filter(
      file =>
        ownNos.has(file['candidate_no']) &&
        file['school'] === code &&
        file['batch'] === scope.batch &&
        OCCUPIES.includes(file['state']),
    );
    const planned = lines.reduce((sum, line) => sum + Number(line['planned']), 0);
    const places = rows('flexible').find(each => here(each) && each['school'] === code);
    const flexible = Number(places?.['places'] ?? '0');
    const exact = planned * ratio;
    const whole = Math.floor(exact / 100);
    const left = exact - whole * 100;
    const up = rounding === 'ceil' ? left > 0 : rounding === 'half-up' && left >= 50;
    const room = whole + (up ? 1 : 0) + flexible - files.length;
    const majors = lines.map(line => ({
      code: line['major'],
      planned: Number(line['planned']),
      used: files.filter(file => file['major'] === line['major']).length,
    }));
    const over = majors.reduce((sum, line) => sum + Math.max(0, line.used - line.planned), 0);
    sites.set(code, {
      code,
      row,
      planned,
      occupied: files.length,
      flexible,
      before: room,
      room,
      closed: false,
      lines: majors,
      flexibleFree: Math.max(0, flexible - over),
    });
  }
  const statusOf = (code: string) => {
    const all = rows('school-status').filter(
      row => row['school'] === code && row['batch'] === scope.batch,
    );
    const mine = all.find(row => row['region'] === scope.city);
    return (mine ?? all.find(row => !row['region']))?.['status'] ?? 'open';
  };

  // --- people
  const features = new Map(policy.preferences.features.map(each => [each.id, each]));
  const people: Person[] = [];
  for (const row of own) {
    const no = row['candidate_no'];
    if (stateOf(no) !== 'in-pool') continue;
    if (Number(stateRow(no)?.['open_applications'] || '0') > 0) continue;
    const choices = allChoices
      .filter(each => each['candidate_no'] === no && Number(each['round'] || '1') === effective)
      .map(each => ({
        ordinal: Number(each['ordinal']),
        school: each['school'],
        majors: each['majors'].split(' ').filter(code => code !== ''),
        adjustment: each['adjustment'] === 'yes',
        reason: 'not-reached',
        barred: '',
      }))
      .sort((a, b) => a.ordinal - b.ordinal);
    if (choices.length === 0) continue;
    if (scope.school !== undefined && !choices.some(each => each.school === scope.school)) continue;
    const counted = rows('preferences')
      .filter(each => each['candidate_no'] === no && each['confirmed_by'] !== '')
      .map(each => features.get(each['feature']))
      .filter(each => each?.batches.includes(scope.batch));
    const points = counted.filter(each => each!.kind === 'bonus').map(each => each!.points);
    const ranks = counted.filter(each => each!.kind === 'priority').map(each => each!.rank);
    let bonus = 0;
    if (points.length > 0) {
      bonus =
        policy.preferences.combine === 'sum'
          ? points.reduce((sum, each) => sum + each, 0)
          : Math.max(...points);
    }
    const { cap } = policy.preferences;
    if (cap !== null && bonus > cap) bonus = cap;
    const total = cents(row['total']);
    const mark = (name: string) => {
      const code = subjects.find(each => each['name'] === name)?.['code'];
      return cents(
        rows('scores').find(each => each['candidate_no'] === no && each['subject'] === code)?.[
          'score'
        ],
      );
    };
    const keys = ties.keys.map(key => {
      if (key.kind === 'priority') return ranks.length === 0 ? null : -Math.min(...ranks);
      const marks = key.subjects.map(mark);
      if (marks.includes(null)) return null;
      return marks.reduce((sum: number, each) => sum + each!, 0);
    });
    people.push({
      row,
      no,
      total,
      bonus,
      score: total === null ? null : total + bonus,
      keys,
      digest: createHmac('sha256', seed ?? '')
        .update(no)
        .digest('hex'),
      choices,
      placed: null,
      position: null,
      major: '',
      suggestionReason: '',
      passed: false,
    });
  }

  // --- facts and rules
  const phaseDay = policy.phases.find(each => each.id === batch.phase)?.window?.[0];
  const factOf = (
    name: string,
    person: Person,
    choice: Choice,
    site: Site,
    line: Site['lines'][number] | null,
  ): number | string | boolean | null => {
    const text = (value: string | undefined) => (value ? value : null);
    const attribute = policy.attributes.find(each => `candidate.${each.name}` === name);
    if (attribute) {
      const value = text(person.row[attribute.name]);
      if (value === null) return null;
      if (attribute.type === 'number') return Number(value);
      return attribute.type === 'boolean' ? value === 'yes' : value;
    }
    if (name.startsWith('candidate.subject.')) {
      const code = subjects.find(each => name.endsWith(`.${each['name']}`))?.['code'];
      const score = rows('scores').find(
        each => each['candidate_no'] === person.no && each['subject'] === code,
      );
      return score?.['score'] ? Number(score['score']) : null;
    }
    const regionLine = policy.regionLines.find(
      each => each.region === scope.city && each.batch === scope.batch,
    );
    const schoolLine = policy.schoolLines.find(
      each => each.region === scope.city && each.batch === scope.batch && each.school === site.code,
    );
    const birth = text(person.row['birth_date']);
    const facts: Record<string, number | string | boolean | null> = {
      'candidate.no': person.no,
      'candidate.sex': text(person.row['sex']),
      'candidate.origin': text(person.row['origin']),
      'candidate.city': scope.city,
      'candidate.county': text(person.row['county']),
      'candidate.total': person.total === null ? null : person.total / 100,
      'candidate.bonus': person.bonus / 100,
      'candidate.score': person.score === null ? null : person.score / 100,
      'candidate.age':
        birth === null || phaseDay === undefined
          ? null
          : Math.floor(
              (Number(phaseDay.replaceAll('-', '')) - Number(birth.replaceAll('-', ''))) / 10000,
            ),
      'choice.ordinal': choice.ordinal,
      'choice.adjustment': choice.adjustment,
      'school.code': site.code,
      'school.kind': site.row['kind'],
      'school.owner': site.row['owner'],
      'school.region': site.row['region'],
      'school.status': statusOf(site.code),
      'line.region': regionLine ? regionLine.line / 100 : null,
      'line.school': schoolLine ? schoolLine.line / 100 : null,
      'plan.planned': line ? line.planned : site.planned,
      'plan.used': line ? line.used : site.occupied,
      'plan.free': line ? line.planned - line.used : site.planned - site.occupied,
      'plan.flexible-free': site.flexibleFree,
      'batch.id': scope.batch,
      'batch.order': batch.order,
      'batch.round': scope.round,
      'phase.id': batch.phase,
      'city.code': scope.city,
      today: scope.date,
    };
    if (line) {
      facts['major.code'] = line.code;
      const major = rows('majors').find(
        each => each['school'] === site.code && each['code'] === line.code,
      );
      facts['major.articulated'] = major?.['articulated'] === 'yes';
    }
    if (!(name in facts)) throw new Error(`the oracle does not know ${name}`);
    return facts[name];
  };
  const factsIn = (condition: Condition): string[] => {
    if ('all' in condition) return condition.all.flatMap(factsIn);
    if ('any' in condition) return condition.any.flatMap(factsIn);
    if ('not' in condition) return factsIn(condition.not);
    if ('condition' in condition) return factsIn(policy.conditions[condition.condition]);
    const { value } = condition;
    const other = typeof value === 'object' && value !== null && 'fact' in value;
    return other ? [condition.fact, (value as { fact: string }).fact] : [condition.fact];
  };
  type Look = (fact: string) => number | string | boolean | null;
  const holds = (condition: Condition, look: Look): boolean => {
    if ('all' in condition) return condition.all.every(each => holds(each, look));
    if ('any' in condition) return condition.any.some(each => holds(each, look));
    if ('not' in condition) return !holds(condition.not, look);
    if ('condition' in condition) return holds(policy.conditions[condition.condition], look);
    const left = look(condition.fact);
    const { value, operator } = condition;
    const linked = typeof value === 'object' && value !== null && 'fact' in value;
    const right = linked ? look((value as { fact: string }).fact) : value;
    if (operator === 'equal') return left === right;
    if (operator === 'notEqual') return left !== right;
    if (operator === 'in') return (right as unknown[]).includes(left);
    if (operator === 'notIn') return !(right as unknown[]).includes(left);
    if (operator === 'lessThan') return left! < right!;
    if (operator === 'lessThanInclusive') return left! <= right!;
    if (operator === 'greaterThan') return left! > right!;
    return left! >= right!;
  };
  const verdict = (rules: readonly Requirement[], look: Look): string => {
    for (const rule of rules) {
      const [from, to] = rule.valid ?? [null, null];
      if ((from !== null && scope.date < from) || (to !== null && scope.date >= to)) continue;
      const read = [...(rule.applies ? factsIn(rule.applies) : []), ...factsIn(rule.requires)];
      if (read.some(fact => look(fact) === null)) {
        if (rule.missing === 'refuse') return 'missing-data';
        continue;
      }
      if (rule.applies && !holds(rule.applies, look)) continue;
      if (!holds(rule.requires, look)) return rule.refuse;
    }
    return '';
  };

  // --- §4
  const belongs = (site: Site) =>
    batch.schools ? batch.schools.includes(site.code) : batch.kinds!.includes(site.row['kind']);
  const bar = (person: Person, choice: Choice): string => {
    const site = sites.get(choice.school);
    if (!site || !belongs(site)) return 'not-in-batch';
    if (statusOf(site.code) !== 'open') return 'school-suspended';
    const returned = (stateRow(person.no)?.['returned_by'] ?? '').split(' ');
    if (returned.includes(site.code)) return 'returned-before';
    if (site.lines.length === 0) return 'no-plan';
    if (mode !== 'lottery' && person.total === null) return 'missing-data';
    const special = policy.special.filter(rule => rule.school === site.code && rule.major === null);
    return verdict([...policy.eligibility, ...special], fact =>
      factOf(fact, person, choice, site, null),
    );
  };
  for (const person of people) {
    for (const choice of person.choices) choice.barred = bar(person, choice);
  }

  // --- rank
  const low = -1e15;
  const compare = (a: Person, b: Person): number => {
    if (mode === 'lottery') return a.digest < b.digest ? -1 : 1;
    if (a.score !== b.score) return b.score! - a.score!;
    for (const [at, key] of a.keys.entries()) {
      const difference = (b.keys[at] ?? low) - (key ?? low);
      if (difference !== 0) return difference;
    }
    return 0;
  };
  const ranked = people
    .filter(person => mode === 'lottery' || person.score !== null)
    .sort((a, b) => compare(a, b) || bytes(a.no, b.no));
  for (const person of ranked) {
    person.position =
      1 + ranked.filter(other => compare(other, person) < 0 && other !== person).length;
  }
  const order = [...ranked];
  if (mode !== 'lottery' && ties.ending === 'lottery') {
    order.sort((a, b) => compare(a, b) || (a.digest < b.digest ? -1 : 1));
  }

  // --- one school only
  const target = scope.school;
  if (target !== undefined) {
    for (const person of people) {
      for (const choice of person.choices) {
        if (choice.school === target) break;
        if (choice.barred === '' && sites.get(choice.school)!.before > 0) person.passed = true;
      }
    }
  }
  const placing = order.filter(person => !person.passed);
  const isOpen = (choice: Choice) => {
    const site = sites.get(choice.school)!;
    return (
      choice.barred === '' &&
      (target === undefined || choice.school === target) &&
      site.room > 0 &&
      !site.closed
    );
  };
  const put = (person: Person, choice: Choice) => {
    person.placed = choice;
    sites.get(choice.school)!.room -= 1;
  };
  const groupsOf = (list: Person[]): Person[][] => {
    const groups: Person[][] = [];
    for (const person of list) {
      const last = groups.at(-1);
      if (last && compare(last[0], person) === 0 && mode !== 'lottery') last.push(person);
      else groups.push([person]);
    }
    return groups;
  };

  // --- modes
  const scoreFirst = (list: Person[]) => {
    for (const group of groupsOf(list)) {
      if (mode === 'lottery' || ties.ending === 'lottery' || ties.ending === 'candidate-no') {
        for (const person of group) {
          const choice = person.choices.find(isOpen);
          if (choice) put(person, choice);
        }
      } else if (ties.ending === 'follow') {
        const picks = group.map(person => person.choices.find(isOpen));
        picks.forEach((choice, at) => {
          if (choice) put(group[at], choice);
        });
      } else {
        for (;;) {
          const picks = group.map(person => person.choices.find(isOpen));
          const over = [...sites.values()].filter(
            site => picks.filter(choice => choice?.school === site.code).length > site.room,
          );
          const picked = over.filter(site => picks.some(choice => choice?.school === site.code));
          if (picked.length === 0) {
            picks.forEach((choice, at) => {
              if (choice) put(group[at], choice);
            });
            break;
          }
          for (const site of picked) site.closed = true;
        }
      }
    }
  };
  const choiceFirst = (list: Person[]) => {
    const ordinals = new Set(list.flatMap(person => person.choices.map(each => each.ordinal)));
    for (const k of [...ordinals].sort((a, b) => a - b)) {
      for (const site of sites.values()) {
        const asking = list.filter(
          person =>
            person.placed === null &&
            person.choices.some(
              each => each.ordinal === k && each.school === site.code && each.barred === '',
            ),
        );
        if (target !== undefined && site.code !== target) continue;
        for (const group of groupsOf(asking)) {
          if (site.room <= 0 || site.closed) break;
          let taken = group;
          if (group.length > site.room) {
            if (ties.ending === 'reject-all') {
              site.closed = true;
              taken = [];
            } else if (ties.ending !== 'follow') {
              taken = group.slice(0, site.room);
            }
          }
          for (const person of taken) {
            put(person, person.choices.find(each => each.ordinal === k)!);
          }
        }
      }
    }
  };
  if (mode === 'score-first' || mode === 'lottery') scoreFirst(placing);
  else if (mode === 'choice-first') choiceFirst(placing);
  else {
    bands.forEach((bound, at) => {
      choiceFirst(
        placing.filter(
          person => person.score! >= bound && (at === 0 || person.score! < bands[at - 1]),
        ),
      );
    });
  }

  // --- reasons
  for (const person of people) {
    const below = mode === 'banded' && person.score !== null && person.score < bands.at(-1)!;
    let reached = true;
    for (const choice of person.choices) {
      const site = sites.get(choice.school);
      if (below) choice.reason = 'below-bands';
      else if (!reached) choice.reason = 'not-reached';
      else if (choice === person.placed) {
        choice.reason = 'placed';
        reached = false;
      } else if (target !== undefined && choice.school === target && person.passed) {
        choice.reason = 'earlier-choice-open';
      } else if (choice.barred !== '') choice.reason = choice.barred;
      else if (target !== undefined && choice.school !== target) {
        choice.reason = site!.before > 0 ? 'not-reached' : 'full';
      } else choice.reason = site!.closed ? 'closed-by-tie' : 'full';
    }
  }

  // --- majors
  for (const site of sites.values()) {
    const sent = ranked.filter(person => person.placed?.school === site.code);
    const lines = site.lines.map(line => ({
      ...line,
      room: Math.max(0, line.planned - line.used),
    }));
    let free = site.flexibleFree;
    const refused = (person: Person, code: string) => {
      const line = site.lines.find(each => each.code === code)!;
      const rules = policy.special.filter(rule => rule.school === site.code && rule.major === code);
      return verdict(rules, fact => factOf(fact, person, person.placed!, site, line)) !== '';
    };
    const lineOf = (person: Person, code: string | undefined) => {
      const line = lines.find(each => each.code === code);
      return line && !refused(person, line.code) ? line : undefined;
    };
    const done = new Set<Person>();
    const tryListed = (person: Person, i: number) => {
      const line = lineOf(person, person.placed!.majors[i]);
      if (done.has(person) || !line || line.room === 0) return;
      line.room -= 1;
      person.major = line.code;
      done.add(person);
    };
    const rest = (person: Person) => {
      if (done.has(person)) return;
      const listed = person.placed!.majors.map(code => lineOf(person, code)).find(each => each);
      if (free > 0 && listed) {
        free -= 1;
        person.major = listed.code;
        return;
      }
      if (!person.placed!.adjustment) {
        person.suggestionReason = 'no-adjustment';
        return;
      }
      const allowed = lines.filter(line => !refused(person, line.code));
      const roomy = allowed.find(line => line.room > 0);
      if (roomy) {
        roomy.room -= 1;
        person.major = roomy.code;
      } else if (free > 0 && allowed.length > 0) {
        free -= 1;
        person.major = allowed[0].code;
      } else {
        person.suggestionReason = allowed.length === 0 ? 'majors-refused' : 'majors-full';
      }
    };
    const most = Math.max(0, ...sent.map(person => person.placed!.majors.length));
    const places = Array.from({ length: most }, (_, at) => at);
    if (majorRules.mode === 'score-first') {
      for (const person of sent) {
        for (const i of places) tryListed(person, i);
        rest(person);
      }
    } else if (majorRules.mode === 'major-first') {
      for (const i of places) for (const person of sent) tryListed(person, i);
    } else {
      const pairs = sent.flatMap((person, rank) =>
        person.placed!.majors.map((_, i) => ({
          person,
          rank,
          i,
          value: person.score! - majorRules.gap * i,
        })),
      );
      pairs.sort((a, b) => b.value - a.value || a.i - b.i || a.rank - b.rank);
      for (const { person, i } of pairs) tryListed(person, i);
    }
    if (majorRules.mode !== 'score-first') for (const person of sent) rest(person);
  }

  // --- detail
  const lines = people
    .sort((a, b) => bytes(a.no, b.no))
    .map(person =>
      [
        person.no,
        person.placed ? 'placed' : 'unplaced',
        person.placed?.school ?? '',
        person.placed ? String(person.placed.ordinal) : '',
        person.position === null ? '' : String(person.position),
        show(person.score),
        person.major,
        person.choices.map(each => `${each.ordinal}:${each.reason}`).join(';'),
        person.suggestionReason,
      ]
        .map(value => (/[",\n\r]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value))
        .join(','),
    );
  const header =
    'candidate_no,outcome,school,ordinal,position,score,suggested_major,reasons,suggestion_reason';
  return {
    detail: `${[header, ...lines].join('\n')}\n`,
    schools: [...sites.values()]
      .filter(site => site.lines.length > 0)
      .sort((a, b) => bytes(a.code, b.code))
      .map(site => ({
        code: site.code,
        before: site.before,
        after: site.room,
        sent: ranked.filter(person => person.placed?.school === site.code).map(each => each.no),
        closed: site.closed,
      })),
  };
}
