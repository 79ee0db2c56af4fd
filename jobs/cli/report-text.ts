/** A report's content as lines on a terminal. */
import { cellOf, columnTitle, figureOf, readableText } from '../../reports/render/cells.ts';
import { renderJson } from '../../reports/render/json.ts';
import { findingTitle } from '../../reports/render/sentences.ts';
import { chunksOf, type Rendering, type Section } from '../../reports/report.ts';
import { table } from './output.ts';

/** Rows of a section that a terminal shows; a report as a file has all of them. */
const ROWS_SHOWN_MAX = 200;

export async function contentLines(rendering: Rendering): Promise<string[]> {
  const { report, content, unmasked } = rendering;
  const lines = [report.title, content.head.scope];
  if (content.head.sample) lines.push('（示例数据）');
  for (const finding of content.findings) {
    lines.push(`${findingTitle(finding)}：${finding.sentence}${finding.consequence}`);
  }
  lines.push(
    ...table(
      (content.figures ?? []).map(figure => [
        `  ${figure.title}`,
        `${readableText(figure, figureOf(figure, unmasked))}${figure.unit ?? ''}`,
      ]),
    ),
  );
  for (const section of report.sections) {
    if (content.rows[section.id] === undefined) continue;
    lines.push('', section.title, ...(await sectionLines(rendering, section)));
  }
  return lines;
}

async function sectionLines(rendering: Rendering, section: Section): Promise<string[]> {
  const shown: string[][] = [];
  let count = 0;
  for await (const chunk of chunksOf(rendering.content.rows[section.id] ?? [])) {
    for (const row of chunk) {
      count += 1;
      if (count > ROWS_SHOWN_MAX) continue;
      shown.push(
        section.columns.map(column =>
          readableText(column, cellOf(column, row, rendering.unmasked)),
        ),
      );
    }
  }
  if (count === 0) return [`  ${section.empty}`];
  const lines = table([section.columns.map(columnTitle), ...shown]).map(line => `  ${line}`);
  return count > ROWS_SHOWN_MAX ? [...lines, `  ……共 ${count} 行`] : lines;
}

/** The same as the report's own JSON. */
export async function contentJson(rendering: Rendering): Promise<unknown> {
  let text = '';
  for await (const piece of renderJson(rendering)) text += piece;
  return JSON.parse(text) as unknown;
}
