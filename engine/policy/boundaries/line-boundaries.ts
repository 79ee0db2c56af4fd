/** Boundaries of score lines 分数线: each line of each city, decided by the city's own rules. */
import { factValueTitle } from '../../rules/condition-words.ts';
import { chainsOf } from '../analysis/chains.ts';
import type { RuleWords } from '../handbook/rule-blocks.ts';
import type { FactValue, FullPolicy, RegionLine, SchoolLine } from '../types.ts';
import { Prober } from './probe.ts';
import { rounded } from './rule-boundaries.ts';
import { type Boundary, without } from './sheet.ts';
import { decisionText } from './wording.ts';

const SCORE = 'candidate.score';
const SCORE_STEP = 0.01;
const SIDES = ['低于分数线', '正好', '高于分数线'];

/**
 * The lines of a policy in effect.
 *
 * @param city whose lines; null: those that the province sets for all
 */
export async function lineBoundaries(
  policy: FullPolicy,
  city: string | null,
  base: FullPolicy,
  words: RuleWords,
): Promise<Boundary[]> {
  const inherited = new Set(
    city === null ? [] : [...base.regionLines, ...base.schoolLines].map(lineKey),
  );
  const regions = policy.regionLines.filter(line => !inherited.has(lineKey(line)));
  const schools = policy.schoolLines.filter(line => !inherited.has(lineKey(line)));
  const chain = chainsOf(policy, city).find(({ stage }) => stage === 'eligibility');
  if (chain === undefined || regions.length + schools.length === 0) return [];
  const prober = new Prober(policy, chain);
  const of = { prober, policy, words };
  const found: Boundary[] = [];
  for (const line of regions) found.push(await lineBoundary(of, line, null));
  for (const line of schools) {
    const region = policy.regionLines.find(
      each => each.region === line.region && each.batch === line.batch,
    );
    found.push(await lineBoundary(of, line, region?.line ?? null));
  }
  return found;
}

function lineKey(line: RegionLine | SchoolLine): string {
  return JSON.stringify([line, 'school' in line]);
}

interface Of {
  readonly prober: Prober;
  readonly policy: FullPolicy;
  readonly words: RuleWords;
}

async function lineBoundary(
  { prober, policy, words }: Of,
  line: RegionLine | SchoolLine,
  regionLine: number | null,
): Promise<Boundary> {
  const { region, batch, basis } = line;
  const value = line.line / 100;
  const school = 'school' in line ? line.school : null;
  const lower = regionLine === null ? null : regionLine / 100;
  const fixed: Record<string, FactValue> = {
    'batch.id': batch,
    'line.region': school === null ? value : lower,
    'line.school': school === null ? null : value,
    ...(school === null ? {} : { 'school.code': school }),
  };
  const place = words.titles.regions.get(region) ?? region;
  const title = policy.batches.find(each => each.id === batch)?.title ?? batch;
  const whose = school === null ? `${place}区域分数线` : `${place}院校 ${school} 分数线`;
  const subject = `${whose}（${title}）`;
  const values = [rounded(value - SCORE_STEP), value, rounded(value + SCORE_STEP)].filter(
    each => each >= 0,
  );
  const text = (each: FactValue) => factValueTitle(SCORE, each, words.context);
  const { examples } = await prober.ask({
    rule: null,
    fact: SCORE,
    values,
    fixed,
    basis,
    title: each => `边界：${subject} ${text(value)}，投档分 ${text(each)}`,
  });
  return {
    section: 'lines',
    city: region,
    subject,
    threshold: text(value),
    basis,
    note: '',
    cases: examples.map((example, at) => ({
      side: SIDES.slice(-values.length)[at] ?? '',
      value: text(values[at] ?? null),
      decision: decisionText(example, policy),
      // The line is left to the policy: when it moves, the test no longer holds.
      example: without(example, ['line.region', 'line.school']),
    })),
  };
}
