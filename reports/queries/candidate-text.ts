/** The text face of candidate-outcome: `zhongzhao explain CANDIDATE_NO`. */

import { figureOf, headLines, readableText } from '../render/cells.ts';
import { isArray, type Rendering, type Row } from '../report.ts';
import { RULE_OUTCOMES } from './candidate-outcome.ts';

/**
 * Where the candidate is and why, choice by choice, as lines of plain text.
 *
 * @param rendering of candidate-outcome (`withContent` of the registry)
 */
export function outcomeLines(rendering: Rendering): string[] {
  const lines: string[] = [rendering.report.title, ''];
  for (const [title, value] of headLines(rendering)) lines.push(`${title}：${value}`);
  lines.push('');
  for (const figure of rendering.content.figures ?? []) {
    const value = readableText(figure, figureOf(figure, rendering.unmasked));
    lines.push(`${figure.title}：${value}${figure.unit ?? ''}`);
  }
  const choices = rowsOf(rendering, 'choices');
  const rules = rowsOf(rendering, 'rules');
  if (choices.length === 0) lines.push('', '该考生没有参加过投档。');
  let run: unknown;
  for (const choice of choices) {
    if (choice['run'] !== run) {
      run = choice['run'];
      const round = `${choice['batch']} 第${choice['round']}轮`;
      lines.push('', `${choice['date']} ${round}（运行 ${run}）`);
    }
    lines.push(...choiceLines(choice, rules));
  }
  return lines;
}

function choiceLines(choice: Row, rules: readonly Row[]): string[] {
  const school = `${choice['schoolName'] ?? '（未知院校）'}（${choice['school']}）`;
  const lines = [
    `  第${choice['ordinal']}志愿　${school}　${choice['result']}　[${choice['code']}]`,
    `    ${choice['why']}`,
  ];
  const own = rules.filter(
    rule =>
      rule['run'] === choice['run'] &&
      rule['ordinal'] === choice['ordinal'] &&
      rule['outcome'] !== RULE_OUTCOMES['not-reached'],
  );
  for (const rule of own) {
    lines.push(`    · ${rule['title']}（${rule['outcome']}）：${rule['sentence']}`);
    lines.push(`      依据：${rule['basis']}`);
  }
  if (own.length === 0 && choice['basis'] !== '') lines.push(`    依据：${choice['basis']}`);
  return lines;
}

function rowsOf(rendering: Rendering, section: string): readonly Row[] {
  const rows = rendering.content.rows[section] ?? [];
  return isArray(rows) ? rows : [];
}
