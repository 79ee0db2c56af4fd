/** The boundary sheet 边界情形表 as a page to print and sign, and as rows for a spreadsheet. */
import {
  type Boundary,
  type BoundaryCase,
  SECTIONS,
  type SectionId,
} from '../../engine/policy/boundaries/sheet.ts';
import { SAMPLE_MARK } from '../../engine/policy/handbook/book.ts';
import { basisWords } from '../../engine/policy/handbook/words.ts';
import type { FullPolicy, PolicyBundle } from '../../engine/policy/types.ts';
import { guardFormula, quoteWhereNeeded } from '../render/csv.ts';
import { pageEnd, pageStart } from '../render/html-page.ts';
import { escapeHtml } from '../render/html-text.ts';

const BYTE_ORDER_MARK = '\ufeff';
const HEADS = ['类别', '地市', '事项', '界限', '情形', '取值', '决定', '依据', '注意'];

/** For a spreadsheet: byte order mark, CRLF, and no cell that starts a formula. */
export function boundariesCsv(sheet: readonly Boundary[], policy: FullPolicy): string {
  const rows = sheet.flatMap(boundary => {
    const { section, city, subject, threshold, basis, note, cases } = boundary;
    return cases.map(({ side, value, decision }) => {
      const said = [SECTIONS[section], city ?? '', subject, threshold, side, value, decision];
      return [...said, basisWords(policy, basis), note];
    });
  });
  const lines = [HEADS, ...rows].map(row =>
    row.map(cell => quoteWhereNeeded(guardFormula(cell))).join(','),
  );
  return `${BYTE_ORDER_MARK}${lines.join('\r\n')}\r\n`;
}

const STYLE = `<style>
.sheet td { vertical-align: top; }
.sheet tbody { break-inside: avoid; }
.sheet tbody tr:first-child td { border-top: 1.5px solid #1a1a1a; }
.sheet .at td.case { font-weight: bold; background: #eef2f6; }
.sheet .refused { color: #8f1d1d; }
.sheet .box { width: 64px; }
.sheet .mark { color: #a61b1b; }
.signatures { display: grid; grid-template-columns: 1fr 1fr; gap: 18px; margin-top: 24px;
  break-inside: avoid; }
.signatures div { border: 1px solid #1a1a1a; height: 84px; padding: 6px 10px; }
</style>`;

export interface PageHead {
  readonly policy: FullPolicy;
  /** `YYYY-MM-DD` */
  readonly madeOn: string;
}

/** One self-contained page; every boundary has a box to tick. */
export function boundariesHtml(
  sheet: readonly Boundary[],
  bundle: PolicyBundle,
  { policy, madeOn }: PageHead,
): string {
  const sections = (Object.keys(SECTIONS) as SectionId[]).map(section =>
    sectionHtml(
      section,
      sheet.filter(each => each.section === section),
      policy,
    ),
  );
  const heads: readonly (readonly [string, string])[] = [
    ['政策', `${bundle.id}（${bundle.season} 年）`],
    ['制成', madeOn],
    ['界限', `${sheet.length} 个`],
    ['内容哈希', bundle.base.hash],
  ];
  const head = heads.map(
    ([title, value]) => `<div><dt>${title}</dt><dd>${escapeHtml(value)}</dd></div>`,
  );
  const sample = bundle.usesSampleBasis ? '<p class="sample">示例数据</p>' : '';
  return (
    pageStart(`${bundle.title}边界情形表`, bundle.usesSampleBasis, false) +
    `${STYLE}<main><header>${sample}<h1>${escapeHtml(bundle.title)}</h1><h2>边界情形表</h2>` +
    `<dl class="head">${head.join('')}</dl></header>` +
    '<p class="note">每个界限列出略低、正好、略高（日期：前一日、当日、次日）的情形和本政策的决定。' +
    '请逐项核对，无误的在“核对”栏打勾；有误的，改正政策后重新制表。</p>' +
    `${sections.join('')}<div class="signatures"><div>核对人（签名、日期）</div>` +
    `<div>复核人（签名、日期）</div></div></main>${pageEnd()}`
  );
}

const TABLE_HEADS = ['事项', '界限', '情形', '取值', '决定', '依据', '核对'];
const WIDTHS = [21, 17, 9, 14, 22, 11, 6];

function sectionHtml(section: SectionId, own: readonly Boundary[], policy: FullPolicy): string {
  if (own.length === 0) return '';
  const columns = WIDTHS.map(width => `<col style="width:${width}%">`).join('');
  const heads = TABLE_HEADS.map(title => `<th>${title}</th>`).join('');
  const bodies = own.map(boundary => boundaryHtml(boundary, policy));
  return (
    `<section id="${section}"><h2>${SECTIONS[section]}（${own.length} 个）</h2>` +
    `<table class="sheet" style="table-layout:fixed"><colgroup>${columns}</colgroup>` +
    `<thead><tr>${heads}</tr></thead>${bodies.join('\n')}</table></section>\n`
  );
}

function boundaryHtml({ subject, threshold, basis, note, cases }: Boundary, policy: FullPolicy) {
  const span = ` rowspan="${cases.length}"`;
  const noted = note === '' ? '' : `<br><span class="note">${escapeHtml(note)}</span>`;
  const rows = cases.map((each, at) => {
    const first = at === 0;
    const before = first
      ? `<td${span}>${escapeHtml(subject)}</td><td${span}>${escapeHtml(threshold)}${noted}</td>`
      : '';
    const after = first ? `<td${span}>${basisHtml(basis, policy)}</td><td${span}></td>` : '';
    return `<tr${isAt(each) ? ' class="at"' : ''}>${before}${caseHtml(each)}${after}</tr>`;
  });
  return `<tbody>${rows.join('')}</tbody>`;
}

function caseHtml({ side, value, decision }: BoundaryCase): string {
  const refused = /^(拒绝|不|已过|超出|没有)/.test(decision) ? ' refused' : '';
  return (
    `<td class="case">${escapeHtml(side)}</td><td class="case">${escapeHtml(value)}</td>` +
    `<td class="case${refused}">${escapeHtml(decision)}</td>`
  );
}

/** The case that lies on the threshold itself. */
function isAt({ side }: BoundaryCase): boolean {
  return ['正好', '当日', '首日', '末日', '多投一人的计划'].includes(side);
}

function basisHtml(basis: string, policy: FullPolicy): string {
  const said = escapeHtml(basisWords(policy, basis));
  return basis === 'sample' ? `<span class="mark">${SAMPLE_MARK}</span>` : said;
}
