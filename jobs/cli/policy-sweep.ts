/** `zhongzhao policy try --sweep PATH=FROM..TO:STEP`: one value step by step. */
import type { Setting, Sweep } from '../../engine/trial/settings.ts';
import {
  addFigures,
  emptyCounts,
  emptyFigures,
  lowestScores,
  type ResultFigures,
  TrialTally,
} from '../../engine/trial/tally.ts';
import { shanghaiTime } from '../../reports/head.ts';
import { type SweepStep, sweepRendering } from '../../reports/policy/sweep-report.ts';
import type { Rendering } from '../../reports/report.ts';
import type { TriedPolicies } from '../trial/policies.ts';
import { runSweep } from '../trial/run-trial.ts';
import { headOf } from './policy-try.ts';
import type { TrialInput } from './trial-input.ts';

interface Step extends SweepStep {
  readonly figures: ResultFigures;
  readonly tally: TrialTally;
  readonly lowest: Map<string, number | null>;
}

/** @param tried the policy with more values set */
export async function sweptRendering(
  input: TrialInput,
  sweep: Sweep,
  tried: (more: readonly Setting[]) => TriedPolicies,
): Promise<Rendering> {
  const policies = sweep.values.map(value => tried([{ path: sweep.path, value }]));
  const steps = sweep.values.map(emptyStep);
  const base = emptyFigures();
  const cities = new Map<string, string>();
  const schools = new Map<string, string>();
  for await (const { source, step, comparison } of runSweep(input.sources, policies, input.means)) {
    const { world, before, after } = comparison;
    const { city } = source;
    const into = steps[step] as Step;
    if (step === 0) {
      addFigures(base, before);
      cities.set(city, world.regions.find(({ code }) => code === city)?.name ?? city);
      for (const { code, name } of world.schools) schools.set(`${city}|${code}`, name);
    }
    addFigures(into.figures, after);
    into.tally.add(comparison, source);
    for (const [school, lowest] of lowestScores(world, after)) {
      const key = `${city}|${school}`;
      const known = into.lowest.get(key) ?? null;
      into.lowest.set(
        key,
        known === null || lowest === null ? (known ?? lowest) : Math.min(known, lowest),
      );
    }
  }
  const current = policies[0]?.changes[0]?.before;
  return sweepRendering({
    head: await headOf(input, cities),
    path: sweep.path.text,
    current: current === undefined ? '（未设）' : plain(current),
    base,
    steps: steps.map(({ tally, ...step }) => ({ ...step, counts: tally.total })),
    schools,
    cities,
    actor: input.actor,
    madeAt: shanghaiTime(input.province?.now() ?? new Date()),
  });
}

function emptyStep(value: string): Step {
  const figures = emptyFigures();
  return { value, figures, counts: emptyCounts(), tally: new TrialTally(), lowest: new Map() };
}

function plain(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
