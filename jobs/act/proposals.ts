/**
 * Two people: the first call records what is to be done, the second person's confirmation does it.
 * The proposal is tried in full before it is recorded, so that what can't be done is refused to
 * the first person already.
 */
import type { Session } from '../../db/connect.ts';
import { canonicalJson } from '../../engine/policy/canonical.ts';
import type { Json } from '../../engine/policy/json.ts';
import { actError } from './errors.ts';
import type { Target } from './function-job.ts';

export interface Proposal {
  readonly proposal: number;
  readonly input: Record<string, unknown>;
  readonly proposedBy: string;
}

/** The open proposal of a function. @throws unknown-proposal, same-person */
export async function openProposal(
  session: Session,
  season: number,
  wanted: { readonly proposal: number; readonly function: string; readonly user: string },
): Promise<Proposal> {
  const { proposal } = wanted;
  const [row] = await session.query<Proposal>(
    `select proposal, input, proposed_by as "proposedBy" from proposals
     where proposal = $1 and season = $2::smallint and function = $3 and state = 'open'
     for update`,
    [proposal, season, wanted.function],
  );
  if (row === undefined) throw actError('unknown-proposal', { proposal });
  if (row.proposedBy === wanted.user) throw actError('same-person', { proposal });
  return row;
}

/** @throws proposal-differs: what is confirmed is not what was proposed */
export function sameInput(proposal: Proposal, input: Record<string, unknown>): void {
  if (Object.keys(input).length === 0) return;
  const same = canonicalJson(input as Json) === canonicalJson(proposal.input as Json);
  if (!same) throw actError('proposal-differs', { proposal: proposal.proposal });
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
  },
): Promise<number> {
  const { target, at, businessDate } = what;
  const [row] = await session.query<{ proposal: number }>(
    `insert into proposals (season, function, input, city, school, proposed_by, proposed_at,
       business_date)
     values ($1::smallint, $2, $3::jsonb, $4, $5, $6, $7, $8::date) returning proposal`,
    [
      season,
      what.function,
      JSON.stringify(what.input),
      (target.ofUser ?? target.cities)[0] ?? '',
      target.school ?? null,
      what.user,
      at,
      businessDate,
    ],
  );
  return (row as { proposal: number }).proposal;
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
