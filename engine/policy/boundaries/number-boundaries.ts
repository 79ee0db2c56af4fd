/** Boundaries of numbers that code applies and no rule: ratios, bands, choices, bonuses. */
import { roundedPlaces } from '../../dispatch/places.ts';
import type { RuleWords } from '../handbook/rule-blocks.ts';
import { choiceText } from '../handbook/words.ts';
import type { Batch, FullPolicy } from '../types.ts';
import type { Boundary, BoundaryCase } from './sheet.ts';

/** Plans are tried up to here for one at which the ratio gives a place more. */
const PLAN_TRIED_MAX = 200;
/** Shown where the ratio never adds a place. */
const PLAN_USUAL = 10;

export function numberBoundaries(
  policy: FullPolicy,
  city: string | null,
  base: FullPolicy,
  { titles }: RuleWords,
): Boundary[] {
  const whose = city === null ? '' : (titles.regions.get(city) ?? city);
  const found: Boundary[] = [];
  for (const batch of policy.batches) {
    const former = city === null ? undefined : base.batches.find(each => each.id === batch.id);
    const subject = `${whose}${batch.title}（${batch.id}）`;
    const of = { city, basis: batch.basis, note: '' };
    if (former === undefined || ratioOf(former) !== ratioOf(batch)) {
      found.push({ ...of, section: 'ratios', ...ratioBoundary(batch, subject) });
    }
    const { bands } = batch.dispatch;
    if (bands.length > 0 && String(former?.dispatch.bands) !== String(bands)) {
      for (const band of bands) {
        found.push({ ...of, section: 'ratios', ...bandBoundary(bands, band, subject) });
      }
    }
    if (former === undefined) found.push(...choiceBoundaries(batch, subject, of));
  }
  return city === null ? [...found, ...capBoundary(policy)] : found;
}

function ratioOf({ dispatch }: Batch): string {
  return `${dispatch.ratio} ${dispatch.rounding}`;
}

type Shown = Pick<Boundary, 'subject' | 'threshold' | 'cases'>;

function ratioBoundary({ dispatch }: Batch, name: string): Shown {
  const { ratio, rounding } = dispatch;
  const rooms = (plan: number) => roundedPlaces(plan, ratio, rounding);
  const plans = Array.from({ length: PLAN_TRIED_MAX }, (_, at) => at + 2);
  const jump = plans.find(plan => rooms(plan) - plan > rooms(plan - 1) - (plan - 1));
  const around = jump ?? PLAN_USUAL;
  return {
    subject: `${name}投档比例`,
    threshold: `${(ratio / 100).toFixed(2)}，${choiceText('rounding', rounding)}`,
    cases: [around - 1, around, around + 1].map((plan, at) => ({
      side: ['少一人', jump === undefined ? '计划' : '多投一人的计划', '多一人'][at] ?? '',
      value: `计划 ${plan} 人`,
      decision: `最多投档 ${rooms(plan)} 人（机动计划数另加）`,
      example: null,
    })),
  };
}

function bandBoundary(bands: readonly number[], band: number, name: string): Shown {
  const bandText = (score: number) => {
    const at = bands.findIndex(lower => score >= lower);
    return at === -1 ? `末段（低于 ${points(bands.at(-1) ?? 0)} 分）` : `第 ${at + 1} 段`;
  };
  const cases = [band - 1, band, band + 1].map((score, at): BoundaryCase => {
    const side = ['低于界限', '正好', '高于界限'][at] ?? '';
    return { side, value: `${points(score)} 分`, decision: bandText(score), example: null };
  });
  return { subject: `${name}梯度`, threshold: `下限 ${points(band)} 分`, cases };
}

function points(hundredths: number): string {
  return String(hundredths / 100);
}

function choiceBoundaries(
  { choices }: Batch,
  name: string,
  of: Pick<Boundary, 'city' | 'basis' | 'note'>,
): Boundary[] {
  const limit = (subject: string, max: number, what: string): Boundary => ({
    ...of,
    section: 'limits',
    subject,
    threshold: `最多 ${max} 个`,
    cases: [max, max + 1].map(count => ({
      side: count === max ? '正好' : '超出',
      value: `${count} 个${what}`,
      decision: count === max ? '可以填报' : '超出上限，导入时退回',
      example: null,
    })),
  });
  return [
    limit(`${name}院校志愿数`, choices.max, '志愿'),
    limit(`${name}每个志愿的专业数`, choices.majors, '专业'),
  ];
}

function capBoundary({ preferences }: FullPolicy): Boundary[] {
  const { cap, features, combine } = preferences;
  if (cap === null) return [];
  const largest = features.filter(({ kind }) => kind === 'bonus').map(({ points }) => points);
  const basis = features[0]?.basis ?? 'sample';
  const cases = [cap - 1, cap, cap + 1].map((sum, at): BoundaryCase => {
    const side = ['低于上限', '正好', '高于上限'][at] ?? '';
    const decision = `计 ${points(Math.min(sum, cap))} 分`;
    return { side, value: `加分合计 ${points(sum)} 分`, decision, example: null };
  });
  const threshold = `上限 ${points(cap)} 分`;
  const note = largest.length === 0 ? '没有加分的照顾特征' : choiceText('combine', combine);
  return [{ section: 'limits', city: null, subject: '照顾加分', threshold, basis, note, cases }];
}
