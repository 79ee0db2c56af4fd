/** What differs between two policies 政策比较, as one page: by article, before beside after. */
import type {
  ChangeKind,
  PolicyChange,
  PolicyDiff,
  PolicyIdentity,
} from '../../engine/policy/diff/compare.ts';
import { CHANGE_TITLES, countWords, groupByBasis } from '../../engine/policy/diff/group.ts';
import { SAMPLE_MARK } from '../../engine/policy/handbook/book.ts';
import { pageEnd, pageStart } from '../render/html-page.ts';
import { escapeHtml } from '../render/html-text.ts';

const STYLE = `<style>
table.changes { table-layout: fixed; }
.changes .kind { white-space: nowrap; font-weight: bold; }
.kind.added { color: #1b5e20; } .kind.dropped { color: #a61b1b; }
.kind.changed { color: #1f4e79; } .kind.moved { color: #6a4c00; }
.changes .where { font-size: 11px; color: #555; }
.changes .before { background: #faf3f3; } .changes .after { background: #f2f8f3; }
.changes .none { color: #777; }
.contents { columns: 2; }
</style>`;

/** @param madeOn `YYYY-MM-DD` */
export function diffHtml(diff: PolicyDiff, madeOn: string): string {
  const groups = groupByBasis(diff);
  const { before, after } = diff;
  const title = `${before.id} 与 ${after.id} 比较`;
  const contents = groups.map(
    (group, at) =>
      `<li><a href="#g${at + 1}">${escapeHtml(group.title)}</a>（${group.changes.length}）</li>`,
  );
  const sections = groups.map(({ title, changes }, at) => {
    const heading = `<h2>${escapeHtml(title)}</h2>`;
    return `<section id="g${at + 1}">${heading}${table(changes)}</section>`;
  });
  const none = '<p>两份政策的内容没有不同。</p>';
  const outline = groups.length > 1 ? `<ul class="contents">${contents.join('')}</ul>` : '';
  const same = diff.changes.length === 0;
  return (
    pageStart(title, false, true) +
    `${STYLE}<header><h1>政策比较</h1><dl class="head">${head(diff, madeOn)}</dl></header>` +
    `<main>${same ? none : `${outline}${sections.join('\n')}`}</main>${pageEnd()}`
  );
}

function head(diff: PolicyDiff, madeOn: string): string {
  const total = diff.changes.length;
  const rows: [string, string][] = [
    ['原', identity(diff.before)],
    ['现', identity(diff.after)],
    ['不同', total === 0 ? '没有' : `共 ${total} 处：${countWords(diff)}`],
    ['制成', madeOn],
  ];
  return rows
    .map(([name, value]) => `<div><dt>${name}</dt><dd>${escapeHtml(value)}</dd></div>`)
    .join('');
}

function identity({ id, title, hash }: PolicyIdentity): string {
  return `${title}（${id}）内容哈希 ${hash.slice(0, 16)}…`;
}

function table(changes: readonly PolicyChange[]): string {
  const widths = [6, 26, 12, 28, 28].map(width => `<col style="width:${width}%">`).join('');
  const heads = ['类别', '内容', '项目', '原', '现'].map(each => `<th>${each}</th>`).join('');
  return (
    `<table class="changes"><colgroup>${widths}</colgroup><thead><tr>${heads}</tr></thead>` +
    `<tbody>${changes.map(row).join('\n')}</tbody></table>`
  );
}

function row(change: PolicyChange): string {
  const { kind, subject, item, before, after, file, path } = change;
  const place = file.startsWith('cities/') || file.startsWith('tests/') ? `${file}　` : '';
  return (
    `<tr><td class="kind ${kind}">${kindTitle(kind)}</td>` +
    `<td>${escapeHtml(subject.join(' · '))}` +
    `<div class="where">${escapeHtml(`${place}${path}`)}</div></td>` +
    `<td>${escapeHtml(item)}</td>${cell('before', before)}${cell('after', after)}</tr>`
  );
}

function kindTitle(kind: ChangeKind): string {
  return CHANGE_TITLES[kind];
}

function cell(side: 'before' | 'after', words: string | null): string {
  if (words === null) return '<td class="none">–</td>';
  const marked = escapeHtml(words).replaceAll(SAMPLE_MARK, `<i>${SAMPLE_MARK}</i>`);
  return `<td class="${side}">${marked}</td>`;
}
