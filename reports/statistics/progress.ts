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

const FILE_COUNTS = `
    count(*) filter (where f.state in ('dispatched', 'reading', 'return-proposed')),
    count(*) filter (where f.state in ('proposed', 'pending-review')),
    count(*) filter (where f.state in ('admitted', 'registered', 'filed')),
    count(*) filter (where f.state in ('registered', 'filed'))`;

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
  const files = `select f.city, f.school, coalesce(f.major, ''), coalesce(f.batch, ''), 0, 0,
    ${FILE_COUNTS}
  from files f where ${filter('f.')} and f.school is not null
  group by 1, 2, 3, 4`;
  return cellsOf({}, `${sent} union all ${files}`);
}

/**
 * The same cells, parted by what the candidates are, of which plan lines say nothing (null there).
 * Lists and files meet their candidates in one join: reading those is what takes time.
 *
 * @param people name → SQL over a candidate `c`
 * @param majors false: all majors of a school are one cell
 */
export function peopleCells(people: Readonly<Record<string, string>>, majors: boolean): string {
  const own = Object.entries(people).map(([name, sql]) => `, ${sql} as ${name}`);
  const places = own.map((_, at) => `, ${5 + at}`).join('');
  const majorOf = (sql: string) => (majors ? `coalesce(${sql}, '')` : `''`);
  const files = `select f.city, f.school, f.major, f.batch${own.join('')}, 0,
    count(*) filter (where f.state = ''), ${FILE_COUNTS}
  from (
    select l.city, i.file, l.school, ${majorOf('i.major')} as major, l.batch, '' as state ${LISTED}
    union all
    select f.city, f.file, f.school, ${majorOf('f.major')}, coalesce(f.batch, ''), f.state
    from files f where ${filter('f.')} and f.school is not null) f
  join candidates c on c.season = $1::smallint and c.city = f.city and c.file = f.file
  group by 1, 2, 3, 4${places}`;
  return cellsOf(people, files);
}

function cellsOf(people: Readonly<Record<string, string>>, files: string): string {
  const names = Object.keys(people);
  const each = (text: (name: string) => string) => names.map(name => `, ${text(name)}`).join('');
  const places = names.map((_, at) => `, ${5 + at}`).join('');
  return `
select city, school, major, batch${each(name => name)}, sum(planned)::integer as planned,
  sum(sent)::integer as sent, sum(reading)::integer as reading,
  sum(proposed)::integer as proposed, sum(admitted)::integer as admitted,
  sum(registered)::integer as registered
from (
  select city, school, major, batch${each(name => `null as ${name}`)}, planned, 0 as sent,
    0 as reading, 0 as proposed, 0 as admitted, 0 as registered
  from plan_lines where ${filter('')}
  union all
  ${files}) parts
group by 1, 2, 3, 4${places}`;
}

const MEASURES = `sum(planned)::integer as planned, sum(sent)::integer as sent,
  sum(reading)::integer as reading, sum(proposed)::integer as proposed,
  sum(admitted)::integer as admitted, sum(registered)::integer as registered,
  sum(greatest(planned - admitted, 0))::integer as unfilled`;

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
  // What a list bears counts its whole city; a county sees its own candidates alone.
  const [own] = await session.query<{ county: boolean }>(
    `select scope_county() is not null as county`,
  );
  const majors = (groups as readonly string[]).includes('major') || own?.county === true;
  const cells = progressCells(majors);
  const found = await session.query<{ group: G; rows: Row[] | null }>(
    `with cells as materialized (${cells}) ${parts.join('\nunion all\n')}`,
    progressValues(scope),
  );
  return Object.fromEntries(found.map(({ group, rows }) => [group, rows ?? []])) as Record<
    G,
    Row[]
  >;
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
