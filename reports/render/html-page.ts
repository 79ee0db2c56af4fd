/** The frame of a page: head, style, foot. One style for every page that is produced. */
import { escapeHtml } from './html-text.ts';

const STYLE = `
:root { --ink: #1a1a1a; --quiet: #555; --line: #b8c0c8; --band: #eef2f6; --bad: #a61b1b; }
* { box-sizing: border-box; }
html { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
body { margin: 0 auto; padding: 20px 28px; max-width: 1120px; color: var(--ink); background: #fff;
  font: 14px/1.6 "Noto Sans CJK SC", "Source Han Sans SC", "PingFang SC", "Microsoft YaHei",
  SimHei, "WenQuanYi Zen Hei", sans-serif; }
h1 { font-size: 24px; margin: 0 0 8px; }
h2 { font-size: 17px; margin: 28px 0 8px; padding-left: 9px; border-left: 4px solid #1f4e79;
  break-after: avoid; }
p { margin: 4px 0; }
h2 + .note { break-after: avoid; }
a { color: #1f4e79; }
header { border-bottom: 2px solid var(--ink); padding-bottom: 10px; position: relative; }
.sample { position: absolute; right: 0; top: 0; margin: 0; padding: 2px 12px; font-weight: bold;
  border: 2px dashed var(--bad); color: var(--bad); letter-spacing: 2px; }
dl { margin: 0; }
dd { margin: 0; }
.head { display: grid; grid-template-columns: 1fr 1fr; gap: 0 24px; font-size: 13px; }
.head div, .definitions div { display: flex; gap: 10px; }
.head dt, .definitions dt { color: var(--quiet); flex: none; min-width: 5em; }
.head dd { overflow-wrap: anywhere; }
.definitions dt { min-width: 8em; color: var(--ink); font-weight: bold; }
.definitions { font-size: 13px; }
.findings { margin-top: 16px; padding: 4px 16px 10px; border: 2px solid var(--bad); }
.findings.none { border: 1px solid var(--line); }
.findings h2 { margin-top: 8px; border: 0; padding: 0; }
.findings ol { margin: 0; padding-left: 1.6em; }
.findings li { margin: 6px 0; break-inside: avoid; }
.error > b, .checks .error { color: var(--bad); }
.consequence { font-weight: bold; }
.evidence { margin: 2px 0; padding-left: 1.4em; font-size: 12px; color: var(--quiet); }
.evidence li { margin: 0; overflow-wrap: anywhere; }
.figures { display: grid; grid-template-columns: repeat(4, 1fr); gap: 10px;
  margin-top: 16px; }
.figures div { border: 1px solid var(--line); padding: 6px 12px; min-width: 0;
  break-inside: avoid; overflow-wrap: anywhere; }
.figures dt { font-size: 12px; color: var(--quiet); }
.figures dd { font-size: 23px; line-height: 1.35; font-weight: bold;
  font-variant-numeric: tabular-nums; }
.figures .t { font-size: 15px; line-height: 1.5; }
.figures .long { grid-column: span 2; }
.figures small { font-size: 12px; font-weight: normal; margin-left: 4px; }
table { border-collapse: collapse; width: 100%; font-size: 12.5px; line-height: 1.45; }
table.narrow { width: auto; min-width: 50%; }
.broad { overflow-x: auto; }
.broad table { width: max-content; min-width: 100%; }
.broad td { max-width: 22em; }
thead { display: table-header-group; }
th { background: var(--band); text-align: left; font-weight: bold; vertical-align: bottom; }
th, td { border: 1px solid var(--line); padding: 3px 7px; }
td { vertical-align: top; overflow-wrap: anywhere; }
tr { break-inside: avoid; }
.n { text-align: right; font-variant-numeric: tabular-nums; overflow-wrap: normal; }
td.n, .c { white-space: nowrap; }
.c { font-variant-numeric: tabular-nums; }
.total td, .total th { background: var(--band); border-top: 2px solid var(--ink);
  font-weight: bold; }
.note { color: var(--quiet); font-size: 12px; }
figure { margin: 8px 0; break-inside: avoid; }
figcaption { font-size: 13px; font-weight: bold; }
figure svg { width: 100%; height: auto; }
.checks { list-style: none; margin: 0; padding: 0; }
.links div { display: flex; gap: 14px; border-bottom: 1px solid var(--line); padding: 3px 0; }
.links dt { flex: none; width: 24em; }
.sheet-only { display: none; }
@media screen and (max-width: 640px) {
  body { padding: 12px; }
  h1 { font-size: 20px; padding-right: 6em; }
  .head { grid-template-columns: 1fr; }
  .figures { grid-template-columns: 1fr 1fr; }
  .findings { padding: 2px 10px 8px; }
  .definitions div { display: block; margin-bottom: 6px; }
  section > table { display: block; overflow-x: auto; }
  td { min-width: 4.5em; overflow-wrap: normal; }
  td.n, td.c { min-width: 0; }
  figure { overflow-x: auto; }
  figure svg { width: 760px; max-width: none; }
  .links div { flex-wrap: wrap; gap: 2px 14px; }
  .links dt { width: 100%; }
}
@page { margin: 16mm 12mm 15mm; @bottom-right { content: counter(page) " / "
  counter(pages); font-size: 9pt; } }
@media print {
  body { padding: 0; max-width: none; font-size: 10.5pt; }
  table { font-size: 8.5pt; }
  .broad { overflow: visible; }
  .broad table { width: 100%; font-size: 6.5pt; }
  .broad th, .broad td { padding: 1px 2px; }
  .broad td, .broad .c { white-space: normal; overflow-wrap: anywhere; }
  a { color: inherit; text-decoration: none; }
  .sheet-only { display: block; }
}
`;

/** Nothing from elsewhere, no script, no form; the styles are those inside. */
const POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; " +
  "form-action 'none'";

/**
 * Everything before the content.
 *
 * @param wide printed lying
 */
export function pageStart(title: string, sample: boolean, wide: boolean): string {
  return (
    '<!doctype html>\n<html lang="zh-CN"><head><meta charset="utf-8">' +
    '<meta name="viewport" content="width=device-width, initial-scale=1">' +
    `<meta http-equiv="Content-Security-Policy" content="${POLICY}">` +
    `<title>${escapeHtml(title)}</title>` +
    `<style>${STYLE}${printedPage(title, sample, wide)}</style></head>` +
    '<body>\n'
  );
}

export function pageEnd(): string {
  return '</body></html>\n';
}

/** Every printed page names the report, and says if its data are a sample. */
function printedPage(title: string, sample: boolean, wide: boolean): string {
  const text = sample ? `${title}　示例数据` : title;
  const size = wide ? 'A4 landscape' : 'A4 portrait';
  return `@page { size: ${size}; @top-left { content: ${styleText(text)}; font-size: 9pt; } }\n`;
}

/** A CSS string that can end neither itself nor the style element. */
function styleText(text: string): string {
  const safe = text.replace(/[^\p{L}\p{N} ·（）：、，　-]/gu, '');
  return `"${safe}"`;
}
