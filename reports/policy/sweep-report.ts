/**
 * The report of a sweep 逐值试算: one value of the policy step by step, and what each step would have
 * come to – a table and curves.
 */
import type { ChangeCounts, ResultFigures } from '../../engine/trial/tally.ts';
import type { Column, Rendering, ReportFrame, ReportHead, Row, Section } from '../report.ts';
import { TRIAL_DEFINITIONS } from './trial-columns.ts';

/** More steps do not fit beside each other; the first and the last are shown then. */
const STEPS_ABREAST_MAX = 14;
/** Schools whose lowest score is shown: those where it moves most. */
const SCHOOLS_SHOWN_MAX = 40;

export interface SweepStep {
  /** As written. */
  readonly value: string;
  readonly figures: ResultFigures;
  /** Against the runs' own policy. */
  readonly counts: ChangeCounts;
  /** `city|school` → lowest score, hundredths; null: nobody was sent. */
  readonly lowest: ReadonlyMap<string, number | null>;
}

export interface SweepReportInput {
  readonly head: ReportHead;
  /** As written: score-lines.regions[440100,vocational].line */
  readonly path: string;
  /** What stands there now, as it would be written; '': nothing. */
  readonly current: string;
  readonly base: ResultFigures;
  readonly steps: readonly SweepStep[];
  /** `city|school` → name. */
  readonly schools: ReadonlyMap<string, string>;
  readonly cities: ReadonlyMap<string, string>;
  readonly actor: string;
  readonly madeAt: string;
}

export function sweepRendering(input: SweepReportInput): Rendering {
  const { base, steps } = input;
  const schools = schoolSection(input);
  return {
    report: frameOf([...SECTIONS, schools.section]),
    content: {
      head: input.head,
      findings: [],
      figures: [
        { key: 'path', title: '逐值试算', type: 'text', value: input.path },
        { key: 'current', title: '现值', type: 'text', value: input.current },
        { key: 'steps', title: '步数', type: 'integer', value: steps.length },
        { key: 'participants', title: '参加投档', type: 'integer', value: base.participants },
        { key: 'placed', title: '现政策投出', type: 'integer', value: base.placed },
        { key: 'free', title: '现空余名额', type: 'integer', value: base.free },
      ],
      rows: { steps: stepRows(input), lowest: stepRows(input), schools: schools.rows },
      reconciliations: steps.map(({ value, counts, figures }) => ({
        sentence: `${value}：新投出 − 不再投出 = 投出 − 现政策投出`,
        left: counts.gained - counts.lost,
        right: figures.placed - base.placed,
      })),
    },
    actor: input.actor,
    unmasked: false,
    madeAt: input.madeAt,
    trail: null,
    signed: null,
    links: [],
  };
}

const count = (key: string, title: string, unit = '人'): Column => ({
  ...{ key, title, type: 'integer', unit, width: 9 },
});

const SECTIONS: readonly Section[] = [
  {
    id: 'steps',
    title: '各值的投档结果',
    order: '所给的次序',
    empty: '没有取值。',
    columns: [
      { key: 'value', title: '取值', type: 'text', width: 12 },
      count('placed', '投出'),
      count('unplaced', '未投出'),
      count('free', '空余名额', '个'),
      count('gained', '新投出'),
      count('lost', '不再投出'),
      count('better', '志愿提前'),
      count('worse', '志愿推后'),
    ],
    chart: {
      kind: 'line',
      title: '投出人数与空余名额',
      category: 'value',
      values: ['placed', 'free'],
    },
  },
  {
    id: 'lowest',
    title: '最低投档分与未满院校',
    order: '所给的次序',
    empty: '没有取值。',
    columns: [
      { key: 'value', title: '取值', type: 'text', width: 12 },
      { key: 'lowest', title: '最低投档分', type: 'hundredths', unit: '分', width: 12 },
      count('openSchools', '未满院校', '所'),
    ],
    chart: { kind: 'line', title: '最低投档分（分）', category: 'value', values: ['lowest'] },
  },
];

function frameOf(sections: readonly Section[]): ReportFrame {
  return {
    id: 'policy-sweep',
    title: '政策逐值试算',
    menu: '政策工作台',
    side: 'office',
    withoutFindings: true,
    parameters: { type: 'object', additionalProperties: false, properties: {} },
    sections,
    definitions: TRIAL_DEFINITIONS,
  };
}

function stepRows({ steps }: SweepReportInput): Row[] {
  return steps.map(({ value, figures, counts }) => ({
    ...{ value, placed: figures.placed, unplaced: figures.participants - figures.placed },
    ...{ free: figures.free, openSchools: figures.openSchools, lowest: figures.lowest },
    ...{ gained: counts.gained, lost: counts.lost, better: counts.better, worse: counts.worse },
  }));
}

/** The lowest score of each school at every step, or at the first and the last. */
function schoolSection({ steps, schools, cities }: SweepReportInput) {
  const [first, last] = [steps[0] as SweepStep, steps[steps.length - 1] as SweepStep];
  const shown = steps.length > STEPS_ABREAST_MAX ? [first, last] : steps;
  const moved = [...schools.keys()]
    .map(key => ({ key, by: spread(steps, key) }))
    .filter(({ by }) => by > 0)
    .sort((a, b) => b.by - a.by || (a.key < b.key ? -1 : 1))
    .slice(0, SCHOOLS_SHOWN_MAX);
  const section: Section = {
    id: 'schools',
    title: '最低投档分有变动的院校',
    order: '最低分变动，大者在前',
    empty: '各校的最低投档分不随取值变动。',
    note: `至多列 ${SCHOOLS_SHOWN_MAX} 所；没有投出的为空。`,
    columns: [
      { key: 'city', title: '地市', type: 'text', width: 10 },
      { key: 'school', title: '院校', type: 'text', width: 22 },
      ...shown.map(
        (step, at): Column => ({
          ...{ key: `step${at}`, title: step.value, type: 'hundredths', width: 7 },
        }),
      ),
    ],
  };
  const rows = moved.map(({ key }) => {
    const [city = ''] = key.split('|');
    const scores = shown.map((step, at) => [`step${at}`, step.lowest.get(key) ?? null] as const);
    const school = schools.get(key) ?? '';
    return { city: cities.get(city) ?? city, school, ...Object.fromEntries(scores) };
  });
  return { section, rows };
}

/** How far a school's lowest score moves; nobody sent at some step counts as the whole of it. */
function spread(steps: readonly SweepStep[], key: string): number {
  const scores = steps.map(step => step.lowest.get(key) ?? 0);
  return Math.max(...scores) - Math.min(...scores);
}
