/** 日程: phases, windows and days, as a chart and as tables; and what calendar.yaml leaves open. */
import { daysAfter } from '../calendar.ts';
import { isRealDate } from '../dates.ts';
import type { FullPolicy } from '../types.ts';
import type { Block, CalendarBar, Chapter } from './book.ts';
import type { Reading } from './reading.ts';
import type { RuleWords } from './rule-blocks.ts';
import { basisWords, dateText, windowText } from './words.ts';

const UNDATED = '未定：不开放';

export function calendarChapter(reading: Reading, words: RuleWords): Chapter {
  const { policy } = words;
  const spans = (key: string) =>
    reading
      .at(key)
      .entries()
      .map(each => [
        `${each.text('title')}（${each.text('id')}）`,
        windowText(each.texts('window')),
        basisWords(policy, each.text('basis')),
      ]);
  const spanColumns = [
    { title: '名称', weight: 2 },
    { title: '首日至末日（两天都包括）', weight: 2 },
    { title: '依据', weight: 1.5 },
  ];
  return {
    id: 'calendar',
    title: '日程',
    blocks: [
      { kind: 'note', text: '时间都是广东时间。“某日前”到当日结束为止。' },
      chart(policy),
      { kind: 'heading', text: '录取阶段' },
      { kind: 'table', columns: spanColumns, rows: spans('phases') },
      { kind: 'heading', text: '其他时间段' },
      { kind: 'table', columns: spanColumns, rows: spans('windows') },
      { kind: 'heading', text: '日期' },
      days(reading, words),
      { kind: 'heading', text: '文件没有写死的取值' },
      values(reading, words),
    ],
  };
}

function days(reading: Reading, { policy }: RuleWords): Block {
  const rows = reading
    .at('deadlines')
    .entries()
    .map(each => {
      const date = each.text('date');
      return [
        `${each.text('title')}（${each.text('id')}）`,
        date === '' ? UNDATED : dateText(date),
        basisWords(policy, each.text('basis')),
      ];
    });
  const columns = [
    { title: '事项', weight: 2 },
    { title: '日期', weight: 1.2 },
    { title: '依据', weight: 1.5 },
  ];
  return { kind: 'table', columns, rows };
}

function values(reading: Reading, { policy }: RuleWords): Block {
  const rows = reading
    .at('values')
    .entries()
    .map(each => {
      const value = each.text('value');
      const shown = value === 'true' ? '是' : value === 'false' ? '否' : value;
      return [
        `${each.text('title')}（${each.text('id')}）`,
        [shown, each.text('unit')].filter(text => text !== '').join(' '),
        basisWords(policy, each.text('basis')),
      ];
    });
  const columns = [
    { title: '事项', weight: 2.4 },
    { title: '取值', weight: 0.8 },
    { title: '依据', weight: 1.3 },
  ];
  return { kind: 'table', columns, rows };
}

/** From the first day that anything happens to the last. */
function chart(policy: FullPolicy): Block {
  const bars: CalendarBar[] = [
    ...policy.phases.flatMap(phase => bar(phase, 'phase')),
    ...policy.batches.flatMap(batch => bar(batch, 'batch')),
    ...policy.windows.flatMap(window => bar(window, 'window')),
    ...policy.deadlines.flatMap(({ title, date, basis }) =>
      date === null ? [] : bar({ title, window: [date, date], basis }, 'day'),
    ),
  ];
  const sorted = bars.toSorted((a, b) => order(a).localeCompare(order(b)));
  const from = bars.map(each => each.from).reduce(earlier, '9999-12-31');
  const to = bars.map(each => each.to).reduce(later, '0000-01-01');
  if (bars.length === 0) return { kind: 'text', text: '没有任何日期。' };
  return { kind: 'calendar', from: firstOfMonth(from), to: lastOfMonth(to), bars: sorted };
}

function order(bar: CalendarBar): string {
  const kinds = { phase: 0, batch: 1, window: 2, day: 3 };
  return `${kinds[bar.kind]} ${bar.from} ${bar.to}`;
}

function bar(
  span: {
    readonly title: string;
    readonly basis: string;
    readonly window: readonly [string, string] | null;
  },
  kind: CalendarBar['kind'],
): CalendarBar[] {
  if (span.window === null) return [];
  const [from, to] = span.window;
  if (!isRealDate(from) || !isRealDate(to)) return [];
  return [{ title: span.title, from, to, kind, sample: span.basis === 'sample' }];
}

const earlier = (a: string, b: string) => (a < b ? a : b);
const later = (a: string, b: string) => (a > b ? a : b);

function firstOfMonth(date: string): string {
  return `${date.slice(0, 8)}01`;
}

function lastOfMonth(date: string): string {
  const month = Number(date.slice(5, 7));
  const next =
    month === 12
      ? `${Number(date.slice(0, 4)) + 1}-01-01`
      : `${date.slice(0, 5)}${String(month + 1).padStart(2, '0')}-01`;
  return daysAfter(next, -1);
}
