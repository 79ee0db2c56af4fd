/**
 * Progress 录取进度: plan, sent, proposed, admitted, registered, unfilled. One selection, from which
 * every report takes the same numbers, by whatever it is grouped.
 */
import type { Session } from '../../db/connect.ts';
import type { Column, Row } from '../report.ts';

export interface ProgressScope {
  readonly season: number;
  readonly city: string | null;
  readonly school: string | null;
  readonly batch: string | null;
  /** These schools alone; all unless told. */
  readonly schools?: readonly string[] | null;
}

/** What is counted together. */
export type ProgressGroup = 'city' | 'school' | 'major' | 'batch' | 'school-city';

/** The scope as the parameters $1 to $5 of the selection. */
export function progressValues(scope: ProgressScope): unknown[] {
  const { season, city, school, batch, schools = null } = scope;
  return [season, city, school, batch, schools];
}

const filter = (of: string) => `${of}season = $1::smallint
    and ($2::text is null or ${of}city = $2) and ($3::text is null or ${of}school = $3)
    and ($4::text is null or ${of}batch = $4)
    and ($5::text[] is null or ${of}school = any ($5))`;

/** Columns of progress that files are counted in, by their state; a file is in one at most. */
export const STATES: Readonly<Record<string, string>> = {
  reading: `'dispatched', 'reading', 'return-proposed'`,
  proposed: `'proposed', 'pending-review'`,
  admitted: `'admitted', 'registered', 'filed'`,
  registered: `'registered', 'filed'`,
};
/**
 * The columns of counts by state `n`. Files are grouped by their state and sorted into the columns
 * afterwards: a filter for each column would compare each of a million files with ten texts.
 */
const BY_STATE = Object.values(STATES)
  .map(states => `, case when state in (${states}) then n else 0 end`)
  .join('');

const LISTED = `from dispatch_lists l
  join list_items i on i.season = l.season and i.city = l.city and i.list = l.list
  where ${filter('l.')} and l.state <> 'cancelled'`;

/**
 * Lines with their files: who has a plan and nobody, and who has somebody without a plan, both
 * count. $1 season, $2 city, $3 school, $4 batch, $5 schools; null: all. Sent counts what lists
 * hold, lists that were cancelled left out; of the other columns each file is in one at most.
 *
 * @param majors whether sent is parted by major: then the items of the lists are read, else the
 *   number that each list bears, which is that of its items
 */
export function progressCells(majors = true): string {
  const sent = majors
    ? `select l.city, l.school, coalesce(i.major, ''), l.batch, 0, count(*), 0, 0, 0, 0
  ${LISTED} group by 1, 2, 3, 4`
    : `select l.city, l.school, '', l.batch, 0, sum(l.sent), 0, 0, 0, 0
  from dispatch_lists l where ${filter('l.')} and l.state <> 'cancelled'
  group by 1, 2, 4`;
  const files = `select city, school, major, batch, 0, 0${BY_STATE} from (
    select f.city, f.school, coalesce(f.major, '') as major, coalesce(f.batch, '') as batch,
      f.state, count(*) as n
    from files f where ${filter('f.')} and f.school is not null
    group by 1, 2, 3, 4, 5) f`;
  return cellsOf(`${sent} union all ${files}`);
}

function cellsOf(files: string): string {
  return `
select city, school, major, batch, sum(planned)::integer as planned,
  sum(sent)::integer as sent, sum(reading)::integer as reading,
  sum(proposed)::integer as proposed, sum(admitted)::integer as admitted,
  sum(registered)::integer as registered
from (
  select city, school, major, batch, planned, 0 as sent,
    0 as reading, 0 as proposed, 0 as admitted, 0 as registered
  from plan_lines where ${filter('')}
  union all
  ${files}) parts
group by 1, 2, 3, 4`;
}

const MEASURES = `sum(planned)::integer as planned, sum(sent)::integer as sent,
  sum(reading)::integer as reading, sum(proposed)::integer as proposed,
  sum(admitted)::integer as admitted, sum(registered)::integer as registered,
  sum(unfilled)::integer as unfilled`;

const GROUPS: Readonly<Record<ProgressGroup, string>> = {
  city: `select w.city, min(r.name) as "cityName", ${MEASURES}
    from cells w left join regions r on r.season = $1::smallint and r.code = w.city
    group by w.city order by w.city collate "C"`,
  school: `select w.school, min(s.name) as "schoolName", min(s.kind) as kind,
      min(s.owner) as owner, ${MEASURES}
    from cells w left join schools s on s.season = $1::smallint and s.code = w.school
    group by w.school order by w.school collate "C"`,
  major: `select w.school, min(s.name) as "schoolName", w.major, min(m.name) as "majorName",
      coalesce(bool_or(m.articulated), false) as articulated, ${MEASURES}
    from cells w left join schools s on s.season = $1::smallint and s.code = w.school
      left join majors m on m.season = $1::smallint and m.school = w.school and m.code = w.major
    group by w.school, w.major order by w.school collate "C", w.major collate "C"`,
  'school-city': `select w.school, min(s.name) as "schoolName", w.city, min(r.name) as "cityName",
      ${MEASURES}
    from cells w left join schools s on s.season = $1::smallint and s.code = w.school
      left join regions r on r.season = $1::smallint and r.code = w.city
    group by w.school, w.city order by w.school collate "C", w.city collate "C"`,
  batch: `select w.batch, ${MEASURES} from cells w group by w.batch order by w.batch collate "C"`,
};

/**
 * All of a scope together, without what is unfilled, which is counted line by line: for reports
 * that arrive at the same numbers by another way. The reader's scope must have been entered.
 */
export async function readProgressTotals(
  session: Session,
  scope: ProgressScope,
): Promise<Readonly<Record<keyof typeof STATES | 'planned' | 'sent', number>>> {
  const counts = Object.entries(STATES).map(
    ([key, states]) => `sum(n) filter (where state in (${states})) as ${key}`,
  );
  const sent = (await hasCounty(session))
    ? `select count(*) ${LISTED}`
    : `select sum(l.sent) from dispatch_lists l where ${filter('l.')} and l.state <> 'cancelled'`;
  const [row] = await session.query<Record<string, string | null>>(
    `select (${sent}) as sent,
       (select sum(planned) from plan_lines p where ${filter('p.')}) as planned, t.*
     from (select ${counts.join(', ')} from (
       select f.state, count(*) as n from files f
       where ${filter('f.')} and f.school is not null group by f.state) f) t`,
    progressValues(scope),
  );
  return Object.fromEntries(Object.entries(row ?? {}).map(([key, n]) => [key, Number(n ?? 0)]));
}

/** What a list bears counts its whole city; a county sees its own candidates alone. */
async function hasCounty(session: Session): Promise<boolean> {
  const [own] = await session.query<{ county: boolean }>(
    `select scope_county() is not null as county`,
  );
  return own?.county === true;
}

/** Counts, grouped; the reader's scope must have been entered. */
export async function readProgress(
  session: Session,
  scope: ProgressScope,
  group: ProgressGroup,
): Promise<Row[]> {
  return (await readProgresses(session, scope, [group]))[group];
}

/**
 * The same by several groups, each in the order of its codes. The files are read once for all of
 * them: at full size that is where the time goes.
 */
export async function readProgresses<G extends ProgressGroup>(
  session: Session,
  scope: ProgressScope,
  groups: readonly G[],
): Promise<Record<G, Row[]>> {
  const parts = groups.map(
    group => `select '${group}' as "group",
      (select jsonb_agg(to_jsonb(x)) from (${GROUPS[group]}) x) as rows`,
  );
  const majors = (groups as readonly string[]).includes('major') || (await hasCounty(session));
  const found = await session.query<{ group: G; rows: Row[] | null }>(
    `with lines as (${progressCells(majors)}), cells as materialized (${cellsFor(groups)})
     ${parts.join('\nunion all\n')}`,
    progressValues(scope),
  );
  return Object.fromEntries(found.map(({ group, rows }) => [group, rows ?? []])) as Record<
    G,
    Row[]
  >;
}

/** What is unfilled is counted line by line; after that, schools and cities need no lines. */
function cellsFor(groups: readonly ProgressGroup[]): string {
  const unfilled = 'greatest(planned - admitted, 0)';
  if (groups.some(group => group === 'major' || group === 'batch')) {
    return `select *, ${unfilled} as unfilled from lines`;
  }
  const sums = ['planned', 'sent', 'reading', 'proposed', 'admitted', 'registered'];
  return `select city, school, ${sums.map(name => `sum(${name}) as ${name}`).join(', ')},
    sum(${unfilled}) as unfilled from lines group by city, school`;
}

/** The columns that all of them share. */
export const PROGRESS_COLUMNS: readonly Column[] = [
  { key: 'planned', title: '计划', type: 'integer', unit: '人', width: 8, total: 'sum' },
  { key: 'sent', title: '投出', type: 'integer', unit: '人', width: 8, total: 'sum' },
  { key: 'reading', title: '在校', type: 'integer', unit: '人', width: 7, total: 'sum' },
  { key: 'proposed', title: '待审', type: 'integer', unit: '人', width: 7, total: 'sum' },
  { key: 'admitted', title: '录取', type: 'integer', unit: '人', width: 8, total: 'sum' },
  { key: 'registered', title: '已注册', type: 'integer', unit: '人', width: 8, total: 'sum' },
  { key: 'unfilled', title: '未完成', type: 'integer', unit: '人', width: 8, total: 'sum' },
  { key: 'rate', title: '完成率', type: 'percent', of: ['admitted', 'planned'], width: 7 },
];

export const PROGRESS_DEFINITIONS = [
  { term: '计划', meaning: '生源计划，已含经审核的增减与区域间调整；机动计划数不在内。' },
  { term: '投出', meaning: '历次投档单上的人数，已取消的投档单不计；退档后再投的，各计一次。' },
  { term: '在校', meaning: '现在院校手中、还没有决定或拟退档的档案。' },
  { term: '待审', meaning: '预录或拟录取，等待提交或审核的档案。' },
  { term: '录取', meaning: '现为录取、已注册或名册已备案的考生；第二阶段录取的也在内。' },
  { term: '未完成', meaning: '逐条计划计算：计划减录取，录取多于计划的按零计。' },
];

/** A measure's sum over rows. */
export function sumOf(rows: readonly Row[], key: string): number {
  return rows.reduce((sum, row) => sum + Number(row[key] ?? 0), 0);
}
