/** What a copied policy leaves for people to decide, and how it is said. */
import { dateText } from '../handbook/words.ts';

export type DecisionKind =
  | 'empty-date'
  | 'moved-date'
  | 'line'
  | 'lottery'
  | 'sample'
  | 'old-basis'
  | 'year-in-text';

export interface Decision {
  readonly kind: DecisionKind;
  readonly file: string;
  /** 1-based, in the new file. */
  readonly line: number;
  /** Chinese: the entry that it is about. */
  readonly title: string;
  /** As it was; of a basis the article, of a text the text. */
  readonly was: string;
  /** As it stands now; null: empty. */
  readonly now: string | null;
  /** Of an empty date what it could become, by either rule; else empty. */
  readonly proposals: readonly { readonly rule: string; readonly value: string }[];
}

export const DECISION_TITLES: Readonly<Record<DecisionKind, string>> = {
  'empty-date': '空的日期：原由上一年的文件公布，新文件公布后填写；没有填写的不开放',
  'moved-date': '已按规则移到新年度的日期：请核对',
  line: '分数线：沿用上一年的数值，请按当年成绩确定',
  lottery: '抽签：种子须重新公布',
  sample: '示例值（没有文件依据）：请确定数值并写明依据',
  'old-basis': '依据仍为上一年的文件：新文件下发后改写',
  'year-in-text': '文字或注释中写有年份：请核对',
};

const KINDS = Object.keys(DECISION_TITLES) as DecisionKind[];
const NUMERALS = ['一', '二', '三', '四', '五', '六', '七'];

/** For people, grouped; what is many and alike stands in one line per file. */
export function decisionLines(decisions: readonly Decision[]): string[] {
  const groups = KINDS.map(kind => decisions.filter(each => each.kind === kind));
  return groups
    .filter(own => own.length > 0)
    .flatMap((own, at) => {
      const kind = (own[0] as Decision).kind;
      const heading = `${NUMERALS[at]}、${DECISION_TITLES[kind]}（${own.length} 项）`;
      return ['', heading, ...bodyLines(kind, own)];
    });
}

function bodyLines(kind: DecisionKind, own: readonly Decision[]): string[] {
  if (kind === 'old-basis') {
    return [...Map.groupBy(own, each => each.was)].map(
      ([basis, list]) => `  ${basis}（${list.length} 处）：${briefly(list)}`,
    );
  }
  if (kind === 'sample') {
    return [...Map.groupBy(own, each => each.file)].map(
      ([file, list]) => `  ${file}：${titlesOf(list)}`,
    );
  }
  return own.map(each => {
    const title = each.title === each.was ? '' : `${each.title}：`;
    return `  ${each.file}:${each.line}　${title}${changeText(each)}`;
  });
}

/** So many places of one article are named; the JSON has them all. */
const PLACES_SHOWN_MAX = 6;

function briefly(list: readonly Decision[]): string {
  const shown = list.slice(0, PLACES_SHOWN_MAX).map(({ file, line }) => `${file}:${line}`);
  const rest = list.length - shown.length;
  return `${shown.join('、')}${rest > 0 ? ` 等（另 ${rest} 处）` : ''}`;
}

function titlesOf(list: readonly Decision[]): string {
  return list.map(({ title, line }) => `${title}（第 ${line} 行）`).join('、');
}

function changeText({ kind, was, now, proposals }: Decision): string {
  if (kind === 'year-in-text') return was;
  if (kind === 'line') return `${was} 分`;
  const later = now === null ? '空' : now;
  const said = proposals.map(({ rule, value }) => `${rule} ${value}`).join('，');
  return was === later ? '仍空' : `${was} → ${later}${said === '' ? '' : `（${said}）`}`;
}

/** `2016-07-20（周三） 至 2016-07-29（周五）`, or one day. */
export function daysText(days: readonly string[]): string {
  return days.map(dateText).join(' 至 ');
}
