/** The tables of the run report, and what their words mean. */
import type { Column, Definition, Section } from '../report.ts';

const CITY: readonly Column[] = [
  { key: 'city', title: '地市代码', type: 'code', width: 8 },
  { key: 'cityName', title: '地市', type: 'text', width: 10 },
  { key: 'batch', title: '批次', type: 'text', width: 12 },
  { key: 'round', title: '轮次', type: 'integer', width: 5 },
];

const people = (key: string, title: string): Column => ({
  key,
  title,
  type: 'integer',
  width: 7,
  total: 'sum',
});

const LOWEST: Column = { key: 'lowest', title: '最低分', type: 'hundredths', width: 7 };
const ORDINAL: Column = { key: 'ordinal', title: '最后志愿序号', type: 'integer', width: 6 };
const FILL: Column = {
  key: 'fill',
  title: '投满率',
  type: 'percent',
  width: 7,
  of: ['filled', 'room'],
};

export const CITIES: Section = {
  id: 'cities',
  title: '各市投档情况',
  order: '地市代码、批次、轮次',
  empty: '没有完成的投档。',
  note: '合计的最低分不列：各市满分不同，不能相比。',
  columns: [
    ...CITY,
    { ...people('schools', '有计划的院校'), unit: '所' },
    people('planned', '计划'),
    people('flexible', '机动'),
    people('room', '可投人数'),
    people('participants', '参加投档'),
    people('sent', '投出'),
    people('unplaced', '未投出'),
    FILL,
    people('unfilled', '缺额'),
    people('overrun', '同分超出'),
    LOWEST,
    ORDINAL,
  ],
  chart: {
    kind: 'bar',
    title: '各市投满率（可投人数中已投出的百分比）',
    category: 'cityName',
    values: ['fill'],
  },
};

export const VERSIONS: Section = {
  id: 'versions',
  title: '政策版本与校验值',
  order: '地市代码、批次、轮次',
  empty: '没有完成的投档。',
  note: '任何人可用 zhongzhao export 与 zhongzhao recompute 重算；结果校验值应与此相同。',
  columns: [
    ...CITY,
    { key: 'run', title: '运行', type: 'integer', width: 6 },
    { key: 'policyVersion', title: '政策版本', type: 'integer', width: 6 },
    { key: 'baseHash', title: '政策校验值', type: 'hash', width: 14 },
    { key: 'overlayHash', title: '本市设置校验值', type: 'hash', width: 14 },
    { key: 'inputHash', title: '输入校验值', type: 'hash', width: 14 },
    { key: 'resultHash', title: '结果校验值', type: 'hash', width: 14 },
  ],
};

export const SCHOOLS: Section = {
  id: 'schools',
  title: '各院校投档情况',
  order: '地市代码、批次、轮次、院校代码',
  empty: '没有完成的投档。',
  columns: [
    ...CITY,
    { key: 'school', title: '院校代码', type: 'code', width: 9 },
    { key: 'schoolName', title: '院校', type: 'text', width: 22 },
    people('planned', '计划'),
    people('flexible', '机动'),
    { key: 'roomBefore', title: '投档前空位', type: 'integer', width: 7 },
    people('sent', '投出'),
    people('unfilled', '缺额'),
    people('overrun', '同分超出'),
    LOWEST,
    ORDINAL,
    { key: 'closed', title: '因同分停投', type: 'boolean', width: 6 },
    { key: 'list', title: '投档单号', type: 'integer', width: 6 },
  ],
};

export const ORDINALS: Section = {
  id: 'ordinals',
  title: '按志愿序号',
  order: '志愿序号',
  empty: '没有考生投出。',
  columns: [
    { key: 'ordinalTitle', title: '志愿', type: 'text', width: 10 },
    { ...people('sent', '投出'), unit: '人' },
    {
      key: 'share',
      title: '占投出人数',
      type: 'percent',
      of: ['sent', 'allSent'],
      sharesWhole: true,
    },
  ],
  chart: {
    kind: 'column',
    title: '考生由第几志愿投出（人）',
    category: 'ordinalTitle',
    values: ['sent'],
  },
};

export const REASONS: Section = {
  id: 'reasons',
  title: '志愿的结果与理由',
  order: '志愿数，由多到少',
  empty: '没有志愿。',
  note: '一个志愿计一次；每名考生每个志愿都有一个理由。',
  columns: [
    { key: 'reason', title: '理由', type: 'text', width: 30 },
    { key: 'code', title: '代码', type: 'code', width: 20 },
    { ...people('choices', '志愿数'), unit: '个' },
    {
      key: 'share',
      title: '占全部志愿',
      type: 'percent',
      of: ['choices', 'allChoices'],
      sharesWhole: true,
    },
  ],
  chart: {
    kind: 'bar',
    title: '志愿的结果与理由（个）',
    category: 'reason',
    values: ['choices'],
  },
};

export const SCORES: Section = {
  id: 'scores',
  title: '投档分分布',
  order: '投档分，由低到高',
  empty: '没有有分数的考生。',
  columns: [
    { key: 'lower', title: '分数段下限', type: 'hundredths', unit: '分' },
    { key: 'upper', title: '上限，不含', type: 'hundredths', unit: '分', width: 12 },
    { ...people('participants', '参加投档'), unit: '人' },
    { ...people('sent', '投出'), unit: '人' },
    { ...people('unplaced', '未投出'), unit: '人' },
  ],
  chart: {
    kind: 'histogram',
    title: '投档分分布：投出与未投出（人），及分数线',
    lower: 'lower',
    upper: 'upper',
    values: ['sent', 'unplaced'],
  },
};

export const RUNS: Section = {
  id: 'runs',
  title: '做了什么',
  order: '运行编号',
  empty: '这一天没有运行。',
  columns: [
    { key: 'run', title: '运行', type: 'integer', width: 6 },
    { key: 'job', title: '作业', type: 'text', width: 12 },
    { key: 'place', title: '范围', type: 'text', width: 30 },
    { key: 'state', title: '状态', type: 'text', width: 10 },
    { key: 'attempt', title: '第几次', type: 'integer', width: 6 },
    { key: 'started', title: '开始', type: 'text', width: 9 },
    { key: 'lasted', title: '用时', type: 'hundredths', unit: '秒', width: 8 },
    { key: 'counts', title: '数量', type: 'text', width: 40 },
  ],
};

export const RUN_DEFINITIONS: readonly Definition[] = [
  { term: '参加投档', meaning: '档案在库、在本批次有志愿、没有未结申请的考生。' },
  {
    term: '可投人数',
    meaning: '计划 × 投档比例，按规定取整，加机动计划，减已占用名额；小于零的按零计。',
  },
  { term: '投满率', meaning: '可投人数中已投出的百分比；同分跟进而超出的不计入。' },
  { term: '缺额', meaning: '投档后仍空着的可投人数。' },
  { term: '同分超出', meaning: '因同分跟进，多于可投人数投出的人数。' },
  { term: '最低分', meaning: '投出考生中最低的投档分（总分加照顾加分）。' },
  { term: '最后志愿序号', meaning: '投出考生所用的志愿中，序号最大的一个。' },
  { term: '校验值', meaning: 'SHA-256；同样的输入、政策和种子，在任何机器上得到同样的校验值。' },
];
