/**
 * P9: maker ≠ checker. Who confirms a proposal has not made it; who decides on an application, an
 * entry, a number, an admission or a return has not asked for it. What a rule has decided has no
 * checker: it stands in the run of the act that it followed.
 */
import { ask } from '../audit/property.ts';
import type { SeasonCase } from './season-case.ts';
import type { SeasonProperty } from './season-property.ts';

export const seasonP09: SeasonProperty = {
  id: 'P9',
  title: '经办人与复核人不是同一人',
  shared: audit => ({ name: 'paired', sql: pairedSql(audit) }),
  questions: audit => {
    const { sql } = audit;
    return [
      {
        fault: 'proposal',
        sentence: '提出与确认是同一人。',
        sql: `select proposal, function, school, proposed_by, confirmed_by from proposals
          where ${sql.here} and state = 'confirmed'
            and (confirmed_by is null or confirmed_by = proposed_by)`,
      },
      {
        fault: 'application',
        sentence: '申请由申请人自己审核。',
        sql: `select application, kind, school, opened_by, first_by, decided_by
          from applications where ${sql.here} and state in ('approved', 'refused', 'used')
            and coalesce(decision, '') = '' and kind <> 'flexible'
            and (decided_by = opened_by or first_by = opened_by or first_by = decided_by)`,
      },
      ...PAIRS.map(pair => pairQuestion(audit, pair)),
    ];
  },
  province: audit =>
    ask(audit, [
      {
        fault: 'proposal',
        sentence: '提出与确认是同一人。',
        sql: `select proposal, function, school, proposed_by, confirmed_by from proposals
          where ${audit.sql.here} and state = 'confirmed'
            and (confirmed_by is null or confirmed_by = proposed_by)`,
      },
    ]),
};

/** What is checked, and what it checks. */
interface Pair {
  readonly checks: readonly string[];
  readonly make: string;
  readonly fault: string;
  readonly sentence: string;
}

const PAIRS: readonly Pair[] = [
  {
    checks: ['approve-admission', 'refuse-admission'],
    make: 'propose-admission',
    fault: 'admission',
    sentence: '录取由提出的人自己审核。',
  },
  {
    checks: ['approve-return', 'refuse-return'],
    make: 'propose-return',
    fault: 'return',
    sentence: '退档由提出的人自己审核。',
  },
  {
    checks: ['approve-entry', 'refuse-entry'],
    make: 'enter',
    fault: 'entry',
    sentence: '录取在库考生由投入的人自己审核。',
  },
  {
    checks: ['assign-number', 'refuse-number'],
    make: 'supplement',
    fault: 'number',
    sentence: '补录由录入的人自己审核。',
  },
  {
    checks: ['release-list'],
    make: 'dispatch',
    fault: 'release',
    sentence: '投档与发档是同一人。',
  },
];

/** Everything that checks or is checked. */
function pairedSql({ sql }: SeasonCase): string {
  const names = PAIRS.flatMap(({ checks, make }) => [...checks, make]);
  return `
    select e.event, e.file, e.school, e.name, e.actor, e.run from events e
    where ${sql.of('e')} and e.file is not null ${sql.touched('e')}
      and e.name in (${names.map(sql.literal).join(', ')})`;
}

/** The check, by a person, of what the same person made last; both of the same file. */
function pairQuestion({ sql }: SeasonCase, { checks, make, fault, sentence }: Pair) {
  const among = (names: readonly string[]) => `(${names.map(sql.literal).join(', ')})`;
  return {
    ...{ fault, sentence },
    sql: `
      select c.file, c.event, c.school, c.name as act, c.actor
      from (
        select e.*, max(e.event) filter (where e.name = ${sql.literal(make)})
          over (partition by e.file order by e.event) as made
        from paired e where e.name in ${among([...checks, make])}) c
      join paired m on m.event = c.made and m.actor = c.actor
      join runs r on r.run = c.run and r.on_demand
      where c.name in ${among(checks)} and r.job not in ${among(BY_RULE)}`,
  };
}

/** Acts of schools, in which the review rules decide at once what no officer needs to see. */
const BY_RULE = ['submit-dispatch-list', 'decide-files', 'admit-from-pool', 'admit-many'];
