/**
 * The dimensions 分组 of the cross-table (data-statistics): how each is selected from the cells of
 * progress.ts, and how its values read.
 */
import { valueTitle } from '../../engine/rules/value-titles.ts';
import { reportError } from '../errors.ts';
import { bandTitle } from '../queries/school-applicants.ts';
import type { Cell } from '../report.ts';

/** Points of a score band. */
export const BAND_POINTS = 50;

export interface Dimension {
  readonly id: string;
  /** Chinese. */
  readonly title: string;
  /** SQL over a candidate `c` where the files are parted by it: plan lines know nothing of it. */
  readonly people?: string;
  /** SQL of the code from that, where it is dear: for each group, not for each candidate. */
  readonly asCode?: (people: string) => string;
  /** SQL over the cells `w`, their school `s`, major `m` and seat `z`: what is grouped by. */
  readonly code: string;
  /** SQL of the name beside the code; where there is none, the code is worded below. */
  readonly name?: string;
  readonly width: number;
  /** A value without a name of its own, in words. */
  readonly words?: (code: string) => string;
}

const regionName = (code: string) =>
  `(select r.name from regions r where r.season = $1::smallint and r.code = ${code})`;

export const DIMENSIONS: readonly Dimension[] = [
  { id: 'city', title: '生源地市', code: 'w.city', name: regionName('g.CODE'), width: 12 },
  {
    id: 'county',
    title: '生源区县',
    people: 'c.county',
    code: 'w.county',
    name: regionName('g.CODE'),
    width: 12,
  },
  { id: 'batch', title: '批次', code: 'w.batch', width: 14 },
  {
    id: 'school',
    title: '院校',
    code: 'w.school',
    name: '(select x.name from schools x where x.season = $1::smallint and x.code = g.CODE)',
    width: 24,
  },
  {
    id: 'kind',
    title: '院校类别',
    code: `coalesce(s.kind, '')`,
    width: 14,
    words: code => valueTitle('school.kind', code),
  },
  {
    id: 'owner',
    title: '院校隶属',
    code: `coalesce(s.owner, '')`,
    width: 10,
    words: code => valueTitle('school.owner', code),
  },
  {
    id: 'seat',
    title: '院校所在地市',
    code: `case z.level when 'city' then z.code when 'county' then z.parent else '' end`,
    name: regionName('g.CODE'),
    width: 12,
    words: code => (code === '' ? '不属任何地市' : code),
  },
  { id: 'major', title: '专业', code: `coalesce(m.name, w.major)`, width: 22 },
  {
    id: 'articulated',
    title: '三二分段',
    code: `coalesce(m.articulated, false)::text`,
    width: 10,
    words: code => (code === 'true' ? '三二分段' : '其他专业'),
  },
  {
    id: 'sex',
    title: '性别',
    people: 'c.sex',
    code: 'w.sex',
    width: 6,
    words: code => valueTitle('candidate.sex', code),
  },
  {
    id: 'origin',
    title: '考生类别',
    people: 'c.origin',
    code: 'w.origin',
    width: 16,
    words: code => valueTitle('candidate.origin', code),
  },
  {
    id: 'band',
    title: '分数段',
    people: `c.total / ${BAND_POINTS * 100}`,
    asCode: band => `coalesce(lpad(${band}::text, 4, '0'), '-')`,
    code: 'w.band',
    width: 14,
    words: code => bandTitle(code === '-' ? null : Number(code), BAND_POINTS),
  },
];

const DIMENSIONS_MAX = 3;

/**
 * The dimensions of a text such as `city,sex` or `生源地市、性别`.
 *
 * @throws CodedError unknown-dimension: a name that there is not, one named twice, or too many
 */
export function dimensionsOf(text: string): Dimension[] {
  const names = text.split(/[,，、\s]+/).filter(name => name !== '');
  const found = names.map(name => {
    const known = DIMENSIONS.find(({ id, title }) => id === name || title === name);
    return known ?? refuse(name);
  });
  const twice = found.find((one, at) => found.indexOf(one) !== at);
  if (twice !== undefined) refuse(twice.id);
  if (found.length === 0 || found.length > DIMENSIONS_MAX) refuse(text);
  return found;
}

function refuse(name: string): never {
  const names = DIMENSIONS.map(({ id, title }) => `${id}（${title}）`).join('、');
  throw reportError('unknown-dimension', { name, names });
}

/** A value as people read it; null: plan lines, of which the dimension says nothing. */
export function valueWords(dimension: Dimension, code: Cell, name: Cell): string {
  if (code === null) return '（计划不分）';
  const text = String(code);
  if (name !== null && name !== undefined && name !== '') return String(name);
  const words = dimension.words === undefined ? text : dimension.words(text);
  return words === '' ? '（未填）' : words;
}
