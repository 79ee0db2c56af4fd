/**
 * What would have changed a candidate's outcome, in sentences that a family understands. Only the
 * candidate's own values and the schools' names are in them.
 */
import { formatHundredths } from '../../engine/decimal.ts';
import type { World } from '../../engine/dispatch/world.ts';
import { basisWords } from '../../engine/policy/handbook/words.ts';
import type { Batch, Policy } from '../../engine/policy/types.ts';
import type {
  Change,
  Counterfactual,
  Flip,
  MissedChoice,
  Vain,
} from '../../engine/trial/counterfactual.ts';
import { reasonTitle, refusedBy } from '../words.ts';

export interface CounterfactualWords {
  readonly world: World;
  readonly policy: Policy;
  readonly found: Counterfactual;
}

/** The kinds in the order in which they are told. */
const KINDS: readonly Change['kind'][] = ['points', 'order', 'places', 'rule'];

/** As lines of plain text; the first is the answer. */
export function counterfactualLines(words: CounterfactualWords): string[] {
  const { found } = words;
  if (found.missed.length === 0) return [...placedFirst(words), '', ...footnotes(words)];
  const lines = [opening(words), ...headline(words)];
  for (const missed of found.missed) lines.push('', ...missedLines(words, missed));
  return [...lines, '', ...footnotes(words)];
}

function placedFirst({ world, found }: CounterfactualWords): string[] {
  const where = `您已由第${ordinalOf(world, found.placed)}志愿投出，前面没有别的志愿，不会更好。`;
  if (found.margin === null) return [where];
  return [where, `总分再低 ${formatHundredths(found.margin)} 分，就不会投往该校。`];
}

function opening({ world, found }: CounterfactualWords): string {
  return found.placed === -1
    ? '您这次没有投出。怎样才会投出，逐个志愿说明如下。'
    : `您由第${ordinalOf(world, found.placed)}志愿投出。怎样才会投往前面的志愿，逐个说明如下。`;
}

/** The smallest of each kind; where no single change helps, that is said. */
function headline(words: CounterfactualWords): string[] {
  const best = KINDS.flatMap(kind => {
    const flips = words.found.missed.flatMap(({ flips }) => flips);
    const [smallest] = flips
      .filter(({ change }) => change.kind === kind)
      .toSorted((a, b) => sizeOf(a) - sizeOf(b) || a.placed - b.placed);
    return smallest === undefined ? [] : [smallest];
  });
  if (best.length === 0) {
    return ['所试的每一种改变，单独都不会改变这个结果：须有两项以上同时改变。'];
  }
  const several = best.length > 1 ? '（有一项即可）' : '';
  return [
    `最小的改变${several}：`,
    ...best.map(flip => {
      const missed = words.found.missed.find(({ flips }) => flips.includes(flip)) as MissedChoice;
      const where =
        flip.change.kind === 'order'
          ? '投往该校'
          : `由第${ordinalOf(words.world, flip.placed)}志愿投出`;
      return `  · ${condition(words, missed, flip.change)}，就会${where}。`;
    }),
  ];
}

function sizeOf({ change }: Flip): number {
  if (change.kind === 'points') return change.points;
  return change.kind === 'places' ? change.places : 0;
}

function missedLines(words: CounterfactualWords, missed: MissedChoice): string[] {
  const { world } = words;
  const ordinal = ordinalOf(world, missed.choice);
  const title =
    missed.rule === null ? reasonTitle(missed.reason, new Map()) : refusedBy(missed.rule.title);
  const lines = [`第${ordinal}志愿　${schoolTitle(words, missed.choice)}　${title}`];
  const told = missed.flips.filter(flip => !isTold(words.found, missed, flip));
  for (const flip of told) lines.push(flipLine(words, missed, flip));
  const vain = missed.vain.map(each => vainText(words, missed, each));
  if (missed.flips.length > 0 && vain.length > 0) {
    lines.push(`  · 试过而不够的：${vain.join('；')}。`);
  }
  const [earlier] = missed.flips.filter(flip => !told.includes(flip));
  if (earlier !== undefined && told.length === 0) {
    const where = `第${ordinalOf(words.world, earlier.placed)}志愿`;
    lines.push(`  · 所差不多于${where}：在${where}下所说的改变，会使您投往更靠前的${where}。`);
  }
  const basis = missed.rule?.basis ?? batchOf(words)?.basis ?? '';
  if (missed.flips.length > 0 && basis !== '') {
    lines.push(`    依据：${basisWords(words.policy, basis)}`);
  }
  if (missed.flips.length === 0) {
    const why = vain.length === 0 ? '这个原因不在分数、名额和志愿的次序。' : `${vain.join('；')}。`;
    lines.push(`  · 没有哪一项单独的改变会使您投往该校或更靠前的志愿：${why}`);
  }
  if (isDrawn(words) && missed.rule === null) {
    lines.push('  · 本批次按派位（摇号）的次序投档，次序与分数无关。');
  }
  return lines;
}

/** The same change leads to an earlier choice, where it is told. */
function isTold({ missed }: Counterfactual, { choice }: MissedChoice, flip: Flip): boolean {
  const there = missed.find(each => each.choice === flip.placed);
  if (flip.placed >= choice || there === undefined) return false;
  return there.flips.some(
    ({ change }) =>
      change.kind === flip.change.kind &&
      (change.kind === 'points'
        ? change.points === (flip.change as typeof change).points
        : change.kind === 'rule' && change.rule.rule === (flip.change as typeof change).rule.rule),
  );
}

function flipLine(words: CounterfactualWords, missed: MissedChoice, flip: Flip): string {
  const where =
    flip.placed === missed.choice
      ? '就会投往该校'
      : `就会投往更靠前的第${ordinalOf(words.world, flip.placed)}志愿`;
  const unproven = flip.proven ? '' : '（更小的改变没有逐一试完，也许已经够了）';
  return `  · ${condition(words, missed, flip.change)}，${where}${unproven}。`;
}

function condition(words: CounterfactualWords, missed: MissedChoice, change: Change): string {
  const school = schoolTitle(words, missed.choice);
  switch (change.kind) {
    case 'points':
      return `总分再高 ${formatHundredths(change.points)} 分`;
    case 'places':
      return `${school}在本市再多 ${change.places} 个名额`;
    case 'order':
      return `把${school}填在最前面的志愿`;
    case 'rule':
      return `没有“${change.rule.title}”这条规则（对所有考生都没有）`;
  }
}

function vainText({ world }: CounterfactualWords, missed: MissedChoice, vain: Vain): string {
  switch (vain.kind) {
    case 'points':
      return vain.upTo === 0
        ? '总分已是最高'
        : `总分再高 ${formatHundredths(vain.upTo)} 分（到最高分）也不会`;
    case 'places':
      return `该校再多 ${vain.upTo} 个名额也不会（更多的没有试）`;
    case 'order':
      return `把第${ordinalOf(world, missed.choice)}志愿填在最前面也不会`;
    case 'rule':
      return `没有“${missed.rule?.title ?? ''}”这条规则也不会`;
  }
}

function footnotes({ found }: CounterfactualWords): string[] {
  const lines = [
    `以上每一项都用这次投档的全部数据重新投档核实（共 ${found.runs} 次），` +
      '每次只改一处，其他考生的成绩和志愿不变。',
  ];
  if (found.runs > 0) {
    const step = formatHundredths(found.pointStep);
    lines.push(`分数以 ${step} 分为最小单位，只改总分，单科成绩不变。`);
  }
  return [...lines, '这是对过去一次投档的推算，不是对今后的承诺。'];
}

function ordinalOf(world: World, choice: number): number {
  return world.choices.ordinal[choice] as number;
}

function schoolTitle({ world }: CounterfactualWords, choice: number): string {
  const school = world.schools[world.choices.school[choice] as number];
  const code = school?.code ?? world.choices.unknownSchools.get(choice) ?? '';
  return `${school?.name ?? '（未知院校）'}（${code}）`;
}

function batchOf({ world, policy }: CounterfactualWords): Batch | undefined {
  return policy.batches.find(({ id }) => id === world.batch);
}

function isDrawn(words: CounterfactualWords): boolean {
  return batchOf(words)?.dispatch.mode === 'lottery';
}

/** For machines: codes and ordinals in the place of indexes. */
export function counterfactualJson(words: CounterfactualWords): unknown {
  const { world, found } = words;
  const spot = (choice: number) =>
    choice === -1
      ? null
      : {
          ordinal: ordinalOf(world, choice),
          school: world.schools[world.choices.school[choice] as number]?.code ?? null,
        };
  return {
    placed: spot(found.placed),
    marginPoints: found.margin === null ? null : found.margin / 100,
    pointStep: found.pointStep / 100,
    dispatches: found.runs,
    choices: found.missed.map(({ choice, reason, rule, flips, vain }) => ({
      ...spot(choice),
      reason,
      rule: rule?.rule ?? null,
      flips: flips.map(({ change, placed, proven }) => ({
        kind: change.kind,
        ...(change.kind === 'points' ? { points: change.points / 100 } : {}),
        ...(change.kind === 'places' ? { places: change.places } : {}),
        ...(change.kind === 'rule' ? { rule: change.rule.rule, basis: change.rule.basis } : {}),
        placed: spot(placed),
        smallest: proven,
      })),
      inVain: vain.map(({ kind, upTo }) => ({
        kind,
        upTo: kind === 'points' ? upTo / 100 : upTo,
      })),
    })),
  };
}
