/**
 * The record card 考生电子档案 on paper: one page, a form of boxes that is read at a glance and put into
 * a file. What does not fit on the page is counted at its end and stands in the other formats.
 */
import { cellOf, figureOf, readableText, SAMPLE_SENTENCE } from '../render/cells.ts';
import { Paper } from '../render/pdf-paper.ts';
import { type Figure, isArray, type Rendering, type Row } from '../report.ts';

const LEFT = 48;
const WIDTH = 499;
const ROW = 19;
const LABEL = 66;
const BAND = '#eef2f6';
const BOTTOM = 706;
/** What follows the last table: the form of where the file is now. */
const AFTER = 4 * ROW + 22;
const CELL = 8;
const LINE = 11;

/** Keys of figures in rows of the form; one alone in its row takes its whole width. */
const PERSON_ROWS: readonly (readonly string[])[] = [
  ['candidateNo', 'name'],
  ['sex', 'birthDate'],
  ['identityType', 'identityNo'],
  ['origin', 'place'],
  ['point', 'household'],
  ['guardian', 'phone'],
  ['address', 'postcode'],
];
const STANDING_ROWS: readonly (readonly string[])[] = [
  ['state', 'since'],
  ['school'],
  ['major', 'phase'],
  ['letter'],
];

/** Draws a rendering of candidate-record. */
export async function recordPaper(rendering: Rendering): Promise<Uint8Array> {
  const { content, report } = rendering;
  const paper = new Paper({
    title: report.title,
    madeAt: new Date(`${rendering.madeAt.replace(' ', 'T')}+08:00`),
  });
  paper.addPage();
  const card = new Card(paper, rendering);
  card.title();
  card.form('基本信息', [...PERSON_ROWS, ...card.attributeRows()]);
  card.marks();
  card.table('照顾特征', rowsOf(rendering, 'features'), FEATURES, '没有照顾特征。');
  card.table('志愿', rowsOf(rendering, 'choices'), CHOICES, '没有填报志愿。');
  card.form('现状', STANDING_ROWS);
  card.foot(content.head.sample);
  return paper.bytes();
}

function rowsOf(rendering: Rendering, section: string): readonly Row[] {
  const rows = rendering.content.rows[section] ?? [];
  return isArray(rows) ? rows : [];
}

/** Title, key, share of the width. */
type Grid = readonly (readonly [string, string, number])[];

const FEATURES: Grid = [
  ['照顾特征', 'title', 0.32],
  ['照顾办法', 'effect', 0.16],
  ['证明', 'evidence', 0.28],
  ['审核', 'confirmed', 0.24],
];
const CHOICES: Grid = [
  ['批次', 'batchTitle', 0.15],
  ['轮次', 'round', 0.06],
  ['序号', 'ordinal', 0.06],
  ['院校', 'schoolName', 0.34],
  ['专业志愿', 'majorNames', 0.32],
  ['调剂', 'adjustment', 0.07],
];

class Card {
  readonly #paper: Paper;
  readonly #rendering: Rendering;
  readonly #figures: ReadonlyMap<string, Figure>;
  #y = 0;

  constructor(paper: Paper, rendering: Rendering) {
    this.#paper = paper;
    this.#rendering = rendering;
    this.#figures = new Map((rendering.content.figures ?? []).map(each => [each.key, each]));
  }

  title(): void {
    const center = { width: WIDTH, align: 'center' } as const;
    const { head } = this.#rendering.content;
    if (head.sample) this.#paper.text(SAMPLE_SENTENCE, LEFT, 20, { ...center, size: 7 });
    this.#paper.text('考生电子档案', LEFT, 40, { ...center, size: 20, weight: 'bold' });
    this.#paper.text(head.scope, LEFT, 72, { ...center, size: 10 });
    this.#y = 94;
  }

  /** The attributes that the policy declares, two in a row. */
  attributeRows(): string[][] {
    const keys = [...this.#figures.keys()].filter(key => key.startsWith('attribute-'));
    const rows: string[][] = [];
    for (let at = 0; at < keys.length; at += 2) rows.push(keys.slice(at, at + 2));
    return rows;
  }

  form(title: string, rows: readonly (readonly string[])[]): void {
    this.#heading(title);
    for (const keys of rows) {
      const width = WIDTH / keys.length;
      for (const [at, key] of keys.entries()) this.#field(key, LEFT + at * width, width);
      this.#y += ROW;
    }
    this.#y += 6;
  }

  #field(key: string, x: number, width: number): void {
    const figure = this.#figures.get(key);
    const value = figure === undefined ? null : figureOf(figure, this.#rendering.unmasked);
    const text = figure === undefined ? '' : readableText(figure, value);
    this.#paper.shade(x, this.#y, LABEL, ROW, BAND);
    this.#paper.box(x, this.#y, LABEL, ROW);
    this.#paper.box(x + LABEL, this.#y, width - LABEL, ROW);
    this.#paper.text(figure?.title ?? '', x, this.#y + 4, { width: LABEL, align: 'center' });
    const unit = value === null ? '' : (figure?.unit ?? '');
    const room = { width: width - LABEL - 8, weight: 'bold' } as const;
    this.#paper.text(`${text}${unit}`, x + LABEL + 4, this.#y + 4, room);
  }

  /** Subjects stand side by side, as on a score sheet, the total last. */
  marks(): void {
    const rows = rowsOf(this.#rendering, 'marks');
    const total = this.#figures.get('total');
    const cells = rows.map(row => [
      `${row['subjectName']}`,
      row['mark'] === null ? '缺考' : readableText({ type: 'hundredths' }, row['mark'] ?? null),
      `满分 ${readableText({ type: 'hundredths' }, row['fullMark'] ?? null)}`,
    ]);
    const sum = total === undefined ? '—' : readableText(total, total.value);
    cells.push(['总分', sum, '']);
    this.#heading('考试成绩');
    const width = WIDTH / cells.length;
    for (const [at, texts] of cells.entries()) {
      const x = LEFT + at * width;
      this.#paper.shade(x, this.#y, width, ROW, BAND);
      this.#paper.box(x, this.#y, width, ROW);
      this.#paper.box(x, this.#y + ROW, width, ROW + 9);
      const room = { width: width - 4, align: 'center' } as const;
      this.#paper.text(texts[0] ?? '', x + 2, this.#y + 4, room);
      this.#paper.text(texts[1] ?? '', x + 2, this.#y + ROW + 3, { ...room, weight: 'bold' });
      this.#paper.text(texts[2] ?? '', x + 2, this.#y + ROW + 17, { ...room, size: 6.5 });
    }
    this.#y += 2 * ROW + 15;
  }

  table(title: string, rows: readonly Row[], grid: Grid, empty: string): void {
    this.#heading(title);
    if (rows.length === 0) {
      this.#paper.box(LEFT, this.#y, WIDTH, ROW);
      this.#paper.text(empty, LEFT + 6, this.#y + 4);
      this.#y += ROW + 6;
      return;
    }
    this.#line(
      grid,
      grid.map(([heading]) => heading),
      true,
    );
    let left = rows.length;
    for (const row of rows) {
      const texts = grid.map(([, key]) => this.#cell(row, key));
      if (this.#y + this.#heightOf(grid, texts) > BOTTOM - AFTER) break;
      this.#line(grid, texts, false);
      left -= 1;
    }
    if (left > 0) {
      const text = `另有 ${left} 行，见本档案的电子表格。`;
      this.#paper.text(text, LEFT + 6, this.#y + 3, { size: 7.5 });
      this.#y += 12;
    }
    this.#y += 6;
  }

  #cell(row: Row, key: string): string {
    const sections = this.#rendering.report.sections;
    const column = sections.flatMap(({ columns }) => columns).find(each => each.key === key);
    if (column === undefined) return '';
    const text = readableText(column, cellOf(column, row, this.#rendering.unmasked));
    return key === 'schoolName' ? `${text}（${row['school']}）` : text;
  }

  #linesOf(text: string, share: number): string[] {
    return this.#paper.linesOf(text, share * WIDTH - 6, CELL);
  }

  #heightOf(grid: Grid, texts: readonly string[]): number {
    const lines = grid.map(([, , share], at) => this.#linesOf(texts[at] ?? '', share).length);
    return ROW + (Math.max(...lines) - 1) * LINE;
  }

  #line(grid: Grid, texts: readonly string[], header: boolean): void {
    const height = this.#heightOf(grid, texts);
    let x = LEFT;
    for (const [at, [, , share]] of grid.entries()) {
      const width = share * WIDTH;
      if (header) this.#paper.shade(x, this.#y, width, height, BAND);
      this.#paper.box(x, this.#y, width, height);
      const align = header || share < 0.1 ? 'center' : 'left';
      for (const [line, text] of this.#linesOf(texts[at] ?? '', share).entries()) {
        const room = { size: CELL, width: width - 6, align } as const;
        this.#paper.text(text, x + 3, this.#y + 5 + line * LINE, room);
      }
      x += width;
    }
    this.#y += height;
  }

  #heading(title: string): void {
    this.#paper.text(title, LEFT, this.#y, { size: 10.5, weight: 'bold' });
    this.#y += 16;
  }

  foot(sample: boolean): void {
    const { actor, madeAt, unmasked } = this.#rendering;
    const half = WIDTH / 2;
    const y = Math.max(this.#y + 10, 712);
    this.#paper.text('经办人：______________', LEFT, y, { size: 10 });
    this.#paper.text('年　　月　　日（盖章）', LEFT + half, y, {
      size: 10,
      width: half,
      align: 'right',
    });
    this.#paper.line(LEFT, 790, LEFT + WIDTH, 790);
    const shown = unmasked ? '' : '　姓名、证件号码、电话未全显';
    const made = `打印：${actor}　${madeAt}${shown}${sample ? '　示例数据' : ''}`;
    this.#paper.text(made, LEFT, 796, { size: 7 });
    const until = this.#rendering.content.head.dataUntil ?? '—';
    this.#paper.text(`数据截至 ${until}　第 1 页　共 1 页`, LEFT, 796, {
      size: 7,
      width: WIDTH,
      align: 'right',
    });
  }
}
