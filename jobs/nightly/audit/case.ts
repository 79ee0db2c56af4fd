/**
 * What one audit looks at: a completed dispatch run, with its policy and its connection. The SQL of
 * the properties is written against the names that `sql` gives, all of them quoted literals: the
 * statements create tables, and those take no parameters.
 */
import type { Session } from '../../../db/connect.ts';
import type { Batch, Policy } from '../../../engine/policy/types.ts';

/** The dispatch run in the ledger. */
export interface AuditedRun {
  readonly run: number;
  readonly season: number;
  readonly city: string;
  readonly batch: string;
  readonly round: number;
  /** 指定院校投档: the only school that was open to new files; null: all of them. */
  readonly school: string | null;
  readonly businessDate: string;
  /** id in policy_versions */
  readonly policyVersion: number | null;
  readonly inputHash: string | null;
  readonly resultHash: string | null;
}

export interface AuditCase {
  readonly session: Session;
  readonly audited: AuditedRun;
  readonly policy: Policy;
  readonly batch: Batch;
  /** ZHONGZHAO_HOME, where run packages are kept. */
  readonly home: string;
  /** Makes sure that the kept input of the run is there; gives its folder, relative to home. */
  packageOf(): Promise<string>;
  /** The same for a lottery for direct admission, by its run. */
  packageOfDrawing(run: number): Promise<string>;
  /** For the random recheck of a repeated run; changes no result. */
  random(): number;
  readonly sql: AuditLiterals;
}

export interface AuditLiterals {
  /** `season = … and city = …`, for tables that are joined under no alias. */
  readonly here: string;
  /** The same for an alias. */
  of(alias: string): string;
  readonly season: string;
  readonly city: string;
  readonly batch: string;
  readonly run: string;
  /** The round whose choices count (dispatch.md §1). */
  readonly round: string;
  /** The first event after which the city no longer stands as the run found it; null: none. */
  readonly firstEvent: number | null;
  literal(text: string): string;
}

/** What an audit is given beside its connection. */
export type Surroundings = Pick<
  AuditCase,
  'policy' | 'home' | 'packageOf' | 'packageOfDrawing' | 'random'
>;

/** Reads what is not in the ledger: the round that counts, and where the run's events begin. */
export async function openCase(
  session: Session,
  audited: AuditedRun,
  around: Surroundings,
): Promise<AuditCase> {
  const { policy } = around;
  const { season, city, batch, run } = audited;
  const own = policy.batches.find(each => each.id === batch);
  if (own === undefined) throw new Error(`batch ${batch} is not in the policy of run ${run}`);
  const [round] = await session.query<{ round: number | null }>(
    `select max(round) as round from choices
      where season = $1::smallint and city = $2 and batch = $3 and round <= $4`,
    [season, city, batch, audited.round],
  );
  const [start] = await session.query<{ event: number | null }>(
    `select coalesce(min(first_event) filter (where run = $3),
        min(first_event) filter (where run > $3)) as event
       from blocks where season = $1::smallint and city = $2`,
    [season, city, run],
  );
  const literal = (text: string) => session.client.escapeLiteral(text);
  const of = (alias: string) =>
    `${alias}.season = ${Number(season)}::smallint and ${alias}.city = ${literal(city)}`;
  return {
    ...around,
    session,
    audited,
    batch: own,
    sql: {
      here: `season = ${Number(season)}::smallint and city = ${literal(city)}`,
      of,
      season: `${Number(season)}::smallint`,
      city: literal(city),
      batch: literal(batch),
      run: String(Number(run)),
      round: `${Number(round?.round ?? 0)}::smallint`,
      firstEvent: start?.event ?? null,
      literal,
    },
  };
}
