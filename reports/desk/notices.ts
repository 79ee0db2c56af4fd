/**
 * notices and school-notices (查看公告): what is addressed to the reader, pinned ones first, and the
 * questions whose answers the reader may see.
 */
import { visibleNotices } from '../../db/season/notices.ts';
import { visibleQuestions } from '../../db/season/questions.ts';
import { readHead } from '../head.ts';
import { enterReader } from '../reader.ts';
import { defineReport, type Report, type Section } from '../report.ts';

/** More are nobody's to read on one page. */
const QUESTIONS_MAX = 200;

const LEVELS: Readonly<Record<string, string>> = {
  province: '省级',
  city: '市级',
  county: '县区级',
  school: '学校',
};

const KINDS: Readonly<Record<string, string>> = {
  'senior-high': '普通高中',
  vocational: '中等职业学校',
  technical: '技工学校',
};

const STATES: Readonly<Record<string, string>> = {
  open: '待答复',
  answered: '已答复',
  closed: '已关闭',
};

const SECTIONS: readonly Section[] = [
  {
    id: 'notices',
    title: '公告',
    order: '置顶在前，其余按发布日期由近到远',
    empty: '没有公告。',
    columns: [
      { key: 'notice', title: '编号', type: 'integer', width: 5 },
      { key: 'pinned', title: '置顶', type: 'boolean', width: 5 },
      { key: 'title', title: '标题', type: 'text', width: 24 },
      { key: 'body', title: '正文', type: 'text', width: 60 },
      { key: 'office', title: '发布单位', type: 'text', width: 14 },
      { key: 'publishedOn', title: '发布日期', type: 'date', width: 11 },
      { key: 'levels', title: '发给', type: 'text', width: 20 },
      { key: 'kinds', title: '院校类别', type: 'text', width: 20 },
    ],
  },
  {
    id: 'questions',
    title: '问题解答',
    order: '编号由近到远',
    empty: '没有可见的问题。',
    columns: [
      { key: 'question', title: '编号', type: 'integer', width: 5 },
      { key: 'title', title: '标题', type: 'text', width: 24 },
      { key: 'body', title: '问题', type: 'text', width: 40 },
      { key: 'answer', title: '答复', type: 'text', width: 40 },
      { key: 'stateTitle', title: '状态', type: 'text', width: 8 },
      { key: 'public', title: '公开', type: 'boolean', width: 5 },
      { key: 'askedOn', title: '提问日期', type: 'date', width: 11 },
    ],
  },
];

const define = (side: Report['side'], id: string): Report =>
  defineReport({
    id,
    title: '查看公告',
    menu: '信息交流',
    side,
    withoutFindings: true,
    parameters: { type: 'object', additionalProperties: false, properties: {} },
    sections: SECTIONS,
    definitions: [{ term: '公开', meaning: '答复对全部用户公开，不显示提问院校。' }],
    async select(context) {
      const { session, season } = context;
      const about = { scope: '发给本用户的公告', businessDate: null, runs: [] };
      const head = await readHead(session, season, about);
      await enterReader(context, { id, title: '查看公告' });
      const regions = await session.query<{ code: string; name: string }>(
        `select code, name from regions where season = $1::smallint and level = 'city'`,
        [season],
      );
      const names = new Map(regions.map(row => [row.code, row.name]));
      const notices = (await visibleNotices(session, season)).map(each => ({
        notice: each.notice,
        pinned: each.pinned,
        title: each.title,
        body: each.body,
        office: each.city === '' ? '省招办' : `${names.get(each.city) ?? each.city}招办`,
        publishedOn: each.publishedOn,
        levels: each.levels.map(level => LEVELS[level] ?? level).join('、'),
        kinds: each.schoolKinds.map(kind => KINDS[kind] ?? kind).join('、'),
      }));
      const questions = (await visibleQuestions(session, season, QUESTIONS_MAX)).map(each => ({
        question: each.question,
        title: each.title,
        body: each.body,
        answer: each.answer,
        stateTitle: STATES[each.state] ?? each.state,
        public: each.public,
        askedOn: each.askedOn,
      }));
      return { head, findings: [], rows: { notices, questions } };
    },
  });

export const notices = define('office', 'notices');
export const schoolNotices = define('school', 'school-notices');
