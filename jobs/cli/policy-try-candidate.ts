/** `zhongzhao policy try … --candidate NO`: one candidate before and after, choice by choice. */
import { formatHundredths } from '../../engine/decimal.ts';
import { textAt } from '../../engine/dispatch/bytes.ts';
import type { DispatchResult } from '../../engine/dispatch/result.ts';
import type { World } from '../../engine/dispatch/world.ts';
import { type Comparison, changeKind, reasonAt } from '../../engine/trial/compare.ts';
import { CHANGE_TITLES } from '../../reports/policy/trial-columns.ts';
import { reasonTitle } from '../../reports/words.ts';
import { fail } from '../trial/errors.ts';
import type { TriedPolicies } from '../trial/policies.ts';
import { runTrial, type TriedRun } from '../trial/run-trial.ts';
import { type Outcome, table } from './output.ts';
import { Words } from './policy-try.ts';
import type { TrialInput } from './trial-input.ts';

/** @throws CodedError not-in-runs */
export async function triedCandidate(
  input: TrialInput,
  policies: TriedPolicies,
  candidate: string,
): Promise<Outcome> {
  const lines: string[] = [];
  const json: unknown[] = [];
  const words = new Words(policies);
  for await (const run of runTrial(input.sources, policies, input.means)) {
    const at = participantOf(run.comparison, candidate);
    if (at === -1) continue;
    words.learn(run);
    const told = tellCandidate(run, at, words);
    lines.push(...(lines.length > 0 ? [''] : []), ...told.lines);
    json.push(told.json);
  }
  if (lines.length === 0) throw fail('not-in-runs', { candidate });
  return { json: { candidate, runs: json }, lines: [`考生 ${candidate}`, ...lines] };
}

/** Index of a participant by the candidate's number; -1: takes no part. */
export function participantOf(
  { world, before }: Pick<Comparison, 'world' | 'before'>,
  candidate: string,
): number {
  return before.participants.findIndex(at => textAt(world.candidates.number, at) === candidate);
}

function tellCandidate({ source, comparison }: TriedRun, at: number, words: Words) {
  const { world, before, after } = comparison;
  const kind = changeKind(comparison, at);
  const candidate = before.participants[at] as number;
  const choices = [];
  const end = world.choices.first[candidate + 1] as number;
  for (let choice = world.choices.first[candidate] as number; choice < end; choice += 1) {
    const school = world.schools[world.choices.school[choice] as number];
    choices.push({
      ordinal: world.choices.ordinal[choice] as number,
      school: school?.code ?? world.choices.unknownSchools.get(choice) ?? '',
      name: school?.name ?? '（未知院校）',
      before: reasonAt(before, choice),
      after: reasonAt(after, choice),
    });
  }
  const { run, city, batch, round } = source;
  const sides = { before: sideOf(world, before, at), after: sideOf(world, after, at) };
  const title = `${words.cities.get(city) ?? city} ${words.batches.get(batch) ?? batch}`;
  const ofRun = run === null ? '' : `（运行 ${run}）`;
  const rows = choices.map(({ ordinal, school, name, ...reasons }) => [
    `第${ordinal}志愿`,
    `${name}（${school}）`,
    reasonTitle(reasons.before, words.refusals),
    reasonTitle(reasons.after, words.refusals),
  ]);
  return {
    json: { run, city, batch, round, change: kind, ...sides, choices },
    lines: [
      `${title} 第${round}轮${ofRun}：${CHANGE_TITLES[kind]}`,
      ...table([
        ['', '', '原政策', '新政策'],
        ['投档分', '', sides.before.scoreText, sides.after.scoreText],
        ['位次', '', String(sides.before.position ?? '—'), String(sides.after.position ?? '—')],
        ['建议专业', '', sides.before.major ?? '—', sides.after.major ?? '—'],
        ...rows,
      ]).map(line => `  ${line}`),
    ],
  };
}

function sideOf(world: World, result: DispatchResult, at: number) {
  const placed = result.placedChoice[at] as number;
  const score = formatHundredths(result.score[at] as number);
  const position = result.position[at] as number;
  return {
    school:
      placed === -1 ? null : (world.schools[world.choices.school[placed] as number]?.code ?? null),
    ordinal: placed === -1 ? null : (world.choices.ordinal[placed] as number),
    major: world.majors[result.suggestedMajor[at] as number]?.code ?? null,
    position: position === 0 ? null : position,
    scoreText: score === '' ? '—' : score,
  };
}
