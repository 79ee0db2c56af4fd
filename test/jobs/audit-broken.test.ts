/**
 * Each property of the audit, with data broken behind the back of everything: it must fire, and
 * beside it only what the same break really violates.
 */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import t from 'tap';
import type { Session } from '../../db/connect.ts';
import { auditJob } from '../../jobs/nightly/audit.ts';
import { packagePath } from '../../jobs/nightly/dispatch/keep-package.ts';
import { dispatchJob } from '../../jobs/nightly/dispatch.ts';
import type { Finding } from '../../jobs/run/job.ts';
import { type Province, province } from './audit-province.ts';
import { BATCH, SEASON, type Shape } from './audit-world.ts';

// Many small cities, each dispatched and audited in full: minutes on a busy machine.
t.setTimeout(900_000);

const FIRST_SEED = Number(process.env['SEED'] ?? 1);
/** Cities that each break is put to the test in; not every city has what a break needs. */
const APPLIED_MAX = 2;
const SPARE_CITIES = 12;

interface Place {
  readonly city: string;
  readonly run: number;
  readonly home: string;
}

interface Break {
  readonly title: string;
  /** `P3 envy`: must be found. */
  readonly expect: string;
  /** Properties that this break violates as well. */
  readonly also?: readonly string[];
  readonly shape?: Shape;
  /** SQL that returns the rows it has changed; $1 city, $2 run. */
  readonly sql?: string;
  readonly change?: (session: Session, place: Place) => Promise<number>;
}

const shape = (dispatch: Shape['dispatch']): Shape => ({
  candidates: 40,
  dispatch: { ratio: 100, rounding: 'floor', bands: [], ...dispatch },
});
const BY_NUMBER = shape({ mode: 'score-first', ties: { keys: [], ending: 'candidate-no' } });
const FOLLOW = shape({ mode: 'score-first', ties: { keys: [], ending: 'follow' } });
const REJECT = shape({ mode: 'score-first', ties: { keys: [], ending: 'reject-all' } });
const DRAWN = shape({ mode: 'score-first', ties: { keys: [], ending: 'lottery' } });
const BY_LOT = shape({ mode: 'lottery', majors: { mode: 'score-first', gap: 0 } });

const DECIDED = 'season = 2016 and city = $1 and run = $2';
const FIRST_PLACED = `(select min(file) from decisions where ${DECIDED} and school is not null)`;

/** Takes the place of the placed `old` at a school and gives it to the unplaced `fresh`. */
const SWAP = `
  , swapped as (
    update decisions d set
      school = case when d.file = p.fresh then p.school end,
      ordinal = case when d.file = p.fresh then p.fresh_ordinal end,
      major = case when d.file = p.fresh then p.major end,
      suggestion_reason = case when d.file = p.fresh then p.suggestion_reason else '' end,
      reasons = case when d.file = p.fresh
        then regexp_replace(d.reasons, '(^|;)' || p.fresh_ordinal || ':full(;.*)?$',
          '\\1' || p.fresh_ordinal || ':placed')
          || coalesce((select string_agg(';' || ordinal || ':not-reached', '' order by ordinal)
            from choices c where c.season = 2016 and c.city = $1 and c.file = d.file
              and c.ordinal > p.fresh_ordinal), '')
        else replace(d.reasons, ':placed', ':full') end
    from pair p where d.season = 2016 and d.city = $1 and d.run = $2 and d.file in (p.old, p.fresh)
    returning d.file)
  select file from swapped`;

/**
 * A pair (old placed at its last choice, fresh unplaced and told `full`) at one school, with a
 * condition on both.
 */
const PAIR = (condition: string) => `
  with pair as (
    select o.file as old, f.file as fresh, o.school, c.ordinal as fresh_ordinal, o.major,
      o.suggestion_reason
    from decisions o
    join decisions f on f.season = o.season and f.city = o.city and f.run = o.run
    join choices c on c.season = f.season and c.city = f.city and c.file = f.file
      and c.school = o.school
    where o.season = 2016 and o.city = $1 and o.run = $2 and o.school is not null
      and f.school is null and (f.reasons || ';') like '%' || c.ordinal || ':full;%'
      and o.file <> f.file and o.reasons not like '%not-reached%' and ${condition}
    order by o.file, f.file limit 1)`;

const BREAKS: readonly Break[] = [
  {
    title: 'a file on a list twice',
    expect: 'P1 listed-twice',
    also: ['P7'],
    sql: `insert into list_items select season, city, list, seq + 1000, file, ordinal, score, major
      from list_items where season = 2016 and city = $1 and file = (
        select min(i.file) from list_items i
        join dispatch_lists l using (season, city, list) where l.city = $1 and l.run = $2)
      returning file`,
  },
  {
    title: 'two files with one candidate number',
    expect: 'P1 number-twice',
    also: ['P7', 'P5'],
    sql: `update candidates set candidate_no = (select max(candidate_no) from candidates
        where season = 2016 and city = $1)
      where season = 2016 and city = $1 and file = ${FIRST_PLACED} returning file`,
  },
  {
    title: 'two files with one identity number',
    expect: 'P1 identity-twice',
    sql: `update candidates set identity_no = 'X' where season = 2016 and city = $1
      and (file = ${FIRST_PLACED} or candidate_no = (select max(candidate_no) from candidates
        where season = 2016 and city = $1)) returning file`,
  },
  {
    title: 'a file dispatched twice by one run',
    expect: 'P1 dispatched-twice',
    also: ['P7', 'P8', 'P16'],
    sql: `insert into events select season, city, event + 100000, file, name, from_state, to_state,
        school, major, batch, actor, at, business_date, phase, policy, decision, run, list, note
      from events where season = 2016 and city = $1 and run = $2 and file = ${FIRST_PLACED}
      returning file`,
  },
  {
    title: 'somebody placed beyond the room',
    expect: 'P2 over-room',
    also: ['P3', 'P7', 'P14'],
    shape: BY_NUMBER,
    sql: `${PAIR(`c.ordinal = (select min(ordinal) from choices x where x.season = 2016
      and x.city = $1 and x.file = f.file)`)}
      update decisions d set school = p.school, ordinal = p.fresh_ordinal,
        reasons = p.fresh_ordinal || ':placed' || coalesce((
          select string_agg(';' || ordinal || ':not-reached', '' order by ordinal) from choices c
          where c.season = 2016 and c.city = $1 and c.file = d.file
            and c.ordinal > p.fresh_ordinal), '')
      from pair p where d.season = 2016 and d.city = $1 and d.run = $2 and d.file = p.fresh
      returning d.file`,
  },
  {
    title: 'a major beyond its line',
    expect: 'P2 major-room',
    also: ['P7', 'P14'],
    shape: FOLLOW,
    sql: `update decisions d set major = l.major from plan_lines l
      where d.season = 2016 and d.city = $1 and d.run = $2 and d.file = (
          select min(x.file) from decisions x join plan_lines y on y.season = 2016 and y.city = $1
            and y.school = x.school and y.planned = 0
          where x.season = 2016 and x.city = $1 and x.run = $2 and not exists (
            select from flexible_quotas q where q.season = 2016 and q.school = x.school
              and q.places > 0))
        and l.season = 2016 and l.city = $1 and l.school = d.school and l.planned = 0
      returning d.file`,
  },
  {
    title: 'a major without a line',
    expect: 'P2 major-line',
    also: ['P7', 'P14'],
    sql: `update decisions set major = '99'
      where ${DECIDED} and file = ${FIRST_PLACED} returning file`,
  },
  {
    title: 'a lower score in the place of a higher one',
    expect: 'P3 envy',
    also: ['P7', 'P14'],
    shape: BY_NUMBER,
    sql: PAIR('f.position > o.position') + SWAP,
  },
  {
    title: 'a score that is not total and bonus',
    expect: 'P3 score',
    also: ['P7', 'P14'],
    sql: `update decisions set score = coalesce(score, 0) + 1 where ${DECIDED} and file = (
      select min(file) from decisions where ${DECIDED}) returning file`,
  },
  {
    title: 'a position that is not that of the rank',
    expect: 'P3 position',
    also: ['P14'],
    shape: FOLLOW,
    sql: `update decisions set position = position + 1 where ${DECIDED} and file = (
      select min(file) from decisions where ${DECIDED} and position is not null) returning file`,
  },
  {
    title: 'a total that was changed after the run',
    expect: 'P3 score',
    // With another last place, other candidates have followed it than may.
    also: ['P2', 'P3', 'P5', 'P6', 'P7'],
    shape: FOLLOW,
    sql: `update candidates set total = total - 20000 where season = 2016 and city = $1
      and file = ${FIRST_PLACED} and total is not null returning file`,
  },
  {
    title: 'a refusal without its cause',
    expect: 'P3 reason',
    also: ['P14'],
    shape: BY_NUMBER,
    sql: `update decisions set reasons = regexp_replace(reasons, ':full', ':returned-before')
      where ${DECIDED} and file = (select min(file) from decisions
        where ${DECIDED} and reasons like '%:full%') returning file`,
  },
  {
    title: 'a refusal by a rule that is met',
    expect: 'P3 reason',
    also: ['P14'],
    shape: BY_NUMBER,
    sql: `update decisions set reasons = regexp_replace(reasons, ':full', ':below-region-line')
      where ${DECIDED} and file = (select min(file) from decisions
        where ${DECIDED} and reasons like '%:full%') returning file`,
  },
  {
    title: 'room left while somebody who may go there goes without',
    expect: 'P4 room-left',
    also: ['P7', 'P14'],
    shape: BY_NUMBER,
    sql: `update decisions set school = null, ordinal = null, major = null, suggestion_reason = '',
        reasons = replace(reasons, ':placed', ':full')
      where ${DECIDED} and file = (select max(d.file) from decisions d
        where d.season = 2016 and d.city = $1 and d.run = $2 and d.school is not null
          and d.reasons not like '%not-reached%') returning file`,
  },
  {
    title: 'somebody with an open application sent',
    expect: 'P5 not-in-pool',
    sql: `update files set open_applications = 1 where season = 2016 and city = $1
      and file = ${FIRST_PLACED} returning file`,
  },
  {
    title: 'somebody sent who was held',
    expect: 'P5 not-in-pool',
    also: ['P7', 'P8', 'P16'],
    sql: `update events set from_state = 'held' where season = 2016 and city = $1 and run = $2
      and file = ${FIRST_PLACED} returning file`,
  },
  {
    title: 'somebody sent whom a senior high has admitted',
    expect: 'P5 senior-high',
    sql: `insert into senior_high_admissions values (2016, $1, (select min(file) from decisions
      where city = $1 and run = $2 and school is not null), '4400001', true) returning file`,
  },
  {
    title: 'somebody sent to a school that was not chosen',
    expect: 'P5 not-own-choice',
    also: ['P3', 'P7'],
    shape: FOLLOW,
    sql: `update choices c set school = '8888888' from decisions d where d.season = 2016
      and d.city = $1 and d.run = $2 and d.file = ${FIRST_PLACED}
      and c.season = 2016 and c.city = $1
      and c.file = d.file and c.ordinal = d.ordinal returning c.file`,
  },
  {
    title: 'somebody sent below the line',
    expect: 'P5 below-region-line',
    also: ['P3', 'P6', 'P7', 'P14'],
    shape: BY_NUMBER,
    sql: `with lowered as (update candidates set total = 40000 where season = 2016 and city = $1
        and file = ${FIRST_PLACED} and total is not null returning file)
      update decisions set score = 40000 where ${DECIDED} and file in (select file from lowered)
      returning file`,
  },
  {
    title: 'somebody sent who fails a condition of the school',
    expect: 'P5 condition',
    also: ['P3'],
    shape: FOLLOW,
    sql: `with failing as (
      update candidates set origin = 'veteran' where season = 2016 and city = $1
        and file = ${FIRST_PLACED} returning file) select file from failing`,
  },
  {
    title: 'the wrong one of two equals',
    expect: 'P6 tie-order',
    also: ['P7', 'P14'],
    shape: BY_NUMBER,
    sql: PAIR('f.position = o.position') + SWAP,
  },
  {
    title: 'equals parted where all of them follow',
    expect: 'P6 equals-parted',
    also: ['P7', 'P14'],
    shape: FOLLOW,
    sql: `update decisions set school = null, ordinal = null, major = null, suggestion_reason = '',
        reasons = replace(reasons, ':placed', ':full')
      where ${DECIDED} and file = (
        select max(d.file) from decisions d join school_outcomes o using (season, city, run, school)
        where d.season = 2016 and d.city = $1 and d.run = $2 and o.overrun > 0
          and d.reasons not like '%not-reached%'
          and d.position = (select max(position) from decisions x where x.season = 2016
            and x.city = $1 and x.run = $2 and x.school = d.school))
      returning file`,
  },
  {
    title: 'a school closed by a tie that was none',
    expect: 'P6 closing',
    // Others were told that it was full, and now it is not.
    also: ['P3', 'P4', 'P7', 'P14'],
    shape: REJECT,
    sql: `update decisions d set school = null, ordinal = null, major = null,
        suggestion_reason = '', reasons = replace(reasons, ':placed', ':closed-by-tie')
      where ${DECIDED} and file = (
        select file from decisions where ${DECIDED} and school is not null
        and reasons not like '%not-reached%' order by position desc, file limit 1) returning file`,
  },
  {
    title: 'a plan shown that is not the plan',
    expect: 'P7 plan',
    also: ['P7'],
    sql: `update school_outcomes set planned = planned + 1 where ${DECIDED} returning school`,
  },
  {
    title: 'a list that says another number',
    expect: 'P7 list',
    sql: `update dispatch_lists set sent = sent + 1 where ${DECIDED} returning list`,
  },
  {
    title: 'a list that lacks somebody',
    expect: 'P7 item',
    sql: `delete from list_items where season = 2016 and city = $1 and file = ${FIRST_PLACED}
      returning file`,
  },
  {
    title: 'a list out of order',
    expect: 'P7 list-order',
    sql: `with two as (
      select list from list_items i join dispatch_lists l using (season, city, list)
        where l.city = $1 and l.run = $2 and seq = 2 order by list limit 1),
      moved as (delete from list_items where city = $1 and list = (select list from two)
        and seq = 1 returning *)
      insert into list_items select season, city, list, 2000, file, ordinal, score, major from moved
      returning file`,
  },
  {
    title: 'a candidate without a decision',
    expect: 'P7 participant-missing',
    also: ['P3', 'P14'],
    shape: FOLLOW,
    sql: `delete from decisions where ${DECIDED} and file = (select max(file) from decisions
      where ${DECIDED} and school is null) returning file`,
  },
  {
    title: 'a reason that is missing',
    expect: 'P7 reasons',
    also: ['P3', 'P14'],
    sql: `update decisions set reasons = split_part(reasons, ';', 1) where ${DECIDED}
      and file = (select min(file) from decisions where ${DECIDED} and reasons like '%;%')
      returning file`,
  },
  {
    title: 'a file at another school than the event says',
    expect: 'P7 file',
    sql: `update files set major = 'zz' where season = 2016 and city = $1 and file = ${FIRST_PLACED}
      returning file`,
  },
  {
    title: 'a state that no event has made',
    expect: 'P8 state',
    sql: `update files set state = 'reading' where season = 2016 and city = $1
      and file = ${FIRST_PLACED} returning file`,
  },
  {
    title: 'an event that the table does not allow',
    expect: 'P8 fold',
    also: ['P7', 'P16'],
    sql: `update events set to_state = 'registered' where season = 2016 and city = $1 and run = $2
      and file = ${FIRST_PLACED} returning file`,
  },
  {
    title: 'an event without its policy',
    expect: 'P8 event',
    also: ['P16'],
    sql: `update events set policy = null where season = 2016 and city = $1 and run = $2
      and file = ${FIRST_PLACED} returning file`,
  },
  {
    title: 'an event without the rules behind it',
    expect: 'P8 event',
    also: ['P16'],
    sql: `update events set decision = '' where season = 2016 and city = $1 and run = $2
      and file = ${FIRST_PLACED} returning file`,
  },
  {
    title: 'a dispatch outside the window',
    expect: 'P11 window',
    also: ['P16'],
    sql: `update events set business_date = '2016-08-05' where season = 2016 and city = $1
      and run = $2 and file = ${FIRST_PLACED} returning file`,
  },
  {
    title: 'a dispatch in another phase',
    expect: 'P11 window',
    also: ['P16'],
    sql: `update events set phase = 'phase-2' where season = 2016 and city = $1
      and run = $2 and file = ${FIRST_PLACED} returning file`,
  },
  {
    title: 'positions that were not drawn',
    expect: 'P13 draw',
    also: ['P3', 'P14'],
    shape: BY_LOT,
    sql: `update decisions set position = 3 - position where ${DECIDED} and position in (1, 2)
      and (select count(*) from decisions where ${DECIDED}) > 1 returning file`,
  },
  {
    title: 'a last place that was not drawn',
    expect: 'P13 draw',
    also: ['P6', 'P7', 'P14'],
    shape: DRAWN,
    sql: PAIR('f.position = o.position') + SWAP,
  },
  {
    title: 'a decision that is not the one of the hash',
    expect: 'P14 stored',
    sql: `update decisions set suggestion_reason = 'majors-full' where ${DECIDED}
      and file = (select min(file) from decisions where ${DECIDED} and school is null)
      returning file`,
  },
  {
    title: 'a kept package with another total',
    expect: 'P14 input',
    change: (_, place) =>
      editPackage(place, 'candidates.csv', text => text.replace(/,5(\d)5,/, ',5$10,')),
  },
  {
    title: 'a kept package that can not be read',
    expect: 'P14 package',
    change: (_, place) => editPackage(place, 'choices.csv', () => 'nothing\n'),
  },
  {
    title: 'a result hash of another result',
    expect: 'P14 result',
    sql: 'update runs set result_hash = input_hash where run = $2 and $1 <> $1 || 1 returning run',
  },
  {
    title: 'an event that was rewritten',
    expect: 'P16 content-changed',
    sql: `update events set actor = 'somebody' where season = 2016 and city = $1 and run = $2
      and file = ${FIRST_PLACED} returning file`,
  },
  {
    title: 'an event that was taken out',
    expect: 'P16 event-missing',
    // Without its event, the file seems to have been at the school before the run.
    also: ['P2', 'P5', 'P7', 'P8'],
    sql: `delete from events where season = 2016 and city = $1 and run = $2
      and file = ${FIRST_PLACED} returning file`,
  },
];

async function editPackage(
  { home, run }: Place,
  name: string,
  edit: (text: string) => string,
): Promise<number> {
  const folder = join(home, packagePath(SEASON, run));
  const file = (await readdir(folder)).find(each => each.startsWith(name)) as string;
  const bytes = await readFile(join(folder, file));
  const zipped = file.endsWith('.gz');
  const text = (zipped ? gunzipSync(bytes) : bytes).toString('utf8');
  const edited = edit(text);
  await writeFile(join(folder, file), zipped ? gzipSync(edited) : edited);
  return edited === text ? 0 : 1;
}

/** One database per shape; a city that a break has changed is not used again. */
interface Pool {
  readonly province: Province;
  readonly free: { city: string; run: number | null }[];
}

const pools = new Map<Shape | undefined, Promise<Pool>>();

function poolOf(form: Shape | undefined): Promise<Pool> {
  const known = pools.get(form);
  if (known !== undefined) return known;
  const count = BREAKS.filter(each => each.shape === form).length * APPLIED_MAX + SPARE_CITIES;
  const seeds = Array.from({ length: count }, (_, at) => FIRST_SEED + at);
  const made = province(t, seeds, form).then(made => ({
    province: made,
    free: made.cases.map(({ city }) => ({ city, run: null })),
  }));
  pools.set(form, made);
  return made;
}

/** Breaks the next city that has what the break needs; undefined: there is none left. */
async function broken(pool: Pool, one: Break): Promise<Place | undefined> {
  const { database, home, run } = pool.province;
  for (const [at, entry] of pool.free.entries()) {
    entry.run ??= (await run(dispatchJob, entry.city)).run;
    const place = { city: entry.city, home, run: entry.run as number };
    const changed = await database.transaction(async session => {
      // Append-only tables are kept so by triggers; whoever owns the database can go round them.
      await session.query("set local session_replication_role = 'replica'");
      if (one.change !== undefined) return one.change(session, place);
      return (await session.query(one.sql as string, [place.city, place.run])).length;
    });
    if (changed === 0) continue;
    pool.free.splice(at, 1);
    return place;
  }
  return undefined;
}

for (const one of BREAKS) {
  const { title, expect, also = [] } = one;
  t.test(`finds ${title} (${expect})`, async t => {
    const pool = await poolOf(one.shape);
    const { database, run } = pool.province;
    const property = expect.split(' ')[0] as string;
    for (let applied = 0; applied < APPLIED_MAX; applied += 1) {
      const place = await broken(pool, one);
      if (place === undefined) {
        t.ok(applied > 0, 'some city has what the break needs');
        break;
      }
      const audited = await run(auditJob, place.city);
      const findings = audited.result?.findings ?? [];
      const named = findings.map(each => `${each.property} ${each.rows[0]?.['fault']}`);
      const where = `first seed ${FIRST_SEED}, ${place.city}, ${audited.error?.message ?? ''}`;
      t.ok(named.includes(expect), `${where} ${named}`);
      const needless = findings.filter(each => ![property, ...also].includes(each.property));
      if (needless.length > 0) t.strictSame(needless, [], where);
      checkKept(t, findings, where);
      const [row] = await database.query<{ released: boolean }>(
        'select released from runs where run = $1',
        [place.run],
      );
      t.equal(row?.released, false, 'the run is not released');
    }
  });
}

/** What every finding must hold, whatever it says. */
function checkKept(t: Tap, findings: readonly Finding[], where: string): void {
  for (const finding of findings) {
    const columns = finding.rows.flatMap(row => Object.keys(row));
    const sound =
      finding.batch === BATCH &&
      finding.rowCount >= finding.rows.length &&
      finding.rows.length <= 100 &&
      finding.stops !== 'nothing' &&
      (finding.stops === 'city' || (finding.schools ?? []).length > 0) &&
      !columns.includes('name') &&
      !columns.includes('identity_no');
    if (!sound) t.strictSame(finding, {}, where);
  }
}

type Tap = Pick<typeof t, 'strictSame'>;
