/**
 * What the deadline rules (deadlines.yaml) say of a city's files and open applications. Distinct
 * situations are read from the database, json-rules-engine is asked once for each, and nothing is
 * written here: a dry run ends with this.
 *
 * Applications are asked about first, by the rules that end applications, with the facts of their
 * file beside their own. One that expires holds its file up no longer, in the same sweep. The other
 * rules are about files.
 */

import type { Session } from '../../../db/connect.ts';
import type { FileColumn, SweepGroup, SweepPlace } from '../../../db/season/sweep-rows.ts';
import { type FileState, isFileState } from '../../../engine/file/states.ts';
import { transition } from '../../../engine/file/transition.ts';
import type { ActionRule, FactValue, FullPolicy } from '../../../engine/policy/types.ts';
import {
  ActionDecider,
  type ActionDecision,
  type ActionSituation,
  type FactGroup,
  type Instant,
} from '../../../engine/rules/actions.ts';
import { sweepError } from './errors.ts';
import {
  columnsOf,
  factReader,
  needsStanding,
  type SweepCity,
  type SweepSubject,
} from './facts.ts';
import { readerOf, type SweepReader } from './reader.ts';

/** Groups per subject and city that the unmodified engine decides again. */
export const RECHECK_GROUPS = 50;

/** The event that ends an application; all others are about files. */
export const EXPIRE = 'expire-application';
/** No event of a file: it is listed for whoever must remind the candidate, and stays as it is. */
export const REMIND = 'remind';

/** What is done with one group of files. */
export interface FileDecision {
  readonly key: string;
  readonly count: number;
  readonly school: string | null;
  readonly rule: ActionRule;
  readonly event: string;
  readonly reason: string | null;
  readonly from: FileState;
  /** Whether file-life.md allows the event from this state; where not, nothing is done. */
  readonly allowed: boolean;
  /** null: the file is closed. */
  readonly to: FileState | null;
}

export interface ExpiredDecision {
  readonly rule: ActionRule;
  readonly reason: string;
  readonly applications: readonly number[];
}

export interface SweepDecisions {
  /** What the keys of the groups are made of. */
  readonly columns: readonly FileColumn[];
  readonly files: number;
  readonly groups: number;
  readonly moves: readonly FileDecision[];
  /** Of rules that only remind. */
  readonly reminders: readonly FileDecision[];
  /** Rules that name an event which the state of the file does not allow. */
  readonly impossible: readonly FileDecision[];
  readonly applications: number;
  readonly expired: readonly ExpiredDecision[];
  readonly situations: readonly ActionSituation[];
  readonly engineRuns: number;
  readonly rechecked: number;
}

export interface SweepQuestion {
  readonly session: Session;
  readonly season: number;
  readonly city: string;
  readonly policy: FullPolicy;
  readonly instant: Instant;
  /** For the random recheck only. */
  readonly random: () => number;
  /** Read from the policy unless told. */
  readonly rules?: SweepRules;
  /** Of the one city unless told. */
  readonly reader?: SweepReader;
}

/** The deadline rules of a policy, those that end applications apart. */
export interface SweepRules {
  readonly ofApplications: ActionDecider;
  readonly ofFiles: ActionDecider;
}

/** @throws unknown-condition, condition-too-deep, unknown-operator */
export function readSweepRules(policy: FullPolicy): SweepRules {
  const ends = (rule: ActionRule) => eventOf(rule.then) === EXPIRE;
  const decider = (wanted: boolean) => {
    const rules = policy.deadlineRules.filter(rule => ends(rule) === wanted);
    return new ActionDecider(rules, policy.conditions, policy.attributes);
  };
  return { ofApplications: decider(true), ofFiles: decider(false) };
}

/** @throws recheck-mismatch, and what the rules throw */
export async function decideSweep(question: SweepQuestion): Promise<SweepDecisions> {
  const { ofApplications, ofFiles } = question.rules ?? readSweepRules(question.policy);
  const place = await placeOf(question, [
    ...ofApplications.factNames(question.instant),
    ...ofFiles.factNames(question.instant),
  ]);
  const applications = await askApplications(question, place, ofApplications);
  const expiring = applications.expired.flatMap(each => each.applications);
  const files = await askFiles(question, place, ofFiles, expiring);
  return {
    ...files,
    applications: applications.count,
    expired: applications.expired,
    situations: [...ofFiles.situations(), ...ofApplications.situations()],
    engineRuns: ofFiles.engineRuns() + ofApplications.engineRuns(),
    rechecked: files.rechecked + applications.rechecked,
  };
}

/** Where the applications that a decision names no longer count. */
export function expiringOf({ expired }: SweepDecisions): number[] {
  return expired.flatMap(each => each.applications);
}

async function placeOf(question: SweepQuestion, names: readonly string[]): Promise<SweepCity> {
  const { season, city, policy, instant } = question;
  const standings = needsStanding(names) ? await readerFor(question).standings(season) : [];
  const standing = standings.find(each => each.city === city);
  return { city, date: instant.date, policy, standing };
}

function readerFor({ reader, session }: SweepQuestion): SweepReader {
  return reader ?? readerOf(session);
}

async function askApplications(question: SweepQuestion, place: SweepCity, decider: ActionDecider) {
  const { season, city, policy, instant } = question;
  const names = decider.factNames(instant);
  const at: SweepPlace = { season, city, expiring: [] };
  const columns = columnsOf(names, 'application', policy.attributes);
  const groups = names.length === 0 ? [] : await readerFor(question).applications(at, columns);
  const { decisions, rechecked } = await ask(question, place, decider, groups, 'application');
  const expired: ExpiredDecision[] = [];
  decisions.forEach((decision, index) => {
    if (decision === null) return;
    const { rule, then } = decision;
    const { applications = [] } = groups[index] ?? {};
    expired.push({ rule, reason: String(then['reason'] ?? ''), applications });
  });
  return { count: sum(groups), expired, rechecked };
}

/** A group tells its state and school whatever the rules read: for the event and the report. */
const ALWAYS: readonly FileColumn[] = ['state', 'school'];

async function askFiles(
  question: SweepQuestion,
  place: SweepCity,
  decider: ActionDecider,
  expiring: readonly number[],
) {
  const { season, city, policy, instant } = question;
  const names = decider.factNames(instant);
  const read = columnsOf(names, 'file', policy.attributes) as FileColumn[];
  const columns = [...new Set([...ALWAYS, ...read])];
  const groups = await readerFor(question).files({ season, city, expiring }, columns);
  const { decisions, rechecked } = await ask(question, place, decider, groups, 'file');
  const decided = decisions.flatMap((decision, index) =>
    decision === null ? [] : [fileDecision(groups[index] as SweepGroup, decision)],
  );
  const reminders = decided.filter(({ event }) => event === REMIND);
  const acts = decided.filter(({ event }) => event !== REMIND);
  return {
    columns,
    files: sum(groups),
    groups: groups.length,
    moves: acts.filter(({ allowed }) => allowed),
    reminders,
    impossible: acts.filter(({ allowed }) => !allowed),
    rechecked,
  };
}

async function ask(
  { city, instant, random }: SweepQuestion,
  place: SweepCity,
  decider: ActionDecider,
  groups: readonly SweepGroup[],
  subject: SweepSubject,
): Promise<{ decisions: readonly (ActionDecision | null)[]; rechecked: number }> {
  const names = decider.factNames(instant);
  const read = factReader(names, subject, place);
  const asked: FactGroup[] = groups.map(({ values, count }) => ({ facts: read(values), count }));
  const decisions = await decider.decideGroups(asked, instant);
  const { compared, mismatches } = await decider.recheck(
    asked,
    decisions,
    instant,
    RECHECK_GROUPS,
    random,
  );
  if (mismatches.length > 0) {
    throw sweepError('recheck-mismatch', { city, compared, count: mismatches.length });
  }
  return { decisions, rechecked: compared };
}

function fileDecision(group: SweepGroup, { rule, then }: ActionDecision): FileDecision {
  const { key, count, values } = group;
  const event = eventOf(then);
  const from = String(values.state);
  if (!isFileState(from)) throw new Error(`no state of a file: ${from}`);
  const moved = event === REMIND ? null : transition(from, event);
  return {
    key,
    count,
    school: (values.school as string | null) ?? null,
    rule,
    event,
    reason: then['reason'] == null ? null : String(then['reason']),
    from,
    allowed: moved?.ok === true,
    to: moved?.ok === true ? moved.state : from,
  };
}

function eventOf(then: Readonly<Record<string, FactValue>>): string {
  return String(then['event']);
}

function sum(groups: readonly { readonly count: number }[]): number {
  return groups.reduce((total, { count }) => total + count, 0);
}
