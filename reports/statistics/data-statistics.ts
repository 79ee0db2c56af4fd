/**
 * data-statistics (数据统计): a cross-table over one to three of twelve dimensions, with five measures.
 * It counts the cells of progress.ts, so that its totals are those of admission-progress, and says
 * so under the table.
 */
import type { User } from '../../db/access/user.ts';
import type { Session } from '../../db/connect.ts';
import { reportError } from '../errors.ts';
import { readHead } from '../head.ts';
import { PARAMETERS } from '../parameters.ts';
import { wordsOf } from '../policy-words.ts';
import { enterReader } from '../reader.ts';
import {
  type Chart,
  type Column,
  defineReport,
  type Figure,
  type Parameters,
  type Reconciliation,
  type ReportContent,
  type Row,
  type Section,
  type SelectContext,
} from '../report.ts';
import { groupAtOnce, readInBulk, readOwnCounty } from '../row-stream.ts';
import { scopeWords } from '../scope-words.ts';
import { scoreLines } from '../score-lines.ts';
import { BAND_POINTS, DIMENSIONS, type Dimension, dimensionsOf, valueWords } from './dimensions.ts';
import { readPeopleGroups } from './people-groups.ts';
import {
  type ProgressScope,
  progressCells,
  progressValues,
  readProgressTotals,
  sumOf,
} from './progress.ts';

const MEASURES = {
  planned: '计划',
  sent: '投出',
  proposed: '待审',
  admitted: '录取',
  registered: '已注册',
} as const;
type Measure = keyof typeof MEASURES;
const MEASURE_KEYS = Object.keys(MEASURES) as Measure[];

/** More is no table that anybody reads; a narrower question is asked instead. */
const GROUPS_MAX = 20_000;
/** As many columns as a page in landscape holds. */
const CROSS_COLUMNS_MAX = 16;
const EMPTY = '没有生源计划，也没有档案。';

const MEASURE_COLUMNS: readonly Column[] = MEASURE_KEYS.map(key => ({
  key,
  title: MEASURES[key],
  type: 'integer',
  unit: '人',
  width: 8,
  total: 'sum',
}));

export const dataStatistics = defineReport({
  id: 'data-statistics',
  title: '数据统计',
  menu: '数据统计',
  side: 'office',
  withoutFindings: true,
  parameters: {
    type: 'object',
    additionalProperties: false,
    required: ['by'],
    properties: {
      by: {
        type: 'string',
        minLength: 1,
        maxLength: 80,
        description: `分组，一至三个，用逗号分开：${DIMENSIONS.map(
          ({ id, title }) => `${id} ${title}`,
        ).join('、')}`,
      },
      measure: { type: 'string', enum: MEASURE_KEYS, description: '交叉表的指标，默认 admitted' },
      city: PARAMETERS.city,
      school: PARAMETERS.school,
      batch: PARAMETERS.batch,
    },
  },
  sections: [crossSection([], [], 'admitted'), groupsSection([])],
  mainSection: 'groups',
  definitions: [
    { term: '计划', meaning: '生源计划；按考生分组（区县、性别、类别、分数段）时不分，不列。' },
    { term: '投出', meaning: '历次投档单上的人数，已取消的投档单不计；再投的各计一次。' },
    { term: '待审', meaning: '预录或拟录取，等待提交或审核的档案。' },
    { term: '录取', meaning: '现为录取、已注册或名册已备案的考生。' },
    { term: '专业', meaning: '按专业名称归并各校的专业。' },
    { term: '分数段', meaning: '按总分，每 50 分一段；没有总分的另列。' },
  ],
  select,
});

async function select(context: SelectContext, parameters: Parameters): Promise<ReportContent> {
  const { session, season } = context;
  const {
    city = null,
    school = null,
    batch = null,
  } = parameters as Readonly<Record<string, string>>;
  const dimensions = dimensionsOf(String(parameters['by']));
  const measure = (parameters['measure'] ?? 'admitted') as Measure;
  const by = dimensions.map(({ title }) => title).join(' × ');
  const head = await readHead(session, season, {
    scope: `${await scopeWords(session, season, parameters)} · 按${by}`,
    businessDate: null,
    runs: [],
  });
  const { user, policy } = await enterReader(context, dataStatistics, parameters);
  await readInBulk(session, school === null, true);
  await readOwnCounty(session, user?.county ?? null);
  const scope: ProgressScope = { season, city: city ?? onlyCity(user), school, batch };
  const county = (user?.county ?? null) !== null;
  const found = await readGroups(session, scope, dimensions, { by, county });
  const batches = wordsOf(policy?.base ?? null).batches;
  const groups = found.map(row => inWords(row, dimensions, batches));
  const ofPeople = dimensions.some(({ people }) => people !== undefined);
  const shown = ofPeople ? groups.filter(hasPeople) : groups;
  // A plan has no sex: of people there is no cross-table of plans.
  const planless = ofPeople && measure === 'planned';
  const cross = planless ? null : crossOf(shown, dimensions, measure);
  return {
    head,
    findings: [],
    figures: figuresOf(groups, ofPeople),
    sections: [crossSection(dimensions, cross?.values ?? [], measure), groupsSection(dimensions)],
    rows: {
      ...(cross === null ? {} : { cross: cross.rows }),
      groups: ofPeople ? shown.map(row => ({ ...row, planned: null })) : shown,
    },
    ...(city === null
      ? {}
      : {
          marks: scoreLines(policy?.ofCity(city) ?? null, {
            ...{ section: 'groups', city, batch, school },
          }),
        }),
    reconciliations: await reconcile(session, scope, groups, cross, measure),
  };
}

/**
 * The city of whoever has but one in scope, which the database shows nothing beyond: that the
 * planner can look up by it, and need not read the other cities' rows to leave them out.
 */
function onlyCity(user: User | null): string | null {
  if (user === null || user.cities === 'all' || user.cities.length !== 1) return null;
  return user.cities[0] ?? null;
}

/** Groups with their codes `c1` … and names `n1` …, in the order of the codes. */
async function readGroups(
  session: Session,
  scope: ProgressScope,
  dimensions: readonly Dimension[],
  { by, county }: { readonly by: string; readonly county: boolean },
): Promise<Row[]> {
  const ofMajor = dimensions.some(({ id }) => id === 'major' || id === 'articulated');
  const many = () => reportError('too-many-groups', { by, limit: GROUPS_MAX });
  if (!dimensions.some(({ people }) => people !== undefined)) {
    const values = progressValues(scope);
    // What a list bears counts its whole city; a county sees its own candidates alone.
    const rows = await session.query<Row>(
      named(dimensions, groupedCells(dimensions, ofMajor || county)),
      values,
    );
    if (rows.length > GROUPS_MAX) throw many();
    return rows;
  }
  const groups = await readPeopleGroups(session, scope, dimensions);
  if (groups.length > GROUPS_MAX) throw many();
  const columns = [...dimensions.map((_, at) => `c${at + 1}`), ...MEASURE_KEYS];
  const types = columns.map(
    (key, at) => `$${at + 2}::${key.startsWith('c') ? 'text' : 'integer'}[]`,
  );
  const given = `select * from unnest(${types.join(', ')}) as u (${columns.join(', ')})
    where $1::smallint is not null`;
  const values = columns.map(key => groups.map(row => row[key] ?? null));
  return session.query<Row>(named(dimensions, given), [scope.season, ...values]);
}

/** $1 season. The groups in the order of their codes, with the names of these. */
function named(dimensions: readonly Dimension[], groups: string): string {
  const names = dimensions.map(
    ({ name }, at) =>
      `${name === undefined ? 'null' : name.replaceAll('g.CODE', `g.c${at + 1}`)} as n${at + 1}`,
  );
  const order = dimensions.map((_, at) => `g.c${at + 1} collate "C"`);
  return `select g.*, ${names.join(', ')} from (${groups}) g order by ${order.join(', ')}`;
}

/** Of dimensions that plan lines know too; $1 to $5 as in progress.ts. */
function groupedCells(dimensions: readonly Dimension[], byMajor: boolean): string {
  const codes = dimensions.map(({ code }, at) => `${code} as c${at + 1}`).join(', ');
  const sums = MEASURE_KEYS.map(key => `sum(w.${key})::integer as ${key}`).join(', ');
  return `with cells as (${progressCells(byMajor)})
  select ${codes}, ${sums}
  from cells w
  left join schools s on s.season = $1::smallint and s.code = w.school
  left join regions z on z.season = $1::smallint and z.code = s.region
  left join majors m on m.season = $1::smallint and m.school = w.school and m.code = w.major
  group by ${dimensions.map((_, at) => at + 1).join(', ')}
  limit ${GROUPS_MAX + 1}`;
}

function inWords(
  row: Row,
  dimensions: readonly Dimension[],
  batches: ReadonlyMap<string, string>,
): Row {
  const words = dimensions.map((dimension, at) => {
    const code = row[`c${at + 1}`] ?? null;
    const named = dimension.id === 'batch' ? batches.get(String(code)) : row[`n${at + 1}`];
    return [`d${at + 1}`, valueWords(dimension, code, named ?? null)];
  });
  return { ...row, ...Object.fromEntries(words), ...edgesOf(row, dimensions) };
}

/** Plan lines alone: a group of which the dimension says nothing. */
function hasPeople(row: Row): boolean {
  return MEASURE_KEYS.some(key => key !== 'planned' && Number(row[key]) !== 0);
}

/** Dimensions whose codes people use beside the names. */
const WITH_CODES: ReadonlySet<string> = new Set(['city', 'county', 'school']);

function dimensionColumns(dimensions: readonly Dimension[]): Column[] {
  return dimensions.flatMap(({ id, title, width }, at) => {
    const name: Column = { key: `d${at + 1}`, title, type: 'text', width };
    const code: Column = { key: `c${at + 1}`, title: `${title}代码`, type: 'code', width: 9 };
    return WITH_CODES.has(id) ? [code, name] : [name];
  });
}

function groupsSection(dimensions: readonly Dimension[]): Section {
  const ofPeople = dimensions.some(({ people }) => people !== undefined);
  const measures = MEASURE_COLUMNS.filter(({ key }) => !ofPeople || key !== 'planned');
  return {
    id: 'groups',
    title: '各组人数',
    order: '各分组的代码',
    empty: EMPTY,
    columns: [...dimensionColumns(dimensions), ...measures],
    ...chartOf(dimensions),
  };
}

/** Of one dimension bars, of scores their distribution, of home and school city the flow. */
function chartOf(dimensions: readonly Dimension[]): { chart?: Chart } {
  const [first, second] = dimensions;
  if (dimensions.length === 2 && first?.id === 'city' && second?.id === 'seat') {
    const title = '生源流向（录取，人；框内为留在本市的）';
    return { chart: { kind: 'flow', title, from: 'd1', to: 'd2', value: 'admitted' } };
  }
  if (first === undefined || dimensions.length !== 1) return {};
  const values = ['admitted'];
  if (first.id === 'band') {
    const title = '录取考生的总分分布（人），及分数线';
    return { chart: { kind: 'histogram', title, lower: 'lower', upper: 'upper', values } };
  }
  const title = `各${first.title}录取人数（人）`;
  return { chart: { kind: 'bar', title, category: 'd1', values } };
}

/** The edges of a score band, hundredths; of no score, none. */
function edgesOf(row: Row, dimensions: readonly Dimension[]): Row {
  if (dimensions.length !== 1 || dimensions[0]?.id !== 'band') return {};
  const band = Number(row['c1'] ?? Number.NaN);
  if (Number.isNaN(band)) return { lower: null, upper: null };
  return { lower: band * BAND_POINTS * 100, upper: (band + 1) * BAND_POINTS * 100 };
}

function crossSection(
  dimensions: readonly Dimension[],
  values: readonly string[],
  measure: Measure,
): Section {
  const across = dimensions.at(-1)?.title ?? '';
  return {
    id: 'cross',
    title: '交叉表',
    order: '各分组的代码',
    empty: EMPTY,
    note: `表内为${MEASURES[measure]}人数；各列为${across}。`,
    columns: [
      ...dimensionColumns(dimensions.slice(0, -1)),
      ...values.map((title, at): Column => {
        return { key: `v${at + 1}`, title, type: 'integer', width: 8, total: 'sum' };
      }),
      { key: 'all', title: '合计', type: 'integer', unit: '人', width: 8, total: 'sum' },
    ],
  };
}

interface Cross {
  readonly values: readonly string[];
  readonly rows: readonly Row[];
}

/** The last dimension's values as columns; null: one dimension, or too many values. */
function crossOf(
  groups: readonly Row[],
  dimensions: readonly Dimension[],
  measure: Measure,
): Cross | null {
  const last = `${dimensions.length}`;
  const counted = groups.filter(row => Number(row[measure]) !== 0);
  const codes = new Map(counted.map(row => [String(row[`c${last}`]), String(row[`d${last}`])]));
  if (dimensions.length === 1 || codes.size > CROSS_COLUMNS_MAX) return null;
  const order = [...codes.keys()].toSorted((a, b) => (a < b ? -1 : 1));
  const keys = dimensions.slice(0, -1).map((_, at) => `c${at + 1}`);
  const lines = Map.groupBy(counted, row => keys.map(key => row[key]).join('\u0000'));
  const rows = [...lines.values()].map(own => {
    const at = (code: string) => own.find(row => String(row[`c${last}`]) === code);
    const cells = order.map((code, n) => [`v${n + 1}`, Number(at(code)?.[measure] ?? 0)]);
    return { ...own[0], ...Object.fromEntries(cells), all: sumOf(own, measure) };
  });
  return { values: order.map(code => codes.get(code) as string), rows };
}

function figuresOf(groups: readonly Row[], ofPeople: boolean): Figure[] {
  return MEASURE_KEYS.filter(key => !ofPeople || key !== 'planned').map(key => ({
    key,
    title: MEASURES[key],
    type: 'integer',
    value: sumOf(groups, key),
    unit: '人',
  }));
}

async function reconcile(
  session: Session,
  scope: ProgressScope,
  groups: readonly Row[],
  cross: Cross | null,
  measure: Measure,
): Promise<Reconciliation[]> {
  const progress = await groupAtOnce(session, () => readProgressTotals(session, scope));
  const sums = MEASURE_KEYS.map(key => ({
    sentence: `各组之和与“录取进度统计”（${MEASURES[key]}）`,
    left: sumOf(groups, key),
    right: progress[key] ?? 0,
  }));
  if (cross === null) return sums;
  const sentence = `交叉表合计与各组之和（${MEASURES[measure]}）`;
  return [...sums, { sentence, left: sumOf(cross.rows, 'all'), right: sumOf(groups, measure) }];
}
