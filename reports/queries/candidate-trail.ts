/**
 * candidate-trail (考生轨迹查询): every event of a candidate's file – when, what, from where to where,
 * by whom, in which run, under which version of the policy, by which rule.
 */
import { SCHEDULE } from '../../db/access/users.ts';
import { readsOfCandidate } from '../../db/season/report-reads.ts';
import { EVENT_BY_NAME } from '../../engine/file/events.ts';
import { isFileState, STATE_TITLES } from '../../engine/file/states.ts';
import { reportError } from '../errors.ts';
import { readHead } from '../head.ts';
import { PARAMETERS } from '../parameters.ts';
import { ruleTitles } from '../policy-words.ts';
import { enterReader } from '../reader.ts';
import {
  defineReport,
  type Parameters,
  type ReportContent,
  type Row,
  type SelectContext,
} from '../report.ts';
import { readStanding } from './candidate-rows.ts';
import { standingFigures } from './standing.ts';

const EVENTS = `
select e.event, to_char(e.at at time zone 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI:SS') as at,
  e.business_date::text as date, e.name, e.from_state as "from", e.to_state as "to", e.school,
  s.name as "schoolName", e.major, e.actor, e.run, e.list, b.version as "baseVersion",
  left(v.overlay_hash, 12) as overlay, e.decision, e.phase
from events e
left join schools s on s.season = e.season and s.code = e.school
left join policy_versions v on v.id = e.policy
left join policy_bases b on b.hash = v.base_hash
where e.season = $1::smallint and e.city = $2 and e.file = $3 order by e.event`;

/** Reports about one candidate, by their titles. */
const OF_ONE: Readonly<Record<string, string>> = {
  'candidate-outcome': '考生去向查询',
  'candidate-trail': '考生轨迹查询',
  'candidate-record': '考生电子档案',
  'admission-letter': '录取通知书',
  'candidate-whereabouts': '查看考生去向',
};

/** Older ones are in the table report_reads. */
const READS_SHOWN_MAX = 200;

export const candidateTrail = defineReport({
  id: 'candidate-trail',
  title: '考生轨迹查询',
  menu: '数据查询',
  side: 'office',
  withoutFindings: true,
  parameters: {
    type: 'object',
    additionalProperties: false,
    required: ['candidate_no'],
    properties: { candidate_no: PARAMETERS.candidate_no },
  },
  sections: [
    {
      id: 'events',
      title: '轨迹',
      order: '先后',
      empty: '该考生的档案导入之后没有变动。',
      columns: [
        { key: 'event', title: '事件号', type: 'integer', width: 7 },
        { key: 'at', title: '时间', type: 'text', width: 19 },
        { key: 'title', title: '事项', type: 'text', width: 14 },
        { key: 'fromTitle', title: '由', type: 'text', width: 10 },
        { key: 'toTitle', title: '至', type: 'text', width: 10 },
        { key: 'school', title: '院校代码', type: 'code', width: 9 },
        { key: 'schoolName', title: '院校', type: 'text', width: 20 },
        { key: 'major', title: '专业代码', type: 'code', width: 8 },
        { key: 'actor', title: '经办', type: 'text', width: 14 },
        { key: 'run', title: '运行', type: 'integer', width: 6 },
        { key: 'list', title: '投档单', type: 'integer', width: 6 },
        { key: 'baseVersion', title: '政策版本', type: 'integer', width: 7 },
        { key: 'overlay', title: '本市设置', type: 'code', width: 13 },
        { key: 'decision', title: '所依规则', type: 'text', width: 22 },
      ],
    },
    {
      id: 'reads',
      title: '查阅记录',
      order: '最近的在前',
      empty: '没有人查阅过该考生的资料。',
      columns: [
        { key: 'at', title: '时间', type: 'text', width: 19 },
        { key: 'reader', title: '查阅人', type: 'text', width: 14 },
        { key: 'report', title: '报表', type: 'text', width: 20 },
        { key: 'inFull', title: '姓名证件号全文', type: 'boolean', width: 8 },
        { key: 'purpose', title: '用途', type: 'text', width: 30 },
      ],
    },
  ],
  definitions: [
    { term: '经办', meaning: '办理人的用户名；系统按日程办理的为“夜间作业”。' },
    { term: '所依规则', meaning: '决定此事的规则；由人员办理、不由规则决定的为空。' },
    { term: '本市设置', meaning: '当时生效的本市设置的内容哈希（前 12 位）。' },
  ],
  select,
});

async function select(context: SelectContext, parameters: Parameters): Promise<ReportContent> {
  const { session, season } = context;
  const candidate = String(parameters['candidate_no']);
  const head = await readHead(session, season, {
    scope: `考生 ${candidate}`,
    businessDate: null,
    runs: [],
  });
  // The province's own: read before the scope is entered, shown once it has been checked.
  const reads = await readsOfCandidate(session, season, candidate, READS_SHOWN_MAX);
  const { user, policy } = await enterReader(context, candidateTrail, parameters);
  const standing = await readStanding(session, season, candidate);
  if (user !== null && user.cities !== 'all' && !user.cities.includes(standing.city)) {
    throw reportError('outside-scope', { what: `考生 ${candidate}`, user: user.user });
  }
  const events = await session.query<Row>(EVENTS, [season, standing.city, standing.file]);
  const titles = ruleTitles(policy?.ofCity(standing.city) ?? null);
  return {
    head: { ...head, scope: `${standing.cityName} · 考生 ${candidate}` },
    findings: [],
    figures: standingFigures(standing, undefined),
    rows: {
      events: events.map(row => inWords(row, titles)),
      reads: reads.map(line => ({ ...line, report: OF_ONE[line.report] ?? line.report })),
    },
  };
}

function inWords(row: Row, titles: ReadonlyMap<string, string>): Row {
  const name = String(row['name']);
  return {
    ...row,
    actor: row['actor'] === SCHEDULE ? '夜间作业' : row['actor'],
    decision: rulesIn(String(row['decision'] ?? ''), titles),
    title: EVENT_BY_NAME.get(name)?.title ?? name,
    fromTitle: stateTitle(row['from']),
    toTitle: stateTitle(row['to']),
  };
}

/** Of several rules all; null: the act of a person. */
function rulesIn(decision: string, titles: ReadonlyMap<string, string>): string | null {
  const named = decision.split(' ').flatMap(id => titles.get(id) ?? []);
  return named.length === 0 ? null : named.join('、');
}

function stateTitle(state: unknown): string {
  if (state === null || state === undefined) return '';
  const text = String(state);
  return isFileState(text) ? STATE_TITLES[text] : text;
}
