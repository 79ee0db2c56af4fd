/** Numbers that look misplaced: lines above full marks, ratios, limits said twice and otherwise. */
import { SUBJECT_PREFIX } from '../../rules/catalogue.ts';
import type { Knowledge } from '../check-context.ts';
import type { FaultCode } from '../faults.ts';
import type { FullPolicy, RegionLine, SchoolLine } from '../types.ts';
import type { PlacedFinding } from './analyse.ts';
import { ownRules, placedAtoms } from './own-rules.ts';

/** In hundredths: of schools that send back few, offices dispatch up to a fifth more. */
const RATIO_USUAL_MAX = 120;
const RATIO_USUAL_MIN = 100;
/** A line so many times the others', or so small a part of them, has a digit wrong. */
const LINE_UNUSUAL_FACTOR = 2.5;
const LINES_TO_COMPARE_MIN = 4;

type Report = (
  code: FaultCode,
  document: string,
  path: readonly (string | number)[],
  detail: Readonly<Record<string, string | number>>,
) => void;

export function valueFindings(
  policy: FullPolicy,
  city: string | null,
  base: FullPolicy,
  knowledge: Knowledge,
): PlacedFinding[] {
  const found: PlacedFinding[] = [];
  const report: Report = (code, document, path, detail) => {
    found.push({ code, document, path, city, detail });
  };
  ratios(policy, city, base, report);
  bands(policy, city, base, knowledge, report);
  lines(policy, city, base, knowledge, report);
  if (city === null) bonuses(policy, report);
  limits(policy, city, base, report);
  marks(policy, city, base, knowledge, report);
  return found;
}

function ratios(policy: FullPolicy, city: string | null, base: FullPolicy, report: Report): void {
  for (const { id, dispatch } of policy.batches) {
    const { ratio } = dispatch;
    const former = base.batches.find(batch => batch.id === id)?.dispatch.ratio;
    if (city !== null && former === ratio) continue;
    if (ratio >= RATIO_USUAL_MIN && ratio <= RATIO_USUAL_MAX) continue;
    const code = ratio < RATIO_USUAL_MIN ? 'ratio-under-one' : 'ratio-unusual';
    const detail = { value: ratio / 100, limit: RATIO_USUAL_MAX / 100 };
    report(code, 'batches', ['batches', id, 'dispatch', 'ratio'], detail);
  }
}

/** Above full marks nobody is; a band that ends below the line holds nobody either. */
function bands(
  policy: FullPolicy,
  city: string | null,
  base: FullPolicy,
  knowledge: Knowledge,
  report: Report,
): void {
  const full = city === null ? undefined : knowledge.fullMarks?.get(city);
  for (const { id, dispatch } of policy.batches) {
    const former = base.batches.find(batch => batch.id === id)?.dispatch.bands;
    if (city !== null && String(former) === String(dispatch.bands)) continue;
    const path = (at: number) => ['batches', id, 'dispatch', 'bands', at];
    const line = policy.regionLines.find(each => each.region === city && each.batch === id);
    dispatch.bands.forEach((band, at) => {
      if (full !== undefined && band > full) {
        report('band-above-full', 'batches', path(at), { value: band / 100, full: full / 100 });
      }
      const upper = dispatch.bands[at - 1];
      if (line === undefined || upper === undefined || upper > line.line) return;
      const detail = { value: band / 100, upper: upper / 100, line: line.line / 100 };
      report('band-below-line', 'batches', path(at), detail);
    });
  }
}

function lines(
  policy: FullPolicy,
  city: string | null,
  base: FullPolicy,
  knowledge: Knowledge,
  report: Report,
): void {
  const inherited = new Set([...base.regionLines, ...base.schoolLines].map(lineKey));
  const own = (line: RegionLine) => city === null || !inherited.has(lineKey(line));
  const usual = usualLine(policy, knowledge);
  const check = (list: string, identity: string, { region, line }: RegionLine) => {
    const path = [list, identity, 'line'];
    const full = knowledge.fullMarks?.get(region);
    if (full !== undefined && line > full) {
      report('line-above-full', 'score-lines', path, { value: line / 100, full: full / 100 });
    } else if (full === undefined && usual !== null && isUnusual(line, usual)) {
      report('line-unusual', 'score-lines', path, { value: line / 100, usual: usual / 100 });
    } else if (line === 0) report('line-of-zero', 'score-lines', path, { value: 0 });
  };
  for (const line of policy.regionLines.filter(own)) {
    check('regions', `${line.region} ${line.batch}`, line);
  }
  for (const line of policy.schoolLines.filter(own)) {
    check('schools', `${line.school} ${line.region} ${line.batch}`, line);
  }
}

function lineKey(line: RegionLine | SchoolLine): string {
  return JSON.stringify([line, 'school' in line ? line.school : null]);
}

/** What lines usually are: where it is known, those of all cities; else this policy's own. */
function usualLine(policy: FullPolicy, { usualLine: known }: Knowledge): number | null {
  if (known !== null) return known;
  const all = policy.regionLines.map(each => each.line).sort((a, b) => a - b);
  return all.length < LINES_TO_COMPARE_MIN ? null : (all[all.length >> 1] ?? null);
}

function isUnusual(line: number, usual: number): boolean {
  return line > usual * LINE_UNUSUAL_FACTOR || line * LINE_UNUSUAL_FACTOR < usual;
}

/** The line in the middle of all cities' region lines; null: too few to tell. */
export function middleLine(policies: readonly FullPolicy[]): number | null {
  const all = policies.flatMap(policy => policy.regionLines.map(each => each.line));
  all.sort((a, b) => a - b);
  return all.length < LINES_TO_COMPARE_MIN ? null : (all[all.length >> 1] ?? null);
}

function bonuses(policy: FullPolicy, report: Report): void {
  const { cap, features } = policy.preferences;
  for (const { id, points, kind } of features) {
    if (kind !== 'bonus') continue;
    const path = ['features', id, 'points'];
    if (points === 0) report('bonus-of-zero', 'preferences', path, { name: id });
    if (cap !== null && points > cap) {
      report('bonus-above-cap', 'preferences', path, { value: points / 100, cap: cap / 100 });
    }
  }
}

/** Limits that calendar.yaml states and rules repeat. */
const LIMITS: Readonly<Record<string, { readonly value: string; readonly upper: boolean }>> = {
  // Of more days than this an application expires: `greaterThan`.
  'application.age-days': { value: 'application-expiry-days', upper: false },
  // Of fewer than this a further transfer is granted: `lessThan`.
  'file.transfers': { value: 'transfers-max', upper: true },
};

function limits(policy: FullPolicy, city: string | null, base: FullPolicy, report: Report): void {
  for (const placed of ownRules(policy, city, base)) {
    for (const { atom, path } of placedAtoms(placed, policy)) {
      const limit = LIMITS[atom.fact];
      const stated = policy.values.find(({ id }) => id === limit?.value);
      if (limit === undefined || stated === undefined || typeof atom.value !== 'number') continue;
      const said = limitOf(atom.operator, atom.value, limit.upper);
      if (said === null || said === stated.value) continue;
      const detail = { name: placed.rule.id, value: atom.value, of: stated.title, id: stated.id };
      report('limit-differs', placed.document, path, { ...detail, stated: String(stated.value) });
    }
  }
}

function limitOf(operator: string, value: number, upper: boolean): number | null {
  if (upper && operator === 'lessThan') return value;
  if (upper && operator === 'lessThanInclusive') return value + 1;
  if (!upper && operator === 'greaterThan') return value;
  if (!upper && operator === 'greaterThanInclusive') return value - 1;
  return null;
}

const TOTALS: ReadonlySet<string> = new Set(['candidate.total', 'candidate.score', 'line.region']);
const AGE_MIN_YEARS = 10;
const AGE_MAX_YEARS = 100;

/** Thresholds of marks beyond full marks, of ages that nobody has. */
function marks(
  policy: FullPolicy,
  city: string | null,
  base: FullPolicy,
  { fullMarks, subjectMarks }: Knowledge,
  report: Report,
): void {
  const most = (marks: ReadonlyMap<string, number> | null | undefined) =>
    marks == null || marks.size === 0 ? undefined : Math.max(...marks.values());
  const full = city === null ? most(fullMarks) : fullMarks?.get(city);
  for (const placed of ownRules(policy, city, base)) {
    for (const { atom, path } of placedAtoms(placed, policy)) {
      const { fact, value } = atom;
      if (typeof value !== 'number') continue;
      if (fact === 'candidate.age' && (value < AGE_MIN_YEARS || value > AGE_MAX_YEARS)) {
        report('age-unusual', placed.document, path, { value });
      }
      const limit = TOTALS.has(fact)
        ? full
        : fact.startsWith(SUBJECT_PREFIX)
          ? subjectMarks?.get(fact.slice(SUBJECT_PREFIX.length))
          : undefined;
      if (limit === undefined || value * 100 <= limit) continue;
      report('threshold-above-full', placed.document, path, { value, full: limit / 100 });
    }
  }
}
