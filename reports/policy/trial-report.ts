/**
 * The report of a trial 试算报告: what another policy would have done to runs of the past – who gains,
 * who loses, who changes place, by city, batch, school, sex and origin, with the reasons before and
 * after. No candidate is in it; the list of those who change is a file of its own
 * (trial-candidates.ts).
 */
import { valueTitle } from '../../engine/rules/value-titles.ts';
import type { SettingChange } from '../../engine/trial/settings.ts';
import type { ChangeCounts, SchoolChange, TrialTally } from '../../engine/trial/tally.ts';
import { brokenSums } from '../render/sentences.ts';
import type {
  Column,
  Figure,
  Reconciliation,
  Rendering,
  ReportFrame,
  ReportHead,
  Row,
  Section,
} from '../report.ts';
import { reasonTitle } from '../words.ts';
import { CHANGE_TITLES, countColumns, countRow, TRIAL_DEFINITIONS } from './trial-columns.ts';

/** Schools in the chart: those where most people come or leave. */
const SCHOOLS_CHARTED_MAX = 20;

/** The policy of one side, as the head names it. */
export interface PolicyName {
  readonly title: string;
  readonly baseHash: string;
}

export interface TrialWords {
  /** Region code → name. */
  readonly cities: ReadonlyMap<string, string>;
  readonly batches: ReadonlyMap<string, string>;
  /** Code of a refusal → title of its rule, of both policies. */
  readonly refusals: ReadonlyMap<string, string>;
}

export interface TrialReportInput {
  readonly head: ReportHead;
  readonly before: readonly PolicyName[];
  readonly after: PolicyName;
  readonly settings: readonly SettingChange[];
  /** Cities that keep the settings of their run. */
  readonly keptCities: readonly string[];
  /** Whole years that the data were moved by; 0: none. */
  readonly movedYears: number;
  readonly tally: TrialTally;
  readonly words: TrialWords;
  readonly actor: string;
  readonly madeAt: string;
}

export function trialRendering(input: TrialReportInput): Rendering {
  const { tally } = input;
  const reconciliations = trialSums(tally);
  return {
    report: FRAME,
    content: {
      head: input.head,
      findings: brokenSums(reconciliations),
      figures: figuresOf(input),
      rows: {
        policies: policyRows(input),
        ...(input.settings.length > 0 ? { settings: settingRows(input) } : {}),
        cities: cityRows(input),
        flows: flowRows(input),
        'schools-most': schoolRows(input, mostMoved(tally)),
        schools: schoolRows(input, changedSchools(tally)),
        ...(tally.batches.size > 1 ? { batches: batchRows(input) } : {}),
        sexes: valueRows('candidate.sex', tally.sexes),
        origins: valueRows('candidate.origin', tally.origins),
      },
      reconciliations,
    },
    actor: input.actor,
    unmasked: false,
    madeAt: input.madeAt,
    trail: null,
    signed: null,
    links: [],
  };
}

const text = (key: string, title: string, width: number): Column => ({
  ...{ key, title, type: 'text', width },
});
const code = (key: string, title: string): Column => ({ key, title, type: 'code', width: 9 });

const SCHOOL_COLUMNS: readonly Column[] = [
  text('cityName', '地市', 10),
  code('school', '院校代码'),
  text('name', '院校', 22),
  ...(
    [
      ['sentBefore', '原投出'],
      ['sentAfter', '试投出'],
      ['came', '来'],
      ['left', '去'],
      ['freeBefore', '原空余'],
      ['freeAfter', '试空余'],
    ] as const
  ).map(([key, title]) => ({
    ...{ key, title, type: 'integer' as const, width: 7, total: 'sum' as const },
  })),
  { key: 'lowestBefore', title: '原最低分', type: 'hundredths', width: 8 },
  { key: 'lowestAfter', title: '试最低分', type: 'hundredths', width: 8 },
];

const SECTIONS: readonly Section[] = [
  {
    id: 'policies',
    title: '所比较的政策',
    order: '原政策在前',
    empty: '没有政策。',
    columns: [
      text('side', '一方', 8),
      text('title', '政策', 40),
      { key: 'baseHash', title: '内容哈希', type: 'hash', width: 14 },
      text('note', '说明', 40),
    ],
  },
  {
    id: 'settings',
    title: '试改的取值',
    order: '所给的次序',
    empty: '没有试改单个取值。',
    columns: [
      text('path', '取值', 44),
      text('file', '文件', 22),
      text('before', '原值', 14),
      text('after', '试值', 14),
      text('note', '说明', 30),
    ],
  },
  {
    id: 'cities',
    title: '分市',
    order: '地市代码',
    empty: '没有地市。',
    columns: countColumns([code('city', '代码'), text('cityName', '地市', 10)]),
    chart: {
      kind: 'bar',
      title: '各市新投出与不再投出的人数（人）',
      category: 'cityName',
      values: ['gained', 'lost'],
    },
  },
  {
    id: 'flows',
    title: '为什么',
    order: '人数，多者在前',
    empty: '没有人新投出、不再投出或换志愿。',
    note: '每人只计一次：按其变动所关的那个志愿，先后两次的结果。',
    columns: [
      text('label', '变动', 34),
      text('before', '原结果', 26),
      text('after', '新结果', 26),
      { key: 'count', title: '人数', type: 'integer', unit: '人', width: 8, total: 'sum' },
    ],
    chart: { kind: 'bar', title: '变动及其理由（人）', category: 'label', values: ['count'] },
  },
  {
    id: 'schools-most',
    title: '变动最多的院校',
    order: '来去人数之和，多者在前',
    empty: '没有院校的投档结果变动。',
    columns: SCHOOL_COLUMNS,
    chart: {
      kind: 'bar',
      title: '变动最多的院校：来与去的人数（人）',
      category: 'name',
      values: ['came', 'left'],
    },
  },
  {
    id: 'schools',
    title: '分院校',
    order: '地市代码，院校代码',
    empty: '没有院校的投档结果变动。',
    note: '只列投档结果有变动的院校。来：新政策下投往该校而原来没有；去则相反。',
    columns: SCHOOL_COLUMNS,
  },
  {
    id: 'batches',
    title: '分批次',
    order: '批次代码',
    empty: '没有批次。',
    columns: countColumns([code('batch', '代码'), text('batchTitle', '批次', 16)]),
  },
  {
    id: 'sexes',
    title: '分性别',
    order: '代码',
    empty: '没有考生。',
    columns: countColumns([text('title', '性别', 10)]),
    chart: {
      kind: 'bar',
      title: '分性别：新投出与不再投出的人数（人）',
      category: 'title',
      values: ['gained', 'lost'],
    },
  },
  {
    id: 'origins',
    title: '分考生类别',
    order: '代码',
    empty: '没有考生。',
    columns: countColumns([text('title', '考生类别', 16)]),
    chart: {
      kind: 'bar',
      title: '分考生类别：新投出与不再投出的人数（人）',
      category: 'title',
      values: ['gained', 'lost'],
    },
  },
];

const FRAME: ReportFrame = {
  id: 'policy-try',
  title: '政策试算报告',
  menu: '政策工作台',
  side: 'office',
  withoutFindings: true,
  parameters: { type: 'object', additionalProperties: false, properties: {} },
  sections: SECTIONS,
  definitions: TRIAL_DEFINITIONS,
};

function figuresOf({ tally }: TrialReportInput): Figure[] {
  const { total, freeBefore, freeAfter } = tally;
  const people = (key: string, title: string, value: number): Figure => ({
    ...{ key, title, type: 'integer', value, unit: '人' },
  });
  return [
    people('participants', '参加投档', total.participants),
    people('placedBefore', '原政策投出', total.placedBefore),
    people('placedAfter', '新政策投出', total.placedAfter),
    people('gained', CHANGE_TITLES.gained, total.gained),
    people('lost', CHANGE_TITLES.lost, total.lost),
    people('better', CHANGE_TITLES.better, total.better),
    people('worse', CHANGE_TITLES.worse, total.worse),
    people('major', CHANGE_TITLES.major, total.major),
    people('reasons', CHANGE_TITLES.reasons, total.reasons),
    people('same', '完全不变', total.same),
    { key: 'freeBefore', title: '原空余名额', type: 'integer', value: freeBefore, unit: '个' },
    { key: 'freeAfter', title: '新空余名额', type: 'integer', value: freeAfter, unit: '个' },
  ];
}

/** Every way in which the figures must agree, said on the page. */
export function trialSums(tally: TrialTally): Reconciliation[] {
  const { total } = tally;
  const sum = (counters: ReadonlyMap<string, ChangeCounts>, key: keyof ChangeCounts) =>
    [...counters.values()].reduce((all, counts) => all + counts[key], 0);
  const schools = [...tally.schools.values()];
  const ofSchools = (count: (school: SchoolChange) => number) =>
    schools.reduce((all, school) => all + count(school), 0);
  const parts = [
    ['各市', tally.cities],
    ['各批次', tally.batches],
    ['各性别', tally.sexes],
    ['各考生类别', tally.origins],
  ] as const;
  return [
    {
      sentence: '新投出 − 不再投出 = 新政策投出 − 原政策投出',
      left: total.gained - total.lost,
      right: total.placedAfter - total.placedBefore,
    },
    ...parts.flatMap(([title, counters]) => [
      {
        sentence: `${title}新投出之和 = 全部新投出`,
        left: sum(counters, 'gained'),
        right: total.gained,
      },
      {
        sentence: `${title}不再投出之和 = 全部不再投出`,
        left: sum(counters, 'lost'),
        right: total.lost,
      },
    ]),
    {
      sentence: '各院校试投出之和 = 新政策投出',
      left: ofSchools(school => school.sentAfter),
      right: total.placedAfter,
    },
    {
      sentence: '各院校来 − 去之和 = 新政策投出 − 原政策投出',
      left: ofSchools(school => school.came - school.left),
      right: total.placedAfter - total.placedBefore,
    },
  ];
}

function policyRows(input: TrialReportInput): Row[] {
  const { before, after, settings, keptCities, movedYears, words } = input;
  const cities = keptCities.map(city => words.cities.get(city) ?? city).join('、');
  const notes = [
    cities === '' ? '' : `没有写 ${cities} 的设置，沿用原运行的。`,
    settings.length === 0 ? '' : '试改了单个取值，见下表。',
    movedYears === 0 ? '' : `年度不同：考生的出生日期和业务日期移动 ${movedYears} 年后试算。`,
  ];
  return [
    ...before.map(policy => ({ side: '原政策', ...policy, note: '' })),
    { side: '新政策', ...after, note: notes.join('') },
  ];
}

function settingRows({ settings, words }: TrialReportInput): Row[] {
  return settings.map(({ path, file, before, after, keptBy }) => {
    const cities = keptBy.map(city => words.cities.get(city) ?? city).join('、');
    return {
      path,
      file,
      before: before === undefined ? '（未设）' : jsonText(before),
      after: jsonText(after),
      note: cities === '' ? '' : `${cities}自有设置，不受影响。`,
    };
  });
}

function jsonText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function cityRows({ tally, words }: TrialReportInput): Row[] {
  return sorted(tally.cities).map(([city, counts]) =>
    countRow({ city, cityName: words.cities.get(city) ?? city }, counts),
  );
}

function batchRows({ tally, words }: TrialReportInput): Row[] {
  return sorted(tally.batches).map(([batch, counts]) =>
    countRow({ batch, batchTitle: words.batches.get(batch) ?? batch }, counts),
  );
}

function valueRows(fact: string, counters: ReadonlyMap<string, ChangeCounts>): Row[] {
  return sorted(counters)
    .filter(([, counts]) => counts.participants > 0)
    .map(([value, counts]) =>
      countRow({ title: value === '' ? '（未填）' : valueTitle(fact, value) }, counts),
    );
}

function flowRows({ tally, words }: TrialReportInput): Row[] {
  const flows = [...tally.flows.values()].sort(
    (a, b) => b.count - a.count || (`${a.kind}${a.before}` < `${b.kind}${b.before}` ? -1 : 1),
  );
  return flows.map(({ kind, before, after, count }) => {
    const was = reasonTitle(before, words.refusals);
    const is = reasonTitle(after, words.refusals);
    const telling = before === 'placed' ? `现为“${is}”` : `原为“${was}”`;
    return { label: `${CHANGE_TITLES[kind]}（${telling}）`, before: was, after: is, count };
  });
}

function changedSchools(tally: TrialTally): SchoolChange[] {
  return [...tally.schools.values()]
    .filter(school => moved(school) > 0 || school.freeBefore !== school.freeAfter)
    .sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

function mostMoved(tally: TrialTally): SchoolChange[] {
  return changedSchools(tally)
    .filter(school => moved(school) > 0)
    .sort((a, b) => moved(b) - moved(a) || (keyOf(a) < keyOf(b) ? -1 : 1))
    .slice(0, SCHOOLS_CHARTED_MAX);
}

function moved({ came, left }: SchoolChange): number {
  return came + left;
}

function keyOf({ city, batch, school }: SchoolChange): string {
  return `${city}|${school}|${batch}`;
}

function schoolRows({ words }: TrialReportInput, schools: readonly SchoolChange[]): Row[] {
  return schools.map(({ batch: _, ...school }) => ({
    ...school,
    cityName: words.cities.get(school.city) ?? school.city,
  }));
}

function sorted<T>(counters: ReadonlyMap<string, T>): [string, T][] {
  return [...counters].sort(([a], [b]) => (a < b ? -1 : 1));
}
