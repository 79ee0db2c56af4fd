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
      pairQuestion(audit, ['approve-admission', 'refuse-admission'], ['propose-admission'], {
        fault: 'admission',
        sentence: '录取由提出的人自己审核。',
      }),
      pairQuestion(audit, ['approve-return', 'refuse-return'], ['propose-return'], {
        fault: 'return',
        sentence: '退档由提出的人自己审核。',
      }),
      pairQuestion(audit, ['approve-entry', 'refuse-entry'], ['enter'], {
        fault: 'entry',
        sentence: '录取在库考生由投入的人自己审核。',
      }),
      pairQuestion(audit, ['assign-number', 'refuse-number'], ['supplement'], {
        fault: 'number',
        sentence: '补录由录入的人自己审核。',
      }),
      pairQuestion(audit, ['release-list'], ['dispatch'], {
        fault: 'release',
        sentence: '投档与发档是同一人。',
      }),
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

/** The check, by a person, of what the same person made last; both of the same file. */
function pairQuestion(
  { sql }: SeasonCase,
  checks: readonly string[],
  makes: readonly string[],
  said: { readonly fault: string; readonly sentence: string },
) {
  const among = (names: readonly string[]) => `(${names.map(sql.literal).join(', ')})`;
  return {
    ...said,
    sql: `
      select c.file, c.event, c.school, c.name as act, c.actor
      from (
        select e.*, max(e.event) filter (where e.name in ${among(makes)})
          over (partition by e.file order by e.event) as made
        from events e where ${sql.of('e')} and e.file is not null ${sql.touched('e')}
          and e.name in ${among([...checks, ...makes])}) c
      join events m on ${sql.of('m')} and m.event = c.made and m.actor = c.actor
      join runs r on r.run = c.run and r.on_demand
      where c.name in ${among(checks)} and r.job not in ${among(BY_RULE)}`,
  };
}

/** Acts of schools, in which the review rules decide at once what no officer needs to see. */
const BY_RULE = ['submit-dispatch-list', 'decide-files', 'admit-from-pool', 'admit-many'];
