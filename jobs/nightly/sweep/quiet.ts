/**
 * Cities that a sweep would leave as they are: no rule acts, no list and no proposal of a batch
 * that is over waits for it, no dispatch goes on. They are looked at without the city's chain: what
 * an act commits meanwhile is an act after the sweep.
 */
import type { Session } from '../../../db/connect.ts';
import { policyVersionIds } from '../../../db/policy-versions.ts';
import { writeSituationsOf } from '../../../db/season/write-situations.ts';
import { type Question, readTogether, withReaders } from '../../../db/snapshot-readers.ts';
import type { FullPolicy } from '../../../engine/policy/types.ts';
import { CityPolicies } from '../../act/city-policies.ts';
import type { JobOutcome, QuietContext, QuietScopes, Scope } from '../../run/job.ts';
import { lockKey } from '../../run/lock.ts';
import {
  decideSweep,
  readSweepRules,
  type SweepDecisions,
  type SweepQuestion,
  type SweepRules,
} from './decide.ts';
import { sweepInstant } from './instant.ts';
import { batchesOver } from './lists.ts';
import { readerOfMany } from './reader.ts';
import { sweepOutcome } from './report.ts';

interface Place {
  readonly scope: Scope;
  readonly city: string;
  readonly policy: FullPolicy;
}

interface Quiet extends Place {
  readonly decided: SweepDecisions;
}

/** @throws what the rules throw */
export async function quietSweeps(
  context: QuietContext,
  scopes: readonly Scope[],
): Promise<QuietScopes> {
  const { session, season } = context;
  const policies = new CityPolicies(session, season);
  const places: Place[] = [];
  for (const scope of scopes) {
    const city = scope.city as string;
    places.push({ scope, city, policy: await policies.of(city) });
  }
  const busy = await busyCities(context, places);
  const free = places.filter(({ city }) => !busy.has(city));
  const quiet = await quietOf(context, free);
  const versions = await Promise.all(quiet.map(({ city }) => policies.versionOf(city)));
  const policyIds = await policyVersionIds(session, versions);
  return {
    step: 'sweep',
    scopes: quiet.map(({ scope, city, decided }, index) => {
      const policy = policyIds[index] as number;
      const outcome: JobOutcome = { ...sweepOutcome(city, decided), policy };
      return { scope, outcome };
    }),
    evidence: (session, runOf) =>
      writeSituationsOf(
        session,
        season,
        'deadline',
        quiet.map(({ scope, city, decided: { situations } }) => {
          return { city, run: runOf(scope), situations };
        }),
      ),
  };
}

/**
 * Those in which there is nothing to do. They are looked at in two parts, each by a session of its
 * own: while one part is decided, the server finds the facts of the other.
 */
async function quietOf(context: QuietContext, places: readonly Place[]): Promise<Quiet[]> {
  const { database, session } = context;
  const lookAtAll = (some: readonly Place[]): Question<Quiet[]> => {
    return async session => {
      const cities = some.map(({ city }) => city);
      const reader = readerOfMany(session, cities);
      // Not shared by the parts: what is kept of a situation is of the city that met it first.
      const known = new KnownRules();
      const quiet: Quiet[] = [];
      for (const place of some) {
        const means = { rules: known.of(place.policy), reader };
        const decided = await lookAt({ ...context, session }, place, means);
        if (decided !== null) quiet.push({ ...place, decided });
      }
      return quiet;
    };
  };
  if (database === null || places.length < 2) return lookAtAll(places)(session);
  const half = Math.ceil(places.length / 2);
  const parts = [places.slice(0, half), places.slice(half)].map(lookAtAll);
  const found = await withReaders(database, session, parts.length - 1, readers =>
    readTogether([session, ...readers], parts),
  );
  return found.flat();
}

/** null: there is something to do. */
async function lookAt(
  { session, season, businessDate, random }: QuietContext,
  { city, policy }: Place,
  means: Required<Pick<SweepQuestion, 'rules' | 'reader'>>,
): Promise<SweepDecisions | null> {
  const instant = sweepInstant(policy, businessDate);
  const decided = await decideSweep({ session, season, city, policy, instant, random, ...means });
  return decided.moves.length === 0 && decided.expired.length === 0 ? decided : null;
}

/**
 * Most cities have the deadline rules of the province: what the engine has said of one of them, it
 * is not asked again for the next.
 */
class KnownRules {
  readonly #known = new Map<string, SweepRules>();

  of(policy: FullPolicy): SweepRules {
    const { deadlineRules, conditions, attributes } = policy;
    const key = JSON.stringify([deadlineRules, conditions, attributes]);
    const known = this.#known.get(key) ?? readSweepRules(policy);
    this.#known.set(key, known);
    const { ofApplications, ofFiles } = known;
    return { ofApplications: ofApplications.again(), ofFiles: ofFiles.again() };
  }
}

/** Where lists of a batch that is over are still open, or a dispatch has the city. */
async function busyCities(
  { session, season, businessDate }: QuietContext,
  places: readonly Place[],
): Promise<Set<string>> {
  const over = places.flatMap(({ city, policy }) =>
    batchesOver(policy, businessDate).map(batch => ({ city, batch })),
  );
  const open = await session.query<{ city: string }>(
    `select distinct l.city from dispatch_lists l
     join unnest($2::text[], $3::text[]) o (city, batch) using (city, batch)
     where l.season = $1::smallint and l.state in ('draft', 'released', 'submitted')`,
    [season, over.map(({ city }) => city), over.map(({ batch }) => batch)],
  );
  const cities = [...open, ...(await underDispatch(session, places))];
  return new Set(cities.map(({ city }) => city));
}

/** The shared lock is held to the end of the transaction, so that none begins meanwhile. */
function underDispatch(
  session: Session,
  places: readonly Place[],
): Promise<{ readonly city: string }[]> {
  const pairs = places.flatMap(({ city, policy }) =>
    policy.batches.map(({ id }) => ({ city, key: String(lockKey(`city-batch|${city}|${id}`)) })),
  );
  return session.query(
    `select city from unnest($1::text[], $2::bigint[]) p (city, key)
     where not pg_try_advisory_xact_lock_shared(key)`,
    [pairs.map(({ city }) => city), pairs.map(({ key }) => key)],
  );
}
