/**
 * unregistered (未注册考生提醒): admitted and not confirmed yet, by school, the nearest last day first;
 * after that day the sweep takes the admission back (n66 一（三）).
 */
import { confirmationDay } from '../../engine/policy/calendar.ts';
import { readHead, shanghaiTime } from '../head.ts';
import { PARAMETERS } from '../parameters.ts';
import { enterReader } from '../reader.ts';
import {
  defineReport,
  type Parameters,
  type ReportContent,
  type Row,
  type SelectContext,
} from '../report.ts';
import { streamRows } from '../row-stream.ts';
import { scopeWords } from '../scope-words.ts';

/** $2 day; $3 city; $4 school; $5, $6 in parallel: phases and the last days of their schools. */
const WAITING = `
from files f
join candidates c on c.season = f.season and c.city = f.city and c.file = f.file
left join unnest($5::text[], $6::date[]) t (phase, day) on t.phase = f.phase
left join schools s on s.season = f.season and s.code = f.school
left join majors m on m.season = f.season and m.school = f.school and m.code = f.major
cross join lateral (
  select greatest(coalesce(f.register_by, t.day), f.reopened_until) as last) l
where f.season = $1::smallint and f.state = 'admitted'
  and ($3::text is null or f.city = $3) and ($4::text is null or f.school = $4)`;

const BY_SCHOOL = `
select f.school, min(s.name) as "schoolName", l.last::text as "lastDay",
  l.last - $2::date as "daysLeft",
  count(*)::integer as candidates
${WAITING}
group by f.school, l.last
order by l.last nulls last, f.school collate "C"`;

const BY_CANDIDATE = `
select l.last::text as "lastDay", f.school, s.name as "schoolName", f.city,
  c.candidate_no as "candidateNo", c.name, c.phone, m.name as "majorName", f.since::text as since
${WAITING} and $2::date is not null
order by l.last nulls last, f.school collate "C", f.city collate "C", f.file`;

export const unregistered = defineReport({
  id: 'unregistered',
  title: '未注册考生提醒',
  menu: '数据查询',
  side: 'office',
  withoutFindings: true,
  parameters: {
    type: 'object',
    additionalProperties: false,
    properties: { city: PARAMETERS.city, school: PARAMETERS.school, date: PARAMETERS.date },
  },
  sections: [
    {
      id: 'schools',
      title: '各院校未注册人数',
      order: '截止日、院校代码',
      empty: '没有已录取而未注册的考生。',
      columns: [
        { key: 'school', title: '院校代码', type: 'code', width: 9 },
        { key: 'schoolName', title: '院校', type: 'text', width: 24 },
        { key: 'lastDay', title: '确定注册截止', type: 'date', width: 11 },
        { key: 'daysLeft', title: '剩余', type: 'integer', unit: '天', width: 6 },
        { key: 'candidates', title: '未注册', type: 'integer', unit: '人', width: 7, total: 'sum' },
      ],
    },
    {
      id: 'candidates',
      title: '未注册考生',
      order: '截止日、院校代码、地市代码',
      empty: '没有已录取而未注册的考生。',
      columns: [
        { key: 'lastDay', title: '确定注册截止', type: 'date', width: 11 },
        { key: 'school', title: '院校代码', type: 'code', width: 9 },
        { key: 'schoolName', title: '院校', type: 'text', width: 24 },
        { key: 'city', title: '生源地代码', type: 'code', width: 8 },
        { key: 'candidateNo', title: '考生号', type: 'code', width: 14 },
        { key: 'name', title: '姓名', type: 'text', width: 9, masked: 'name' },
        { key: 'phone', title: '电话', type: 'text', width: 13, masked: 'phone' },
        { key: 'majorName', title: '专业', type: 'text', width: 18 },
        { key: 'since', title: '录取日期', type: 'date', width: 11 },
      ],
    },
  ],
  definitions: [
    {
      term: '确定注册截止',
      meaning: '学校确定该生已报到的最后一日：转录的按其本人期限，重新开放的按开放的期限。',
    },
    { term: '剩余', meaning: '截止日距查询日的天数；负数为已过截止日。' },
  ],
  select,
});

async function select(context: SelectContext, parameters: Parameters): Promise<ReportContent> {
  const { session, season } = context;
  const day = String(parameters['date'] ?? shanghaiTime(context.now()).slice(0, 10));
  const { city = null, school = null } = parameters;
  const head = await readHead(session, season, {
    scope: await scopeWords(session, season, parameters),
    businessDate: day,
    runs: [],
  });
  const { policy } = await enterReader(context, unregistered, parameters);
  const phases = policy?.base.phases.map(({ id }) => id) ?? [];
  const days = phases.map(id => (policy === null ? null : confirmationDay(policy.base, id)));
  const values = [season, day, city, school, phases, days];
  const found = await session.query<Row>(BY_SCHOOL, values);
  const candidates = streamRows(session, BY_CANDIDATE, values);
  const total = found.reduce((sum, row) => sum + Number(row['candidates']), 0);
  return {
    head,
    findings: [],
    figures: [{ key: 'total', title: '未注册', type: 'integer', value: total, unit: '人' }],
    rows: { schools: found, candidates },
  };
}
