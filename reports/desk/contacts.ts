/**
 * contacts (招生工作人员联系表, annex 2): whom to call, per city and duty. The notice has them published
 * on the platform for everybody, so no scope confines them and nothing is masked.
 */
import { readHead } from '../head.ts';
import { PARAMETERS } from '../parameters.ts';
import { policyInForce } from '../policy-words.ts';
import { enterReader } from '../reader.ts';
import {
  defineReport,
  type Parameters,
  type ReportContent,
  type Row,
  type SelectContext,
} from '../report.ts';
import { scopeWords } from '../scope-words.ts';

const ROWS = `
select coalesce(c.code, u.region) as city, coalesce(c.name, r.name) as "cityName",
  r.name as "regionName", d.position, d.title as "dutyTitle", u.person, u.sex, u.unit, u.title,
  u.phone,
  u.mobile, u.email
from users u
join lateral unnest(u.duties) as has (duty) on true
join unnest($2::text[], $3::text[]) with ordinality d (id, title, position) on d.id = has.duty
left join regions r on r.season = $1::smallint and r.code = u.region
left join regions c on c.season = $1::smallint
  and c.code = case r.level when 'county' then r.parent else r.code end
where u.side = 'office' and u.disabled_at is null
  and ($4::text is null or coalesce(c.code, u.region) = $4)
order by 1, r.level = 'county', r.code collate "C", d.position, u.user_name collate "C"`;

const SEXES: Readonly<Record<string, string>> = { M: '男', F: '女' };

export const contacts = defineReport({
  id: 'contacts',
  title: '招生工作人员联系表',
  menu: '系统管理',
  side: 'office',
  withoutFindings: true,
  parameters: {
    type: 'object',
    additionalProperties: false,
    properties: { city: PARAMETERS.city },
  },
  sections: [
    {
      id: 'contacts',
      title: '联系表',
      order: '地市、县区、职能',
      empty: '没有登记的工作人员。',
      columns: [
        { key: 'city', title: '地市代码', type: 'code', width: 8 },
        { key: 'cityName', title: '地市', type: 'text', width: 10 },
        { key: 'regionName', title: '单位所在', type: 'text', width: 10 },
        { key: 'dutyTitle', title: '职能', type: 'text', width: 10 },
        { key: 'person', title: '姓名', type: 'text', width: 10 },
        { key: 'sexTitle', title: '性别', type: 'text', width: 5 },
        { key: 'unit', title: '单位', type: 'text', width: 18 },
        { key: 'title', title: '职务', type: 'text', width: 14 },
        { key: 'phone', title: '办公电话', type: 'text', width: 14 },
        { key: 'mobile', title: '移动电话', type: 'text', width: 14 },
        { key: 'email', title: '电子邮箱', type: 'text', width: 20 },
      ],
    },
  ],
  definitions: [{ term: '职能', meaning: '附件2 的负责人、数据、投档、审核、打印管理。' }],
  select,
});

async function select(context: SelectContext, parameters: Parameters): Promise<ReportContent> {
  const { session, season } = context;
  const city = parameters['city'] === undefined ? null : String(parameters['city']);
  const scope = await scopeWords(session, season, parameters, '全省');
  const head = await readHead(session, season, { scope, businessDate: null, runs: [] });
  const duties = (await policyInForce(session, season))?.base.duties ?? [];
  const ids = duties.map(duty => duty.id);
  const titles = duties.map(duty => duty.title);
  // Read before the reader's scope is entered: whoever may read the list reads all of it.
  const found = await session.query<Row>(ROWS, [season, ids, titles, city]);
  await enterReader(context, contacts);
  const rows = found.map(row => ({ ...row, sexTitle: SEXES[String(row['sex'])] ?? '' }));
  return { head, findings: [], rows: { contacts: rows } };
}
