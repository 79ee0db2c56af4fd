/**
 * The schools that an office supervises 主管院校, wherever their students come from.
 *
 * Row-level security bounds an office by the home cities of the students, which is the other way
 * round: so the reader's function is checked in the reader's scope, which then ends, and what is
 * read is bounded by the list of schools that is settled here – never by what the reader asks for.
 * In charge is the region of the office that the school names as its supervisor; of a school that
 * names none, the province where it is of the province, a ministry or another province, else the
 * city or county it lies in. A city answers for the schools of its counties too, whose rosters it
 * files; the province for those of its own level alone.
 */
import { leaveScope } from '../../db/access/scope.ts';
import { reportError } from '../errors.ts';
import { enterReader, type Reader } from '../reader.ts';
import type { Parameters, Report, SelectContext } from '../report.ts';
import { readScopeNames } from '../scope-words.ts';

/** $2 the reader's region, $3 its level, $4 kinds; null: all (the schedule). */
const SCHOOLS = `
with charged as (
  select s.code, s.kind, coalesce(o.region, case
    when s.owner in ('province', 'ministry', 'out-of-province') or s.region is null
      then (select min(code) from regions where season = $1::smallint and level = 'province')
    else s.region end) as region
  from schools s
  left join offices o on o.season = s.season and o.code = s.supervisor
  where s.season = $1::smallint and s.kind <> 'senior-high')
select c.code from charged c
left join regions r on r.season = $1::smallint and r.code = c.region
where ($2::text is null or c.region = $2 or $3 = 'city' and r.parent = $2)
  and ($4::text[] is null or c.kind = any ($4))
order by c.code collate "C"`;

export interface Supervision extends Reader {
  /** Codes of the supervised schools; of the one that was asked for, where one was. */
  readonly schools: readonly string[];
  /** Of the reader's region; null: the schedule. */
  readonly name: string | null;
}

/**
 * Checks the reader, settles the schools and ends the reader's scope.
 *
 * @throws unknown-reader, no-report-right; outside-scope: a school that the office does not
 *   supervise
 */
export async function superviseAs(
  context: SelectContext,
  report: Pick<Report, 'id' | 'title'>,
  { school }: Parameters,
): Promise<Supervision> {
  const { session, season, actor } = context;
  const reader = await enterReader(context, report);
  const { user } = reader;
  const rows = await session.query<{ code: string }>(SCHOOLS, [
    season,
    user?.region ?? null,
    user?.level ?? null,
    user?.kinds ?? null,
  ]);
  await leaveScope(session);
  const all = rows.map(({ code }) => code);
  const [region] = await session.query<{ name: string }>(
    'select name from regions where season = $1::smallint and code = $2',
    [season, user?.region ?? null],
  );
  const name = region?.name ?? user?.region ?? null;
  if (school === undefined) return { ...reader, name, schools: all };
  if (all.includes(String(school))) return { ...reader, name, schools: [String(school)] };
  throw reportError('outside-scope', { what: `院校 ${school}`, user: actor });
}

/** 广东省主管的院校 · 中等职业学校批 */
export async function supervisionWords(
  { session, season }: SelectContext,
  name: string | null,
  { school, batch }: Parameters,
): Promise<string> {
  const whose = name === null ? '全部院校' : `${name}主管的院校`;
  const asked = {
    ...(school === undefined ? {} : { school }),
    ...(batch === undefined ? {} : { batch }),
  };
  const names = await readScopeNames(session, season, asked);
  return [whose, names.school, names.batch].filter(text => text !== null).join(' · ');
}

export const SUPERVISION_DEFINITIONS = [
  {
    term: '主管院校',
    meaning:
      '院校资料中主管单位属本级的中职（含技工）学校；未填主管单位的，省属、部属、外省的归省，' +
      '其余归所在地；市级含所辖县区主管的院校。',
  },
  { term: '生源范围', meaning: '不限：考生来自任何地市都计入。' },
];
