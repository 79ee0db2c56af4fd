/** Rosters, daily reports, questions and notices; and files that officers take or send by hand. */
import type { Stream } from '../../db/sample/random.ts';
import { type People, type SchoolOf, signed } from './people.ts';
import { SEASON, type SeasonWorld } from './season-world.ts';

/** Owners whose rosters the province prints; all others are of the school's city. */
const OF_PROVINCE: ReadonlySet<string> = new Set(['province', 'ministry', 'out-of-province']);

/** In what the issue of a roster touches: its number comes from one counter, and is in its hash. */
const ROSTER_NUMBERS = 'roster numbers';

/**
 * Issued, reviewed and filed, school by school; a few are refused or corrected. Rosters are issued
 * in the order of their numbers; what comes after that is done beside the issues of other schools,
 * whose students are of other cities.
 */
export async function rosters(world: SeasonWorld, people: People): Promise<void> {
  const schools = await world.query<{ school: string; phase: string; homes: string[] }>(
    `select school, phase, array_agg(distinct city) as homes from files
     where season = $1 and state in ('admitted', 'registered', 'filed') and phase is not null
     group by school, phase having bool_or(state = 'registered') order by school, phase`,
    [SEASON],
  );
  const pieces = schools.flatMap(({ school, phase, homes }, index) => {
    const stream = world.stream('roster', index);
    const own = people.schoolOf.get(school);
    if (own === undefined || !stream.chance(0.6)) return [];
    const touches = [...new Set([school, own.city, ...homes])];
    const by = rosterOfficers(people, own);
    let roster: number | null = null;
    const issue = async (desk: SeasonWorld) => {
      const issued = await desk.ask(by.first, 'issue-roster', { school, phase });
      if (issued.ok) roster = Number(issued.report.answer.values?.['roster']);
    };
    const rest = async (desk: SeasonWorld) => {
      if (roster !== null) await reviewAndFile(desk, by, roster, stream);
    };
    return [
      { touches: [ROSTER_NUMBERS, ...touches], does: issue },
      { touches, does: rest },
    ];
  });
  await world.sideBySide(pieces);
}

interface Officers {
  readonly first: string;
  readonly second: string;
}

function rosterOfficers(people: People, school: SchoolOf): Officers {
  const office = OF_PROVINCE.has(school.owner) ? undefined : people.cityOf.get(school.city);
  return { first: office?.officer ?? 'province', second: office?.second ?? 'province-2' };
}

async function reviewAndFile(
  world: SeasonWorld,
  { first, second }: Officers,
  roster: number,
  stream: Stream,
): Promise<void> {
  const approves = stream.chance(0.9);
  const reason = approves ? {} : { reason: '专业名称有误' };
  await world.ask(second, 'review-roster', {
    ...{ roster, verdict: approves ? 'approve' : 'refuse', ...reason },
  });
  if (!approves || !stream.chance(0.9)) return;
  const filed = await world.ask(first, 'file-roster', { roster });
  if (!filed.ok || !stream.chance(0.1)) return;
  await world.ask(first, 'amend-roster', { roster, reason: '一名考生姓名更正' });
}

/** Some schools report their day, with figures that are not always right. */
export async function dailyReports(world: SeasonWorld, people: People): Promise<void> {
  const pieces = people.schools.flatMap((place, index) => {
    const stream = world.stream('daily', index);
    if (!stream.chance(4 / people.schools.length)) return [];
    const touches = [place.school, place.city];
    return [{ touches, does: (desk: SeasonWorld) => reportDay(desk, place, stream) }];
  });
  await world.sideBySide(pieces);
}

async function reportDay(
  world: SeasonWorld,
  { school, clerk }: SchoolOf,
  stream: Stream,
): Promise<void> {
  const [counted] = await world.query<{ admitted: number; registered: number }>(
    `select count(*) filter (where state in ('admitted', 'registered', 'filed'))::integer
         as admitted,
       count(*) filter (where state in ('registered', 'filed'))::integer as registered
     from files where season = $1 and school = $2`,
    [SEASON, school],
  );
  const { admitted = 0, registered = 0 } = counted ?? {};
  const off = stream.chance(0.2) ? 1 : 0;
  await world.ask(clerk, 'file-daily-report', {
    ...{ admitted: admitted + off, registered, admitted_that_day: 0 },
  });
}

/** A school asks, an office answers; the province tells everybody something. */
export async function talk(world: SeasonWorld, people: People): Promise<void> {
  const stream = world.stream('talk');
  const school = people.schools[stream.below(people.schools.length)];
  if (school === undefined) return;
  if (stream.chance(0.15)) {
    const title = '注册时间';
    await world.ask(school.leader, 'ask-question', { title, body: '学生晚到两天，能否注册？' });
    const [open] = await world.query<{ question: number | null }>(
      'select max(question)::integer as question from questions where season = $1',
      [SEASON],
    );
    if (open?.question != null) {
      await world.ask('province', 'answer-question', {
        question: open.question,
        answer: '请在确定注册的期限之内办理。',
        visibility: stream.chance(0.5) ? 'public' : 'private',
      });
    }
  }
  if (stream.chance(0.05)) {
    const body = '请各校按时确定注册。';
    await world.ask('province', 'manage-notices', { action: 'publish', title: '工作提示', body });
  }
}

interface InPool {
  readonly candidate: string;
  readonly city: string;
  readonly school: string | null;
  readonly major: string | null;
}

/** Held and released again; sent by hand to a school with places; recalled from one. */
export async function byHand(world: SeasonWorld, people: People): Promise<void> {
  const rows = await world.query<InPool>(
    `with drawn as materialized (
       select c.season, c.city, c.file, c.candidate_no, md5(c.candidate_no || $2) as place
       from candidates c left join files f using (season, city, file)
       where c.season = $1 and coalesce(f.state, 'in-pool') = 'in-pool'
         and c.candidate_no is not null
       order by place limit 3)
     select c.candidate_no as candidate, c.city, l.school, p.major from drawn c
     left join lateral (select h.school from choices h where h.season = c.season
       and h.city = c.city and h.file = c.file order by h.round desc, h.ordinal limit 1) l on true
     left join lateral (select p.major from plan_lines p where p.season = c.season
       and p.city = c.city and p.school = l.school order by p.major limit 1) p on true
     order by c.place`,
    [SEASON, `${world.seed}|hand|${world.day}`],
  );
  const pieces = rows.map((row, item) => ({
    touches: row.school === null ? [row.city] : [row.city, row.school],
    does: (desk: SeasonWorld) => oneByHand(desk, people, row, item),
  }));
  await world.sideBySide(pieces);
  const [held] = await world.query<{ candidate: string; city: string }>(
    `select c.candidate_no as candidate, c.city from files f
     join candidates c using (season, city, file)
     where f.season = $1 and f.state = 'held' order by f.city, f.file limit 1`,
    [SEASON],
  );
  if (held === undefined || !world.stream('held').chance(0.2)) return;
  const officer = people.cityOf.get(held.city)?.officer ?? 'province';
  await world.ask(officer, 'release-hold', { candidate_no: held.candidate, reason: '材料已补齐' });
}

async function oneByHand(
  world: SeasonWorld,
  people: People,
  row: InPool,
  item: number,
): Promise<void> {
  const place = people.cityOf.get(row.city);
  if (place === undefined) return;
  const { candidate: candidate_no, school, major } = row;
  const stream = world.stream('hand', item);
  const kind = stream.real();
  if (kind < 0.3) {
    const until = `${world.day.slice(0, 8)}28`;
    await world.ask(place.officer, 'hold-file', { candidate_no, reason: '核查报考资格', until });
    return;
  }
  if (school === null || major === null) return;
  if (kind < 0.6) {
    const input = { candidate_no, batch: 'vocational', school };
    await world.askBoth(place.officer, place.second, 'point-dispatch-admit', input);
    return;
  }
  const leader = people.schoolOf.get(school)?.leader;
  if (leader === undefined || world.day > '2016-07-29') return;
  await world.ask(leader, 'apply-approval-paper', {
    ...{ candidate_no, batch: 'vocational', major, ground: 'below-line', reason: '特长生' },
    ...signed(world, `paper|${candidate_no}`),
  });
}
