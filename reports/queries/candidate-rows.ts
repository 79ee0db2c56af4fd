/** What the tables know of one candidate: standing, decisions, choices, the schools' numbers. */
import type { Session } from '../../db/connect.ts';
import { reportError } from '../errors.ts';
import type { SchoolNumbers } from './reason-sentences.ts';

export interface CandidateStanding {
  readonly candidateNo: string;
  readonly name: string;
  readonly city: string;
  readonly cityName: string;
  readonly file: number;
  /** hundredths */
  readonly total: number | null;
  readonly state: string;
  readonly school: string | null;
  readonly schoolName: string | null;
  readonly major: string | null;
  readonly majorName: string | null;
  readonly list: number | null;
  readonly listState: string | null;
  readonly openApplications: number;
}

/** @throws CodedError unknown-candidate */
export async function readStanding(
  session: Session,
  season: number,
  candidateNo: string,
): Promise<CandidateStanding> {
  const [row] = await session.query<CandidateStanding>(
    `select n.candidate_no as "candidateNo", c.name, n.city, coalesce(r.name, '') as "cityName",
       n.file, c.total,
       coalesce(f.state, case when h.file is null then 'in-pool' else 'senior-high' end) as state,
       coalesce(f.school, h.school) as school, s.name as "schoolName", f.major,
       m.name as "majorName", f.list, l.state as "listState",
       coalesce(f.open_applications, 0)::integer as "openApplications"
     from candidate_numbers n
       join candidates c using (season, city, file)
       left join regions r on r.season = n.season and r.code = n.city
       left join files f on f.season = n.season and f.city = n.city and f.file = n.file
       left join senior_high_admissions h
         on h.season = n.season and h.city = n.city and h.file = n.file
           and coalesce(f.state, 'senior-high') = 'senior-high'
       left join schools s on s.season = n.season and s.code = coalesce(f.school, h.school)
       left join majors m on m.season = n.season and m.school = f.school and m.code = f.major
       left join dispatch_lists l on l.season = n.season and l.city = n.city and l.list = f.list
     where n.season = $1::smallint and n.candidate_no = $2`,
    [season, candidateNo],
  );
  if (row === undefined) throw reportError('unknown-candidate', { season, candidate: candidateNo });
  return row;
}

/** What has brought a file into its state: the last event that moved it. */
export interface LastMove {
  readonly name: string;
  readonly date: string;
  readonly from: string | null;
  readonly to: string | null;
  readonly school: string | null;
  readonly schoolName: string | null;
  /** Ids of the rules behind it, or the function's, separated by spaces. */
  readonly decision: string;
  /** id in policy_versions */
  readonly policy: number | null;
}

/** null: it was never moved. A transfer moves it too: to another school, in the same state. */
export async function readLastMove(
  session: Session,
  season: number,
  { city, file }: Pick<CandidateStanding, 'city' | 'file'>,
): Promise<LastMove | null> {
  const [row] = await session.query<LastMove>(
    `select e.name, e.business_date::text as date, e.from_state as "from", e.to_state as "to",
       e.school, s.name as "schoolName", e.decision, e.policy
     from events e
       left join schools s on s.season = e.season and s.code = e.school
     where e.season = $1::smallint and e.city = $2 and e.file = $3
       and (e.from_state is distinct from e.to_state or e.name in ('transfer', 'city-snapshot'))
     order by e.event desc limit 1`,
    [season, city, file],
  );
  return row ?? null;
}

export interface Decision {
  readonly run: number;
  readonly date: string;
  readonly batch: string;
  readonly round: number;
  readonly policy: number | null;
  readonly school: string | null;
  readonly ordinal: number | null;
  readonly position: number | null;
  readonly score: number | null;
  readonly major: string | null;
  readonly majorName: string | null;
  readonly reasons: string;
  readonly suggestionReason: string;
}

/** Every completed run that decided about the candidate, in the order of the runs. */
export async function readDecisions(
  session: Session,
  season: number,
  standing: CandidateStanding,
  batch: string | null,
): Promise<Decision[]> {
  return session.query<Decision>(
    `select r.run, r.business_date as date, r.scope ->> 'batch' as batch,
       (r.scope ->> 'round')::integer as round, r.policy, d.school, d.ordinal, d.position, d.score,
       d.major, m.name as "majorName", d.reasons, d.suggestion_reason as "suggestionReason"
     from runs r
       join decisions d
         on d.season = r.season and d.city = $2 and d.run = r.run and d.file = $3
       left join majors m on m.season = d.season and m.school = d.school and m.code = d.major
     where r.season = $1::smallint and r.state = 'completed' and r.scope ->> 'city' = $2
       and ($4::text is null or r.scope ->> 'batch' = $4)
     order by r.run`,
    [season, standing.city, standing.file, batch],
  );
}

export interface ChoiceRow {
  readonly ordinal: number;
  readonly school: string;
  readonly schoolName: string | null;
}

/** The choices that a run used: of its round, or of the city's highest earlier one. */
export async function readChoices(
  session: Session,
  season: number,
  standing: CandidateStanding,
  decision: Decision,
): Promise<{ round: number; choices: ChoiceRow[] }> {
  const scope = [season, standing.city, decision.batch];
  const [effective] = await session.query<{ round: number | null }>(
    `select max(round) as round from choices
     where season = $1::smallint and city = $2 and batch = $3 and round <= $4`,
    [...scope, decision.round],
  );
  const round = effective?.round ?? decision.round;
  const choices = await session.query<ChoiceRow>(
    `select c.ordinal, c.school, s.name as "schoolName"
     from choices c left join schools s on s.season = c.season and s.code = c.school
     where c.season = $1::smallint and c.city = $2 and c.batch = $3 and c.round = $4
       and c.file = $5
     order by c.ordinal`,
    [...scope, round, standing.file],
  );
  return { round, choices };
}

/** What some schools of a run had and took; by school code. */
export async function readSchoolNumbers(
  session: Session,
  season: number,
  city: string,
  run: number,
  schools: readonly string[],
): Promise<Map<string, SchoolNumbers>> {
  const rows = await session.query<SchoolNumbers & { school: string }>(
    `select o.school, o.planned, o.flexible, o.room_before as "roomBefore", o.sent,
       o.lowest_score as lowest, nullif(o.last_ordinal, 0) as "lastOrdinal", o.overrun,
       case when l.list is not null then d.position
         when o.sent > 0 then (
           -- Drawn by lot: no list was written, and there is no index by school.
           select max(w.position) from decisions w where w.season = o.season and w.city = o.city
             and w.run = o.run and w.school = o.school)
       end as "lastPosition"
     from school_outcomes o
     -- A list stands in the order of the ranks (spec/dispatch.md §7): its last one is the last.
     left join dispatch_lists l on l.season = o.season and l.city = o.city and l.run = o.run
       and l.school = o.school
     left join lateral (
       select i.file from list_items i where i.season = l.season and i.city = l.city
         and i.list = l.list order by i.seq desc limit 1) i on true
     left join decisions d on d.season = o.season and d.city = o.city and d.run = o.run
       and d.file = i.file
     where o.season = $1::smallint and o.city = $2 and o.run = $3 and o.school = any($4::text[])`,
    [season, city, run, schools],
  );
  return new Map(rows.map(({ school, ...numbers }) => [school, numbers]));
}
