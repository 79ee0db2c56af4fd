/**
 * P5: nobody below a line, failing a condition, admitted by a senior high, held or unnumbered was
 * dispatched. Approval papers dispatch by hand, never in a run, so no exception is made here.
 */
import type { Condition, Policy } from '../../../engine/policy/types.ts';
import type { AuditCase } from './case.ts';
import { ask, type Property, type Question } from './property.ts';

export const p05: Property = {
  id: 'P5',
  title: '不符合条件者不投档',
  find: audit => {
    const { sql } = audit;
    const placed = `${sql.of('d')} and d.run = ${sql.run} and d.school is not null`;
    return ask(audit, [
      {
        fault: 'not-in-pool',
        sentence: '投档时档案不在库（普高已录、挂起、已在院校等）或有未结申请。',
        sql: `select d.file, d.candidate_no, d.school, b.state, b.open_applications
          from decisions d join audit_before b using (file)
          where ${placed} and (b.state <> 'in-pool' or b.open_applications > 0)`,
      },
      {
        fault: 'senior-high',
        sentence: '已被普通高中录取的考生被投档。',
        sql: `select d.file, d.candidate_no, d.school from decisions d
          join senior_high_admissions h on ${sql.of('h')} and h.file = d.file
          where ${placed} and not exists (select from events e where ${sql.of('e')}
            and e.file = d.file and e.name = 'senior-high-release')`,
      },
      {
        fault: 'unnumbered',
        sentence: '没有考生号或没有考生资料的档案被投档。',
        sql: `select d.file, d.school from decisions d
          left join candidates k on ${sql.of('k')} and k.file = d.file
          where ${placed} and k.candidate_no is null`,
      },
      {
        fault: 'not-own-choice',
        sentence: '投入了考生没有填报的院校。',
        sql: `select d.file, d.candidate_no, d.school, d.ordinal from decisions d
          where ${placed} and not exists (select from choices c where ${sql.of('c')}
            and c.batch = ${sql.batch} and c.round = ${sql.round} and c.file = d.file
            and c.ordinal = d.ordinal and c.school = d.school)`,
      },
      {
        fault: 'condition',
        sentence: '不符合投档条件的考生被投档。',
        sql: `select c.file, c.ordinal, c.school, c.reason, c.expected as condition
          from audit_choices c where c.placed`,
      },
      ...lineQuestions(audit),
    ]);
  },
};

/** Lines straight from the policy's values, where a rule in force demands them of everybody. */
function lineQuestions({ policy, audited, sql }: AuditCase): Question[] {
  const here = (line: { region: string; batch: string }) =>
    line.region === audited.city && line.batch === audited.batch;
  const below = (bounds: string) => `
    select r.file, r.candidate_no, r.school, r.score, v.line from audit_ranked r
    join (values ${bounds}) v (school, line) on v.school = r.school where r.score < v.line`;
  const questions: Question[] = [];
  const region = policy.regionLines.find(here);
  if (region !== undefined && demands(policy, 'line.region', audited.businessDate)) {
    questions.push({
      fault: 'below-region-line',
      sentence: '低于区域分数线的考生被投档。',
      sql: `select file, candidate_no, school, score, ${region.line} as line from audit_ranked
        where school is not null and score < ${region.line}`,
    });
  }
  const schools = policy.schoolLines
    .filter(here)
    .map(({ school, line }) => `(${sql.literal(school)}, ${line})`);
  if (schools.length > 0 && demands(policy, 'line.school', audited.businessDate)) {
    questions.push({
      fault: 'below-school-line',
      sentence: '低于院校区域分数线的考生被投档。',
      sql: below(schools.join(', ')),
    });
  }
  return questions;
}

/** Does a rule without `applies` demand, alone or beside others, score ≥ this line? */
function demands(policy: Policy, line: string, date: string): boolean {
  const isDemand = (atom: Condition) =>
    'fact' in atom &&
    atom.fact === 'candidate.score' &&
    atom.operator === 'greaterThanInclusive' &&
    typeof atom.value === 'object' &&
    atom.value !== null &&
    'fact' in atom.value &&
    atom.value.fact === line;
  return policy.eligibility.some(
    ({ applies, requires, valid }) =>
      applies === null &&
      (valid === null || ((valid[0] ?? date) <= date && (valid[1] === null || date < valid[1]))) &&
      (isDemand(requires) || ('all' in requires && requires.all.some(isDemand))),
  );
}
