/**
 * audit_choices and audit_taken: the thresholds by which P3, P4 and P6 are comparisons.
 *
 * The *key* of a choice is the order in which a school is filled: the rank alone where the choices
 * are read from the candidate, and (band, ordinal, rank) where they are read from the school. Who
 * found a school full must stand behind the last whom it took.
 */
import type { AuditCase } from './case.ts';
import type { RulesSql } from './conditions.ts';

/** Ranks and ordinals below these fit a bigint side by side. */
const RANK_BITS = 32;
const ORDINAL_BITS = 16;

export function keySql({ batch }: AuditCase, ordinal: string, alias: string): string {
  const { mode } = batch.dispatch;
  if (mode === 'score-first' || mode === 'lottery') return `${alias}.rank::bigint`;
  const place = `((${alias}.band::bigint << ${ORDINAL_BITS}) + ${ordinal})`;
  return `((${place} << ${RANK_BITS}) + ${alias}.rank)`;
}

/**
 * Every choice with the reason it was given (out of decisions.reasons), with what bars it before
 * any rule is asked (dispatch.md §4, 1–3) and the refusal of the rules as recounted. Kept are those
 * in which a school was found full or closed, and those whose reason is not the expected one; so
 * the table is empty but for the contested when all is well.
 */
export function choicesSql(audit: AuditCase, rules: RulesSql): string {
  const { sql, audited } = audit;
  const taken = `array[${rules.taken.map(sql.literal).join(', ')}]::text[]`;
  const only = audited.school === null ? null : sql.literal(audited.school);
  return `
    with judged as (
      select c.file, c.ordinal, c.school, ${keySql(audit, 'c.ordinal', 'r')} as key, r.tie,
        coalesce(c.ordinal > r.ordinal, false) as later,
        coalesce(c.ordinal = r.ordinal and c.school = r.school, false) as placed,
        split_part(split_part(r.reasons, ';' || c.ordinal || ':', 2), ';', 1) as reason,
        ${barSql(audit)} as bar, ${rules.refusal} as refusal, s.room
      from choices c
      join audit_ranked r on r.file = c.file
      left join audit_schools s on s.school = c.school
      left join audit_before f on f.file = c.file
      where ${sql.of('c')} and c.batch = ${sql.batch} and c.round = ${sql.round}
      -- Kept apart, or every expression would be counted again wherever it is named below.
      offset 0
    ), expected as (
      select file, ordinal, school, key, tie, later, placed, reason, bar,
        case when bar is null then refusal end as refusal,
        ${only === null ? 'coalesce(bar, refusal)' : oneSchoolSql(only)} as expected
      from judged offset 0
    )
    select file, ordinal, school, key, tie, later, placed, reason, bar, refusal, expected
    from expected
    where case when later then reason <> 'not-reached'
      when placed then reason <> 'placed' or expected is not null
      else reason is distinct from expected and not (bar is null and reason = any(${taken})) end`;
}

function barSql({ batch }: AuditCase): string {
  const { mode, bands } = batch.dispatch;
  const below = `when r.score is not null and r.band = ${bands.length} then 'below-bands'`;
  return `case ${mode === 'banded' ? below : ''}
          when s.school is null then 'not-in-batch' when s.bar is not null then s.bar
          when c.school = any(f.returned_by) then 'returned-before'
          when not s.has_line then 'no-plan'
          ${mode === 'lottery' ? '' : "when r.score is null then 'missing-data'"} end`;
}

/**
 * One school only 指定院校投档: other schools are closed to new files, and who has an earlier
 * choice that is open is passed over.
 */
function oneSchoolSql(only: string): string {
  const open = `school <> ${only} and bar is null and refusal is null and room > 0`;
  const before = 'rows between unbounded preceding and 1 preceding';
  return `case
          when school = ${only} and bar is distinct from 'below-bands'
            and coalesce(
              bool_or(${open}) over (partition by file order by ordinal ${before}), false)
            then 'earlier-choice-open'
          when bar is not null or refusal is not null then coalesce(bar, refusal)
          when school <> ${only} then case when room > 0 then 'not-reached' else 'full' end end`;
}

/**
 * Per school: how many were sent, the key of the last, how many have it, and who of them is last
 * by the order of the ending.
 */
export function takenSql(audit: AuditCase): string {
  return `
    with placed as materialized (
      select r.school, ${keySql(audit, 'r.ordinal', 'r')} as key, r.tie
      from audit_ranked r where r.school is not null
    ), last as (
      select school, count(*)::integer as sent, max(key) as last_key from placed group by school
    )
    select l.school, l.sent, l.last_key, count(*)::integer as at_last,
      max(p.tie collate "C") as last_tie
    from last l join placed p on p.school = l.school and p.key = l.last_key
    group by l.school, l.sent, l.last_key`;
}
