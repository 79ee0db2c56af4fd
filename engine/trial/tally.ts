/**
 * What a trial 试算 changed, counted: by city, batch, school, sex and origin, and by the reasons at
 * the contested choice. Worlds are added one after the other and may be forgotten at once.
 */
import { ABSENT } from '../decimal.ts';
import type { DispatchResult, SchoolOutcome } from '../dispatch/result.ts';
import type { CodedColumn, World } from '../dispatch/world.ts';
import {
  CHANGE_KINDS,
  type ChangeKind,
  type Comparison,
  contestedChoice,
  reasonAt,
} from './compare.ts';

/** Counts of candidates; `gained − lost = placedAfter − placedBefore`, always. */
export interface ChangeCounts extends Record<ChangeKind, number> {
  participants: number;
  placedBefore: number;
  placedAfter: number;
}

/** One school in one city and batch. */
export interface SchoolChange {
  readonly city: string;
  readonly batch: string;
  readonly school: string;
  readonly name: string;
  sentBefore: number;
  sentAfter: number;
  /** Sent there after and not before, and the other way round. */
  came: number;
  left: number;
  /** Places that stay empty. */
  freeBefore: number;
  freeAfter: number;
  /** Hundredths; null: nobody was sent, or scores play no part. */
  lowestBefore: number | null;
  lowestAfter: number | null;
}

/** How often a change had these reasons at the choice that it is about. */
export interface ReasonFlow {
  readonly kind: ChangeKind;
  readonly before: string;
  readonly after: string;
  count: number;
}

export interface TallyScope {
  readonly city: string;
  readonly batch: string;
}

export class TrialTally {
  readonly total = emptyCounts();
  readonly cities = new Map<string, ChangeCounts>();
  readonly batches = new Map<string, ChangeCounts>();
  /** By the code as it came; '' is absent. */
  readonly sexes = new Map<string, ChangeCounts>();
  readonly origins = new Map<string, ChangeCounts>();
  readonly schools = new Map<string, SchoolChange>();
  readonly flows = new Map<string, ReasonFlow>();
  freeBefore = 0;
  freeAfter = 0;

  add(comparison: Comparison, { city, batch }: TallyScope): void {
    const { world, before } = comparison;
    const { sex, origin } = world.candidates;
    const bySex = new Float64Array(sex.values.length * SLOTS);
    const byOrigin = new Float64Array(origin.values.length * SLOTS);
    const all = new Float64Array(SLOTS);
    for (let at = 0; at < before.participants.length; at += 1) {
      const candidate = before.participants[at]!;
      const kind = comparison.kind[at]!;
      const was = before.placedChoice[at] !== -1;
      const is = comparison.after.placedChoice[at] !== -1;
      count(all, 0, kind, was, is);
      count(bySex, sex.codes[candidate]! * SLOTS, kind, was, is);
      count(byOrigin, origin.codes[candidate]! * SLOTS, kind, was, is);
      if (MOVES[kind] === 1) this.#addFlow(comparison, at, CHANGE_KINDS[kind]!);
    }
    addByValue(this.sexes, sex, bySex);
    addByValue(this.origins, origin, byOrigin);
    const local = countsAt(all, 0);
    addCounts(this.total, local);
    addCounts(counter(this.cities, city), local);
    addCounts(counter(this.batches, batch), local);
    this.#addSchools(comparison, city, batch);
  }

  #addFlow(comparison: Comparison, at: number, kind: ChangeKind): void {
    const choice = contestedChoice(comparison, at);
    const before = reasonAt(comparison.before, choice);
    const after = reasonAt(comparison.after, choice);
    const key = `${kind}|${before}|${after}`;
    const flow = this.flows.get(key) ?? { kind, before, after, count: 0 };
    flow.count += 1;
    this.flows.set(key, flow);
  }

  #addSchools(comparison: Comparison, city: string, batch: string): void {
    const { world, before, after } = comparison;
    const { came, left } = movesOf(comparison);
    const then = new Map(after.schools.map(each => [each.school, each]));
    for (const was of before.schools) {
      const is = then.get(was.school) as SchoolOutcome;
      const { code, name } = world.schools[was.school]!;
      const change = this.#school(city, batch, code, name);
      change.sentBefore += was.sent;
      change.sentAfter += is.sent;
      change.came += came[was.school]!;
      change.left += left[was.school]!;
      change.freeBefore += Math.max(0, was.roomAfter);
      change.freeAfter += Math.max(0, is.roomAfter);
      change.lowestBefore = lower(change.lowestBefore, was.lowestScore);
      change.lowestAfter = lower(change.lowestAfter, is.lowestScore);
      this.freeBefore += Math.max(0, was.roomAfter);
      this.freeAfter += Math.max(0, is.roomAfter);
    }
  }

  #school(city: string, batch: string, school: string, name: string): SchoolChange {
    const key = `${city}|${batch}|${school}`;
    const known = this.schools.get(key);
    if (known !== undefined) return known;
    const change: SchoolChange = {
      ...{ city, batch, school, name, sentBefore: 0, sentAfter: 0, came: 0, left: 0 },
      ...{ freeBefore: 0, freeAfter: 0, lowestBefore: null, lowestAfter: null },
    };
    this.schools.set(key, change);
    return change;
  }
}

/** Someone's place is another one: then there is a choice that it is about. */
export function isMove(kind: ChangeKind): boolean {
  return kind === 'gained' || kind === 'lost' || kind === 'better' || kind === 'worse';
}

function movesOf({ world, before, after }: Comparison): { came: Uint32Array; left: Uint32Array } {
  const came = new Uint32Array(world.schools.length);
  const left = new Uint32Array(world.schools.length);
  const { school } = world.choices;
  for (let at = 0; at < before.placedChoice.length; at += 1) {
    const was = before.placedChoice[at]!;
    const is = after.placedChoice[at]!;
    if (was === is) continue;
    if (was !== -1) left[school[was]!] = left[school[was]!]! + 1;
    if (is !== -1) came[school[is]!] = came[school[is]!]! + 1;
  }
  return { came, left };
}

function lower(known: number | null, score: number): number | null {
  if (score === ABSENT) return known;
  return known === null ? score : Math.min(known, score);
}

function addByValue(
  into: Map<string, ChangeCounts>,
  column: CodedColumn,
  counts: Float64Array,
): void {
  column.values.forEach((value, code) => {
    addCounts(counter(into, value ?? ''), countsAt(counts, code * SLOTS));
  });
}

function counter(counters: Map<string, ChangeCounts>, key: string): ChangeCounts {
  const known = counters.get(key) ?? emptyCounts();
  counters.set(key, known);
  return known;
}

export function emptyCounts(): ChangeCounts {
  const kinds = Object.fromEntries(CHANGE_KINDS.map(kind => [kind, 0]));
  return { participants: 0, placedBefore: 0, placedAfter: 0, ...kinds } as ChangeCounts;
}

/** Counts of millions in arrays: participants, placed before, placed after, then by kind. */
const SLOTS = 3 + CHANGE_KINDS.length;
const MOVES = CHANGE_KINDS.map(kind => (isMove(kind) ? 1 : 0));

function count(counts: Float64Array, from: number, kind: number, was: boolean, is: boolean) {
  counts[from] = counts[from]! + 1;
  if (was) counts[from + 1] = counts[from + 1]! + 1;
  if (is) counts[from + 2] = counts[from + 2]! + 1;
  counts[from + 3 + kind] = counts[from + 3 + kind]! + 1;
}

function countsAt(counts: Float64Array, from: number): ChangeCounts {
  const kinds = CHANGE_KINDS.map((kind, at) => [kind, counts[from + 3 + at]] as const);
  return {
    participants: counts[from]!,
    placedBefore: counts[from + 1]!,
    placedAfter: counts[from + 2]!,
    ...Object.fromEntries(kinds),
  } as ChangeCounts;
}

function addCounts(to: ChangeCounts, more: ChangeCounts): void {
  for (const key of Object.keys(more) as (keyof ChangeCounts)[]) to[key] += more[key];
}

/** One step of a sweep: what one result comes to. */
export interface ResultFigures {
  participants: number;
  placed: number;
  /** Places that stay empty. */
  free: number;
  /** Schools with a plan line, and those of them with places left. */
  schools: number;
  openSchools: number;
  /** Lowest score that was sent anywhere, hundredths; null: none. */
  lowest: number | null;
}

/** Adds a result to the figures of its step. */
export function addFigures(to: ResultFigures, result: DispatchResult): void {
  to.participants += result.counts.participants;
  to.placed += result.counts.placed;
  for (const school of result.schools) {
    to.schools += 1;
    to.free += Math.max(0, school.roomAfter);
    if (school.roomAfter > 0) to.openSchools += 1;
    to.lowest = lower(to.lowest, school.lowestScore);
  }
}

export function emptyFigures(): ResultFigures {
  return { participants: 0, placed: 0, free: 0, schools: 0, openSchools: 0, lowest: null };
}

/** The lowest score at every school of a result, hundredths; null: none. */
export function lowestScores(world: World, result: DispatchResult): Map<string, number | null> {
  return new Map(
    result.schools.map(each => [world.schools[each.school]!.code, lower(null, each.lowestScore)]),
  );
}
