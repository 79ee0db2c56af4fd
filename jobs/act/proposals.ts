/**
 * Two people: the first call records what is to be done, the second person's confirmation does it.
 * The proposal is tried in full before it is recorded, so that what can't be done is refused to
 * the first person already.
 */
import type { Session } from '../../db/connect.ts';
import { daysAfter } from '../../engine/policy/calendar.ts';
import { canonicalJson, sha256 } from '../../engine/policy/canonical.ts';
import type { Json } from '../../engine/policy/json.ts';
import type { FullPolicy } from '../../engine/policy/types.ts';
import type { GatheredEvent } from './act.ts';
import { actError } from './errors.ts';
import type { Answer, FunctionJob, Target } from './function-job.ts';

export interface Proposal {
  readonly proposal: number;
  readonly input: Record<string, unknown>;
  readonly proposedBy: string;
  /** `YYYY-MM-DD`. */
  readonly proposedOn: string;
  /** Of what it would have done when it was proposed; null: of a program that kept none. */
  readonly effectHash: string | null;
  /** Who has signed it after the proposer, in order, where two are not enough. */
  readonly signedBy: readonly string[];
}

/** Whose words a proposal has: the proposer's first. */
export function signersOf(proposal: Proposal | null): readonly string[] {
  return proposal === null ? [] : [proposal.proposedBy, ...proposal.signedBy];
}

/** Of calendar.yaml: after so many days nobody may confirm it; a policy without it sets no term. */
const TERM = 'proposal-expiry-days';

/** The open proposal of a function. @throws unknown-proposal, same-person */
export async function openProposal(
  session: Session,
  season: number,
  wanted: { readonly proposal: number; readonly function: string; readonly user: string },
): Promise<Proposal> {
  const { proposal } = wanted;
  const [row] = await session.query<Proposal>(
    `select proposal, input, proposed_by as "proposedBy", business_date::text as "proposedOn",
       effect_hash as "effectHash", signed_by as "signedBy"
     from proposals
     where proposal = $1 and season = $2::smallint and function = $3 and state = 'open'
     for update`,
    [proposal, season, wanted.function],
  );
  if (row === undefined) throw actError('unknown-proposal', { proposal });
  if ([row.proposedBy, ...row.signedBy].includes(wanted.user)) {
    throw actError('same-person', { proposal });
  }
  return row;
}

/** @throws proposal-differs: what is confirmed is not what was proposed */
export function sameInput(proposal: Proposal, input: Record<string, unknown>): void {
  if (Object.keys(input).length === 0) return;
  const same = canonicalJson(input as Json) === canonicalJson(proposal.input as Json);
  if (!same) throw actError('proposal-differs', { proposal: proposal.proposal });
}

/** @throws proposal-expired */
export function requireInTerm(
  { proposal, proposedOn }: Proposal,
  policy: FullPolicy,
  date: string,
): void {
  const term = policy.values.find(value => value.id === TERM);
  if (typeof term?.value !== 'number' || date <= daysAfter(proposedOn, term.value)) return;
  const said = { proposal, days: term.value, date: proposedOn };
  throw actError('proposal-expired', said, { basis: term.basis });
}

/** Of any note: who has signed, and the numbers that are given out when it takes effect. */
const UNSETTLED: readonly string[] = ['proposer', 'proposedBy', 'signers', 'letter'];

/**
 * What an act does, as far as it is decided before it is confirmed: which files it moves from where
 * to where, under which rules; what it changes in tables, as its notes tell – the values before and
 * after, the versions –; and its counts, which are all that tells of rows that it writes as the
 * runner. Left out is what is only settled when it takes effect: the people, numbers that are given
 * out, and what the function draws by lot (FunctionJob.unsettled).
 *
 * Turned down: a digest of the rows themselves. They hold instants, runs and people in columns of
 * any name, and a digest that must be told what to leave out of each table is one that forgets.
 */
export function effectDigest(
  job: Pick<FunctionJob, 'unsettled'>,
  events: readonly GatheredEvent[],
  counts: Answer['counts'] = {},
): string {
  const left = new Set([...UNSETTLED, ...(job.unsettled ?? [])]);
  const moves = events.map(event => {
    const { city, file, name, from, to, school, major, batch, list, decision, note } = event;
    return canonicalJson([
      ...[city, file, name, from ?? null, to ?? null],
      ...[school ?? null, major ?? null, batch ?? null, list ?? null],
      ...[decision, settled(note, left)],
    ]);
  });
  return sha256(canonicalJson([...moves.toSorted(), counts as Json]));
}

function settled(note: unknown, left: ReadonlySet<string>): Json {
  // As it will stand in the trail: what JSON leaves out is nothing.
  const plain = JSON.parse(JSON.stringify(note ?? null)) as Json;
  if (plain === null || typeof plain !== 'object' || Array.isArray(plain)) return plain;
  return Object.fromEntries(Object.entries(plain).filter(([key]) => !left.has(key)));
}

/** @throws proposal-outdated: confirming would do something else than what was proposed */
export function sameEffect({ proposal, effectHash }: Proposal, digest: string): void {
  if (effectHash === null || effectHash === digest) return;
  throw actError('proposal-outdated', { proposal });
}

/**
 * The proposer's own proposal is taken back.
 *
 * @returns the city that it concerned; '': the province
 * @throws unknown-proposal, not-proposer
 */
export async function withdrawProposal(
  session: Session,
  season: number,
  wanted: { readonly proposal: number; readonly function: string; readonly user: string },
): Promise<string> {
  const { proposal, user } = wanted;
  const [row] = await session.query<{ city: string; proposedBy: string }>(
    `select city, proposed_by as "proposedBy" from proposals
     where proposal = $1 and season = $2::smallint and function = $3 and state = 'open'
     for update`,
    [proposal, season, wanted.function],
  );
  if (row === undefined) throw actError('unknown-proposal', { proposal });
  if (row.proposedBy !== user) throw actError('not-proposer', { proposal });
  await session.query(`update proposals set state = 'withdrawn' where proposal = $1`, [proposal]);
  return row.city;
}

export async function recordProposal(
  session: Session,
  season: number,
  what: {
    readonly function: string;
    readonly input: unknown;
    readonly target: Target;
    readonly user: string;
    readonly at: Date;
    readonly businessDate: string;
    readonly effectHash: string;
  },
): Promise<number> {
  const { target, at, businessDate } = what;
  const [row] = await session.query<{ proposal: number }>(
    `insert into proposals (season, function, input, city, school, proposed_by, proposed_at,
       business_date, effect_hash)
     values ($1::smallint, $2, $3::jsonb, $4, $5, $6, $7, $8::date, $9) returning proposal`,
    [
      season,
      what.function,
      JSON.stringify(what.input),
      (target.ofUser ?? target.cities)[0] ?? '',
      target.school ?? null,
      what.user,
      at,
      businessDate,
      what.effectHash,
    ],
  );
  return (row as { proposal: number }).proposal;
}

/** One of several signatures; the last one confirms (confirmProposal). */
export async function signProposal(
  session: Session,
  proposal: number,
  user: string,
): Promise<void> {
  await session.query(
    'update proposals set signed_by = array_append(signed_by, $2) where proposal = $1',
    [proposal, user],
  );
}

export async function confirmProposal(
  session: Session,
  proposal: number,
  user: string,
  at: Date,
): Promise<void> {
  await session.query(
    `update proposals set state = 'confirmed', confirmed_by = $2, confirmed_at = $3
     where proposal = $1`,
    [proposal, user, at],
  );
}
