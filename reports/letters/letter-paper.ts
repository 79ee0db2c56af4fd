/** The letter 录取通知书 on paper: one page each, with room for the school's stamp. */
import { cellOf, SAMPLE_SENTENCE } from '../render/cells.ts';
import { Paper } from '../render/pdf-paper.ts';
import { isArray, type Rendering, type Row } from '../report.ts';

const LEFT = 72;
const WIDTH = 451;
const BODY = 13;

/** Draws the section `letters`; without rows, one page that says so. */
export async function letterPaper(rendering: Rendering): Promise<Uint8Array> {
  const { content, report } = rendering;
  const figures = content.figures ?? [];
  const school = new Map(figures.map(({ key, value }) => [key, String(value ?? '')]));
  const paper = new Paper({
    title: `${school.get('name')}录取通知书`,
    madeAt: new Date(`${rendering.madeAt.replace(' ', 'T')}+08:00`),
  });
  const rows = content.rows['letters'] ?? [];
  const letters = isArray(rows) ? rows : [];
  const name = report.sections[0]?.columns.find(({ key }) => key === 'name');
  for (const row of letters) {
    const shown = name === undefined ? null : cellOf(name, row, rendering.unmasked);
    letterPage(paper, { ...row, name: shown }, school, content.head.sample);
  }
  if (letters.length === 0) {
    paper.addPage();
    paper.text('没有已录取的考生。', LEFT, 120, { size: BODY });
  }
  return paper.bytes();
}

function letterPage(
  paper: Paper,
  row: Row,
  school: ReadonlyMap<string, string>,
  sample: boolean,
): void {
  const center = { width: WIDTH, align: 'center' } as const;
  const name = school.get('name') ?? '';
  const text = (key: string) => String(row[key] ?? '');
  paper.addPage();
  if (sample) paper.text(SAMPLE_SENTENCE, LEFT, 24, { ...center, size: 7 });
  paper.text(name, LEFT, 84, { ...center, size: 20, weight: 'bold' });
  paper.text('录 取 通 知 书', LEFT, 122, { ...center, size: 28, weight: 'bold' });
  paper.text(`编号：${text('number')}`, LEFT, 178, { width: WIDTH, align: 'right', size: 10 });
  paper.line(LEFT, 196, LEFT + WIDTH, 196, 1);
  paper.text(`${text('name')} 同学（考生号 ${text('candidateNo')}）：`, LEFT, 220, {
    size: BODY,
    weight: 'bold',
    width: WIDTH,
  });
  const style = { size: BODY, width: WIDTH };
  let y = 252;
  for (const sentence of sentences(row, name)) {
    y = paper.paragraph(`　　${sentence}`, LEFT, y, style) + 4;
  }
  const documents = (school.get('documents') ?? '').split('；').filter(item => item !== '');
  if (documents.length > 0) y = paper.paragraph('　　报到注册时请携带：', LEFT, y, style);
  for (const [at, item] of documents.entries()) {
    const end = at === documents.length - 1 ? '。' : '；';
    const text = `${at + 1}. ${item}${end}`;
    y = paper.paragraph(text, LEFT + 2 * BODY, y, { ...style, width: WIDTH - 26 });
  }
  paper.stampArea('（学校盖章）', LEFT + WIDTH - 180, 580, 180, 110);
  paper.text('　　　年　　月　　日', LEFT, 700, { width: WIDTH, align: 'right', size: 12 });
  contact(paper, school);
}

function sentences(row: Row, school: string): string[] {
  const major = `${row['majorName'] ?? ''}（专业代码 ${row['major'] ?? ''}）`;
  const college = row['college'] === '' ? '高等职业院校' : String(row['college']);
  const day = row['registerBy'] ?? null;
  return [
    `经审核，你已被录取为${school}新生，录取专业：${row['major'] === null ? '由学校安排' : major}。`,
    ...(row['articulated'] === true
      ? [`该专业为三二分段专业：中职学习三年，经考核合格后转入${college}学习两年。`]
      : []),
    day === null
      ? '注册时间另行通知，请留意学校的公告。'
      : `请于 ${chineseDay(String(day))}前到校报到注册。逾期未注册的，录取资格将被取消。`,
  ];
}

function chineseDay(date: string): string {
  const [year, month, day] = date.split('-').map(Number);
  return `${year}年${month}月${day}日`;
}

function contact(paper: Paper, school: ReadonlyMap<string, string>): void {
  const parts = [
    ['学校地址', 'address'],
    ['邮编', 'postcode'],
    ['联系人', 'contact'],
    ['联系电话', 'phone'],
    ['网址', 'website'],
  ] as const;
  const told = parts.flatMap(([title, key]) => {
    const value = school.get(key) ?? '';
    return value === '' ? [] : [`${title}：${value}`];
  });
  if (told.length > 0) paper.line(LEFT, 742, LEFT + WIDTH, 742, 0.5);
  for (const at of [0, 2, 4]) {
    const line = told.slice(at, at + 2).join('　　');
    paper.text(line, LEFT, 750 + at * 8, { size: 9, width: WIDTH });
  }
}
