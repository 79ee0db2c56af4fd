/**
 * The roster on paper: grouped by major (of senior highs, by where the students come from),
 * numbered, with running totals at the foot of each page, the totals by group and the areas for
 * signatures and stamps at the end. Number, hash and page stand on every page. What was not issued
 * bears the watermark 草稿.
 */
import { cellOf, readableText, SAMPLE_SENTENCE } from '../render/cells.ts';
import { Paper, type TextStyle } from '../render/pdf-paper.ts';
import { isArray, type Rendering, type Row } from '../report.ts';
import { NO_NUMBER } from './roster-facts.ts';

const LEFT = 36;
const TOP = 108;
const BOTTOM = 752;
const ROW_HEIGHT = 18;
const SIGNATURES_HEIGHT = 150;
const TOTAL_HEIGHT = 14;
/** So many students stand at least on the sheet that is signed. */
const SIGNED_WITH = 5;
/** Of more groups than a sheet holds, so many totals. */
const TOTALS_SIGNED_WITH = 3;
const NAME_SIZE = 7;
const NAME_LINE = 7.6;
const GREY = '#ececec';

/** Title, key, width in points. */
const COLUMNS = [
  ['序号', 'seq', 30, 'center'],
  ['考生号', 'candidateNo', 88, 'center'],
  ['姓名', 'name', 74, 'left'],
  ['性别', 'sex', 28, 'center'],
  ['身份证号', 'identityNo', 108, 'center'],
  ['生源地', 'place', 92, 'left'],
  ['总分', 'total', 40, 'right'],
  ['备注', 'remark', 63, 'left'],
] as const;
const WIDTH = COLUMNS.reduce((sum, [, , width]) => sum + width, 0);

/** By what the students stand together: title, and the keys of its code and name in the rows. */
export interface RosterGroup {
  readonly title: string;
  readonly code: string;
  readonly name: string;
  /** The section with the group's totals. */
  readonly section: string;
}

const BY_MAJOR: RosterGroup = {
  title: '专业',
  code: 'major',
  name: 'majorName',
  section: 'majors',
};

/** Draws roster reports, whose content has the section `students` and one of totals by group. */
export async function rosterPaper(
  rendering: Rendering,
  group: RosterGroup = BY_MAJOR,
): Promise<Uint8Array> {
  const { content, report } = rendering;
  const facts = new Map((content.figures ?? []).map(({ key, value }) => [key, String(value)]));
  const paper = new Paper({
    title: `${facts.get('schoolName')}录取名册`,
    watermark: facts.get('number') === NO_NUMBER ? '草　稿' : null,
    madeAt: new Date(`${rendering.madeAt.replace(' ', 'T')}+08:00`),
  });
  const printer = new RosterPrinter(paper, facts, rendering, group);
  printer.newPage();
  const masked = new Map(report.sections[0]?.columns.map(column => [column.key, column]));
  const students = sectionRows(rendering, 'students').map(row => {
    const shown = (key: string) => {
      const column = masked.get(key);
      return column === undefined ? (row[key] ?? null) : cellOf(column, row, rendering.unmasked);
    };
    return { ...row, name: shown('name'), identityNo: shown('identityNo') };
  });
  const totals = sectionRows(rendering, group.section);
  const groups = [...Map.groupBy(students as Row[], row => String(row[group.code]))];
  for (const [at, [code, own]] of groups.entries()) {
    printer.group(code, own, at === groups.length - 1 ? endHeight(totals.length) : 0);
  }
  printer.end(totals);
  return paper.bytes();
}

/** Of the totals by group and the areas for signatures and stamps. */
function endHeight(groups: number): number {
  return 10 + (groups + 2) * TOTAL_HEIGHT + SIGNATURES_HEIGHT;
}

function sectionRows(rendering: Rendering, section: string): readonly Row[] {
  const rows = rendering.content.rows[section] ?? [];
  return isArray(rows) ? rows : [];
}

class RosterPrinter {
  readonly #paper: Paper;
  readonly #facts: ReadonlyMap<string, string>;
  readonly #rendering: Rendering;
  readonly #group: RosterGroup;
  #y = 0;
  #onPage = 0;
  #printed = 0;

  constructor(
    paper: Paper,
    facts: ReadonlyMap<string, string>,
    rendering: Rendering,
    group: RosterGroup,
  ) {
    this.#paper = paper;
    this.#facts = facts;
    this.#rendering = rendering;
    this.#group = group;
  }

  newPage(): void {
    const paper = this.#paper;
    if (paper.pages > 0) this.#runningTotals();
    paper.addPage();
    this.#onPage = 0;
    const center = { width: WIDTH, align: 'center' } as const;
    const season = this.#facts.get('season') ?? '';
    paper.text(this.#facts.get('schoolName') ?? '', LEFT, 30, {
      ...center,
      size: 15,
      weight: 'bold',
    });
    paper.text(`${season}${this.#facts.get('phase')}录取名册`, LEFT, 54, {
      ...center,
      size: 13,
      weight: 'bold',
    });
    const line = `名册编号：${this.#facts.get('number')}　　办理：${this.#facts.get('office')}`;
    paper.text(line, LEFT, 82, { size: 9 });
    const right = `共 ${this.#facts.get('students')} 人　　状态：${this.#facts.get('state')}`;
    paper.text(right, LEFT, 82, { width: WIDTH, align: 'right' });
    if (this.#rendering.content.head.sample) {
      paper.text(SAMPLE_SENTENCE, LEFT, 18, { ...center, size: 7 });
    }
    this.#y = TOP - 8;
  }

  /**
   * @param end height of what follows the last group: a sheet with signatures alone could
   *   be put to any list, so that the last students go over to it; 0: another group follows
   */
  group(code: string, rows: readonly Row[], end: number): void {
    // A heading stands with a first student below it, and a short last group with the end.
    const height = (rows.length + 2) * ROW_HEIGHT + end;
    const short = end > 0 && rows.length <= SIGNED_WITH && this.#y + height > BOTTOM;
    if (this.#y + 3 * ROW_HEIGHT > BOTTOM || (short && this.#onPage > 0)) this.newPage();
    this.#heading(code, rows, '');
    const turn = this.#turnAt(rows.length, end);
    for (const [at, row] of rows.entries()) {
      if (this.#y + ROW_HEIGHT > BOTTOM || at === turn) {
        this.newPage();
        this.#heading(code, rows, '（续）');
      }
      this.#student(row);
    }
  }

  /** The student before whom a new sheet begins, that the end stands with students; -1: none. */
  #turnAt(count: number, end: number): number {
    const sheet = Math.floor((BOTTOM - TOP + 8 - 2 * ROW_HEIGHT) / ROW_HEIGHT);
    const first = Math.floor((BOTTOM - this.#y) / ROW_HEIGHT);
    const last = count <= first ? count : (count - first) % sheet || sheet;
    const top = count <= first ? this.#y : TOP - 8 + 2 * ROW_HEIGHT;
    const fits = top + last * ROW_HEIGHT + end <= BOTTOM;
    if (end === 0 || fits || last <= SIGNED_WITH) return -1;
    return count - SIGNED_WITH;
  }

  #heading(code: string, rows: readonly Row[], continued: string): void {
    const paper = this.#paper;
    const first = rows[0] ?? {};
    const articulated = first['articulated'] === true ? '　【三二分段】' : '';
    paper.shade(LEFT, this.#y, WIDTH, ROW_HEIGHT, GREY);
    const named = `${this.#group.title}：${first[this.#group.name] ?? ''}（${code}）`;
    const title = `${named}${articulated}${continued}`;
    paper.text(title, LEFT + 4, this.#y + 4, { weight: 'bold', width: WIDTH - 80 });
    paper.text(`${rows.length} 人`, LEFT, this.#y + 4, { width: WIDTH - 4, align: 'right' });
    paper.box(LEFT, this.#y, WIDTH, ROW_HEIGHT);
    this.#y += ROW_HEIGHT;
    this.#cells(
      COLUMNS.map(([title]) => title),
      true,
    );
  }

  #student(row: Row): void {
    this.#cells(
      COLUMNS.map(([, key]) => {
        const value = row[key] ?? null;
        if (key === 'total') return value === null ? '' : (Number(value) / 100).toFixed(2);
        return value === null ? '' : String(value);
      }),
      false,
    );
    this.#onPage += 1;
    this.#printed += 1;
  }

  #cells(texts: readonly string[], header: boolean): void {
    let x = LEFT;
    for (const [at, [, , width, align]] of COLUMNS.entries()) {
      this.#paper.box(x, this.#y, width, ROW_HEIGHT);
      this.#cell(texts[at] ?? '', x + 3, {
        width: width - 6,
        align: header ? 'center' : align,
        weight: header ? 'bold' : 'regular',
      });
      x += width;
    }
    this.#y += ROW_HEIGHT;
  }

  /** A long name stands in two lines, and is not written so small that nobody can read it. */
  #cell(text: string, x: number, style: TextStyle & { readonly width: number }): void {
    const paper = this.#paper;
    const lines = paper.linesOf(text, style.width, NAME_SIZE, style.weight);
    const whole = paper.widthOf(text, 9, style.weight) <= style.width * 1.15;
    if (whole || lines.length !== 2) {
      paper.text(text, x, this.#y + 4, style);
      return;
    }
    for (const [at, line] of lines.entries()) {
      paper.text(line, x, this.#y + 1.5 + at * NAME_LINE, { ...style, size: NAME_SIZE });
    }
  }

  #runningTotals(): void {
    const own = this.#onPage === 0 ? '' : `本页 ${this.#onPage} 人，`;
    const text = `${own}累计 ${this.#printed} 人`;
    this.#paper.text(text, LEFT, BOTTOM + 6, { width: WIDTH, align: 'right' });
  }

  end(groups: readonly Row[]): void {
    const { title, code, name } = this.#group;
    for (const [at, row] of groups.entries()) {
      const left = (groups.length - at + 1) * TOTAL_HEIGHT + SIGNATURES_HEIGHT;
      const turn = at === groups.length - TOTALS_SIGNED_WITH && this.#y + left > BOTTOM;
      if (turn) this.newPage();
      if (at === 0 || turn || this.#y + TOTAL_HEIGHT > BOTTOM) {
        if (this.#y + 60 > BOTTOM) this.newPage();
        this.#y += 10;
        this.#totalLine([title, '男', '女', '合计'], 'bold');
      }
      const named = `${row[name]}（${row[code]}）`;
      const counts = ['men', 'women', 'students'].map(key => Number(row[key]));
      this.#totalLine([named, ...counts.map(String)], 'regular');
    }
    const sum = (key: string) => String(groups.reduce((all, row) => all + Number(row[key]), 0));
    this.#totalLine(['合计', sum('men'), sum('women'), sum('students')], 'bold');
    if (this.#y + SIGNATURES_HEIGHT > BOTTOM) this.newPage();
    this.#signatures();
    this.#runningTotals();
    this.#feet();
  }

  #totalLine(texts: readonly string[], weight: 'regular' | 'bold'): void {
    const widths = [280, 60, 60, 70];
    let x = LEFT;
    for (const [at, width] of widths.entries()) {
      const align = at === 0 ? 'left' : 'right';
      this.#paper.text(texts[at] ?? '', x + 4, this.#y, { width: width - 8, align, weight });
      x += width;
    }
    this.#y += TOTAL_HEIGHT;
    this.#paper.line(LEFT, this.#y - 2, LEFT + 470, this.#y - 2, 0.25);
  }

  #signatures(): void {
    const paper = this.#paper;
    const y = this.#y + 14;
    const half = WIDTH / 2;
    paper.text('经办人：______________', LEFT, y, { size: 10 });
    paper.text('审核人：______________', LEFT + half, y, { size: 10 });
    paper.stampArea('（学校盖章）', LEFT, y + 24, half - 16, 84);
    const office = `（${this.#facts.get('office')}盖章）`;
    paper.stampArea(office, LEFT + half, y + 24, half, 84);
    const day = '　　　　年　　月　　日';
    paper.text(day, LEFT, y + 114, { size: 10, width: half - 16, align: 'right' });
    paper.text(day, LEFT, y + 114, { size: 10, width: WIDTH, align: 'right' });
    this.#y = y + 128;
  }

  #feet(): void {
    const { actor, madeAt } = this.#rendering;
    this.#paper.onEveryPage((page, pages) => {
      const hash = readableText({ type: 'code' }, this.#facts.get('hash') ?? '');
      this.#paper.line(LEFT, 778, LEFT + WIDTH, 778);
      this.#paper.text(`校验值：${hash}`, LEFT, 784, { size: 7 });
      this.#paper.text(`打印：${actor}　${madeAt}`, LEFT, 797, { size: 7 });
      const where = `第 ${page} 页　共 ${pages} 页`;
      this.#paper.text(where, LEFT, 790, { width: WIDTH, align: 'right' });
    });
  }
}
