/** 审核、核查、职能、夜间作业: who does what, and what is done by itself. */
import type { Block, Chapter } from './book.ts';
import { batchTitle } from './dispatch-chapters.ts';
import type { Reading } from './reading.ts';
import { actionBlocks, type RuleWords } from './rule-blocks.ts';
import { basisWords, choiceText } from './words.ts';

export function reviewsChapter(reading: Reading, words: RuleWords): Chapter {
  const reasons = reading.at('return-reasons').entries();
  const rows = reasons.map(reason => [
    `${reason.text('title')}（${reason.text('id')}）`,
    basisWords(words.policy, reason.text('basis')),
  ]);
  return {
    id: 'reviews',
    title: '审核',
    blocks: [
      { kind: 'heading', text: '规定的退档理由' },
      {
        kind: 'table',
        columns: [{ title: '理由', weight: 2 }, { title: '依据' }],
        rows,
      },
      { kind: 'heading', text: '自动审核的规则' },
      ...actionBlocks(words.policy.reviews, reading.at('rules'), words),
      { kind: 'heading', text: '院校是否审核' },
      ...schoolReviewBlocks(reading.at('schools').entries(), words),
    ],
  };
}

export function schoolReviewBlocks(schools: readonly Reading[], words: RuleWords): Block[] {
  if (schools.length === 0) return [{ kind: 'text', text: '没有另设，依规则办理。' }];
  const rows = schools.map(each => [
    each.text('school'),
    batchTitle(each.text('batch'), words.policy),
    reviewText(each.text('plan-changes')),
    reviewText(each.text('files')),
    basisWords(words.policy, each.text('basis')),
  ]);
  const columns = [
    { title: '院校' },
    { title: '批次', weight: 1.5 },
    { title: '计划变更' },
    { title: '录取与退档' },
    { title: '依据', weight: 1.5 },
  ];
  return [{ kind: 'table', columns, rows }];
}

function reviewText(value: string): string {
  if (value === '') return '依规则';
  return value === 'yes' || value === 'true' ? '须审核' : '不审核';
}

export function findingsChapter(reading: Reading, { policy }: RuleWords): Chapter {
  const rows = reading
    .at('findings')
    .entries()
    .map(each => [
      each.text('property'),
      each.text('title'),
      choiceText('severity', each.text('severity')),
      choiceText('stops', each.text('stops')),
      basisWords(policy, each.text('basis')),
    ]);
  const columns = [
    { title: '编号', weight: 0.6 },
    { title: '性质', weight: 2.4 },
    { title: '严重程度', weight: 0.9 },
    { title: '不成立时', weight: 1.8 },
    { title: '依据', weight: 1.3 },
  ];
  return { id: 'findings', title: '核查', blocks: [{ kind: 'table', columns, rows }] };
}

/** Duties × functions: whoever signs sees at a glance what a duty may not do. */
export function dutiesChapter(reading: Reading, { policy, titles }: RuleWords): Chapter {
  const duties = reading
    .at('duties')
    .entries()
    .map(each => ({
      id: each.text('id'),
      title: each.text('title'),
      side: each.text('side'),
      basis: basisWords(policy, each.text('basis')),
      functions: each.texts('functions'),
    }));
  const blocks: Block[] = [
    {
      kind: 'table',
      columns: [
        { title: '职能', weight: 1.6 },
        { title: '一侧', weight: 0.8 },
        { title: '功能数', weight: 0.6, align: 'right' },
        { title: '依据', weight: 1.6 },
      ],
      rows: duties.map(duty => [
        `${duty.title}（${duty.id}）`,
        choiceText('side', duty.side),
        String(duty.functions.length),
        duty.basis,
      ]),
    },
  ];
  for (const side of [...new Set(duties.map(duty => duty.side))]) {
    const own = duties.filter(duty => duty.side === side);
    const functions = [...new Set(own.flatMap(duty => duty.functions))];
    blocks.push(
      { kind: 'heading', text: `${choiceText('side', side)}：职能与功能` },
      {
        kind: 'table',
        columns: [
          { title: '功能', weight: 3.4 },
          ...own.map(duty => ({ title: duty.title, align: 'centre' as const })),
        ],
        rows: functions.map(id => [
          titles.functions.has(id) ? `${titles.functions.get(id)}（${id}）` : id,
          ...own.map(duty => (duty.functions.includes(id) ? '●' : '')),
        ]),
      },
    );
  }
  return { id: 'duties', title: '职能与功能', blocks };
}

export function scheduleChapter(reading: Reading, { policy }: RuleWords): Chapter {
  const jobs = reading.at('jobs').entries();
  const names = new Map(jobs.map(job => [job.text('job'), job.text('title')]));
  const rows = jobs.map(job => [
    `${job.text('title')}（${job.text('job')}）`,
    cronText(job.text('cron')),
    job
      .texts('after')
      .map(id => names.get(id) ?? id)
      .join('、'),
    basisWords(policy, job.text('basis')),
  ]);
  const basis = basisWords(policy, reading.text('basis'));
  return {
    id: 'schedule',
    title: '夜间作业',
    blocks: [
      {
        kind: 'text',
        text:
          `错过的业务日期在 ${reading.text('catch-up-window-days')} 天内补做，日期早的先做；` +
          `每次运行的输入保留 ${reading.text('keep-seasons')} 个年度。` +
          `${basis === '' ? '' : `依据：${basis}。`}`,
      },
      {
        kind: 'table',
        columns: [
          { title: '作业', weight: 1.6 },
          { title: '时刻', weight: 1.4 },
          { title: '在其后', weight: 1.2 },
          { title: '依据', weight: 1.4 },
        ],
        rows,
      },
    ],
  };
}

const DAILY = /^([0-9]{1,2}) ([0-9]{1,2}) \* \* \*$/;

/** `30 19 * * *` → 每日 19:30（30 19 * * *）; any other line stands as it is. */
function cronText(line: string): string {
  const parts = DAILY.exec(line);
  if (parts === null) return line;
  const [, minute = '', hour = ''] = parts;
  return `每日 ${hour.padStart(2, '0')}:${minute.padStart(2, '0')}（${line}）`;
}
