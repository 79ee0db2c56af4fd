/**
 * `zhongzhao policy versions`: where each version of the season's policy stands – proposed and
 * signed by whom, in force, archived –, and what was signed with it.
 */
import type { Session } from '../../db/connect.ts';
import type { Invocation, Options } from './command.ts';
import { type Outcome, table } from './output.ts';
import { currentSeason, withProvince } from './province.ts';

type State = 'proposed' | 'in-force' | 'archived';

const STATE_TITLES: Readonly<Record<State, string>> = {
  proposed: '待签署',
  'in-force': '现行',
  archived: '已归档',
};

/** What the signature binds (adopt-policy). */
interface Signed {
  readonly signers: readonly string[];
  readonly tests: { readonly count: number; readonly hash: string } | null;
  readonly tried: { readonly hash: string; readonly runs: readonly number[] } | null;
  readonly reason: string | null;
}

interface PolicyState extends Signed {
  readonly state: State;
  /** null: not adopted yet. */
  readonly version: number | null;
  readonly proposal: number | null;
  readonly hash: string | null;
  /** `YYYY-MM-DD HH:MM:SS`, Asia/Shanghai. */
  readonly at: string;
}

/** Versions, the latest first, and before them what is proposed. */
async function policyStates(session: Session, season: number): Promise<PolicyState[]> {
  const moment = (column: string) =>
    `to_char(${column} at time zone 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI:SS')`;
  const proposed = await session.query<PolicyState>(
    `select 'proposed' as state, null as version, proposal, null as hash,
       ${moment('proposed_at')} as at, array_prepend(proposed_by, signed_by) as signers,
       null as tests, input -> 'tried' as tried, input ->> 'reason' as reason
     from proposals
     where season = $1::smallint and function = 'adopt-policy' and state = 'open'
     order by proposal desc`,
    [season],
  );
  // The first version of a season has no event: there was no policy to act under.
  const adopted = await session.query<PolicyState>(
    `select case row_number() over (order by b.version desc) when 1 then
         case when s.closed then 'archived' else 'in-force' end else 'archived' end as state,
       b.version, null as proposal, b.hash, ${moment('b.adopted_at')} as at,
       case when e.event is null then array[b.adopted_by]
         else array(select jsonb_array_elements_text(e.note -> 'signers')) end as signers,
       e.note -> 'tests' as tests, nullif(e.note -> 'tried', 'null'::jsonb) as tried,
       e.note ->> 'reason' as reason
     from policy_bases b join seasons s using (season)
     left join events e on e.season = b.season and e.city = '' and e.name = 'adopt-policy'
       and e.note ->> 'baseHash' = b.hash
     where b.season = $1::smallint order by b.version desc`,
    [season],
  );
  return [...proposed, ...adopted];
}

/** @throws CodedError what opening the database throws */
export async function policyVersions(invocation: Invocation, options: Options): Promise<Outcome> {
  return withProvince(invocation, options, async province => {
    const season = await currentSeason(province.database);
    const states = await province.database.session(session => policyStates(session, season));
    return {
      json: { season, versions: states },
      lines:
        states.length === 0
          ? [`${season} 年度还没有采用政策。`]
          : table([
              ['状态', '版本', '时间', '签署', '样例', '试算', '内容哈希', '理由'],
              ...states.map(inWords),
            ]),
    };
  });
}

function inWords({ state, version, proposal, at, signers, ...rest }: PolicyState): string[] {
  const { tests, tried, hash, reason } = rest;
  return [
    STATE_TITLES[state],
    version === null ? `第 ${proposal} 号提议` : `第 ${version} 版`,
    at,
    signers.join('、'),
    tests === null ? '' : `${tests.count} 条（${tests.hash.slice(0, 12)}）`,
    tried === null ? '' : `运行 ${tried.runs.join('、')}（${tried.hash.slice(0, 12)}）`,
    hash?.slice(0, 12) ?? '',
    reason ?? '',
  ];
}
