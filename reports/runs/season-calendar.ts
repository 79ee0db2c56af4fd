/** The season's calendar 日程 as a section of any report: what runs now, what is over, what comes. */
import { basisWords } from '../../engine/policy/handbook/words.ts';
import type { FullPolicy } from '../../engine/policy/types.ts';
import type { ChartMark, Row, Section } from '../report.ts';

export const SEASON_CALENDAR: Section = {
  id: 'calendar',
  title: '本季日程',
  order: '录取阶段、批次、其他时间段，各按开始日期',
  empty: '政策日历中没有时间段。',
  columns: [
    { key: 'span', title: '事项', type: 'text', width: 34 },
    { key: 'kind', title: '类别', type: 'text', width: 12 },
    { key: 'from', title: '开始', type: 'date', width: 11 },
    { key: 'to', title: '最后一天', type: 'date', width: 11 },
    { key: 'state', title: '状态', type: 'text', width: 8 },
    { key: 'basis', title: '依据', type: 'text', width: 24 },
  ],
  chart: {
    kind: 'calendar',
    title: '本季日程',
    category: 'span',
    from: 'from',
    to: 'to',
    form: 'form',
  },
};

const KINDS = { phase: '录取阶段', batch: '批次', window: '其他时间段' } as const;

/** The spans of the policy; without a date they are left out. */
export function calendarRows(policy: FullPolicy | null, today: string): Row[] {
  if (policy === null) return [];
  const spans = [
    ...policy.phases.map(span => ({ ...span, form: 'phase' as const })),
    ...policy.batches.map(span => ({ ...span, form: 'batch' as const })),
    ...policy.windows.map(span => ({ ...span, form: 'window' as const })),
  ];
  const order = Object.keys(KINDS);
  return spans
    .flatMap(({ title, window, basis, form }) => {
      if (window === null) return [];
      const [from, to] = window;
      const state = today < from ? '未开始' : today > to ? '已结束' : '进行中';
      const kind = KINDS[form];
      return [{ span: title, kind, from, to, state, basis: basisWords(policy, basis), form }];
    })
    .toSorted((a, b) => {
      const byForm = order.indexOf(a.form) - order.indexOf(b.form);
      return byForm === 0 ? a.from.localeCompare(b.from) || a.to.localeCompare(b.to) : byForm;
    });
}

/** The day that the report is about. */
export function todayMark(today: string): ChartMark {
  return { section: SEASON_CALENDAR.id, category: today, title: `${today.slice(5)} 当日` };
}
