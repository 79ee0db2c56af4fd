/**
 * admission-letter (录取通知书): a page for each admitted student, numbered per school at the moment of
 * admission. The school prints, stamps and posts it; it bears no stamp of the province (n66 附件1).
 */
import { confirmationDay } from '../../engine/policy/calendar.ts';
import type { FullPolicy } from '../../engine/policy/types.ts';
import { reportError } from '../errors.ts';
import { readHead, shanghaiTime } from '../head.ts';
import { PARAMETERS } from '../parameters.ts';
import { enterReader } from '../reader.ts';
import {
  defineReport,
  type Figure,
  type Parameters,
  type ReportContent,
  type Row,
  type SelectContext,
} from '../report.ts';
import { rosterError } from '../rosters/errors.ts';
import { rareNames } from '../rosters/roster-report.ts';
import { scopeWords } from '../scope-words.ts';
import { letterPaper } from './letter-paper.ts';

/** $2 school; $3 candidate number or null. */
const LETTERS = `
select f.letter, c.candidate_no as "candidateNo", c.name,
  case c.sex when 'M' then '男' else '女' end as sex, f.phase, f.major, m.name as "majorName",
  coalesce(m.articulated, false) as articulated, coalesce(m.college, '') as college,
  f.since::text as "admittedOn", f.register_by::text as "ownDay", c.address, c.postcode
from files f
join candidates c on c.season = f.season and c.city = f.city and c.file = f.file
left join majors m on m.season = f.season and m.school = f.school and m.code = f.major
where f.season = $1::smallint and f.school = $2 and f.state in ('admitted', 'registered', 'filed')
  and f.letter is not null and ($3::text is null or c.candidate_no = $3)
order by f.letter`;

interface Letter extends Record<string, string | number | boolean | null> {
  readonly letter: number;
  readonly candidateNo: string;
  readonly name: string;
  readonly phase: string | null;
  readonly ownDay: string | null;
}

export const admissionLetter = defineReport({
  id: 'admission-letter',
  title: '录取通知书',
  menu: '数据统计',
  side: 'school',
  parameters: {
    type: 'object',
    additionalProperties: false,
    properties: { school: PARAMETERS.school, candidate_no: PARAMETERS.candidate_no },
  },
  sections: [
    {
      id: 'letters',
      title: '录取通知书',
      order: '通知书编号',
      empty: '没有已录取的考生。',
      columns: [
        { key: 'number', title: '编号', type: 'code', width: 18 },
        { key: 'candidateNo', title: '考生号', type: 'code', width: 16 },
        { key: 'name', title: '姓名', type: 'text', width: 12, masked: 'name' },
        { key: 'sex', title: '性别', type: 'text', width: 5 },
        { key: 'major', title: '专业代码', type: 'code', width: 9 },
        { key: 'majorName', title: '录取专业', type: 'text', width: 20 },
        { key: 'articulated', title: '三二分段', type: 'boolean', width: 8 },
        { key: 'college', title: '对接高职', type: 'text', width: 20 },
        { key: 'admittedOn', title: '录取日期', type: 'date', width: 11 },
        { key: 'registerBy', title: '注册截止', type: 'date', width: 11 },
        { key: 'address', title: '邮寄地址', type: 'text', width: 30 },
        { key: 'postcode', title: '邮编', type: 'code', width: 8 },
      ],
    },
  ],
  definitions: [
    {
      term: '编号',
      meaning: '录取时按学校编定；重新录取的另编新号，原通知书作废。',
    },
  ],
  paper: letterPaper,
  select,
});

async function select(context: SelectContext, parameters: Parameters): Promise<ReportContent> {
  const { session, season } = context;
  const head = await readHead(session, season, {
    scope: '本校已录取的考生',
    businessDate: shanghaiTime(context.now()).slice(0, 10),
    runs: [],
  });
  const { user, policy } = await enterReader(context, admissionLetter, parameters);
  const school = String(parameters['school'] ?? user?.school ?? '');
  if (policy === null) throw reportError('outside-scope', { what: '通知书', user: context.actor });
  const candidate = parameters['candidate_no'] ?? null;
  const letters = await session.query<Letter>(LETTERS, [season, school, candidate]);
  if (candidate !== null && letters.length === 0) {
    throw rosterError('not-admitted', { candidate, school });
  }
  const where = await scopeWords(session, season, { school });
  const whom = candidate === null ? '已录取的考生' : `考生 ${candidate}`;
  return {
    head: { ...head, scope: `${where} · ${whom}` },
    findings: rareNames(letters),
    figures: [...(await schoolFigures(context, school)), documentsFigure(policy.base)],
    rows: { letters: letters.map(each => letterRow(each, policy.base, season, school)) },
    unmasked: true, // the school writes to its own students
  };
}

function letterRow(letter: Letter, policy: FullPolicy, season: number, school: string): Row {
  const { phase, ownDay } = letter;
  return {
    ...letter,
    number: `${season}-${school}-${String(letter.letter).padStart(5, '0')}`,
    registerBy: ownDay ?? registrationDay(policy, phase),
  };
}

/** The students' own last day; null: not announced. */
function registrationDay(policy: FullPolicy, phase: string | null): string | null {
  if (phase === null) return null;
  const day = policy.deadlines.find(({ id }) => id === `${phase}-registration`)?.date;
  return day ?? confirmationDay(policy, phase);
}

/** What the policy says students bring; nothing where it says nothing. */
function documentsFigure({ values }: FullPolicy): Figure {
  const value = values.find(({ id }) => id === 'letter-documents')?.value;
  const text = typeof value === 'string' ? value : null;
  return { key: 'documents', title: '报到须带', type: 'text', value: text };
}

const SCHOOL = `
select s.name, coalesce(d.address, '') as address, coalesce(d.postcode, '') as postcode,
  coalesce(d.contact, '') as contact, coalesce(d.phone, '') as phone,
  coalesce(d.website, '') as website
from schools s left join school_details d on d.season = s.season and d.school = s.code
where s.season = $1::smallint and s.code = $2`;

const SCHOOL_TITLES = {
  name: '院校',
  address: '地址',
  postcode: '邮编',
  contact: '联系人',
  phone: '电话',
  website: '网址',
} as const;

async function schoolFigures(
  { session, season }: SelectContext,
  school: string,
): Promise<Figure[]> {
  const [row] = await session.query<Record<string, string>>(SCHOOL, [season, school]);
  return Object.entries(SCHOOL_TITLES).map(([key, title]) => {
    const value = row?.[key] ?? '';
    return { key, title, type: 'text', value: value === '' ? null : value };
  });
}
