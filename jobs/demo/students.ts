/** Admitted students: who arrives is registered, a few withdraw, schools report the day. */
import type { Crew } from './crew.ts';
import { leaderOf, paperOf } from './people.ts';

/** Of the admitted so many never come; of the others so many arrive on a day. */
const NEVER_COMES = 0.14;
const ARRIVES_TODAY = 0.35;
const WITHDRAWALS_A_DAY = 2;
const REPORTS_A_DAY = 5;

/** 确定已报到新生: whoever was admitted on a former day may stand at the door. */
export async function registerArrivals(crew: Crew): Promise<void> {
  const rows = await crew.query<{ school: string; candidate: string }>(
    `select f.school, c.candidate_no as candidate
     from files f join candidates c using (season, city, file)
     where f.season = $1 and f.state = 'admitted' and f.since < $2::date
       and f.open_applications = 0 and f.register_by is null
     order by f.school, f.city, f.file`,
    [crew.date],
  );
  const arrived = rows.filter(
    ({ candidate }) =>
      !crew.always('never-comes', candidate).chance(NEVER_COMES) &&
      crew.today('arrives', candidate).chance(ARRIVES_TODAY),
  );
  const schools = [...Map.groupBy(arrived, row => row.school)];
  await crew.each('注册', schools, ([school, students]) =>
    crew.ask({
      user: leaderOf(school),
      id: 'register-students',
      input: { candidates: students.map(row => row.candidate) },
      about: [school],
    }),
  );
}

/** 申请录后退, with the signed request of candidate and parent. */
export async function applyForWithdrawal(crew: Crew): Promise<void> {
  const rows = await crew.query<{ school: string; candidate: string; open: number }>(
    `select f.school, c.candidate_no as candidate, f.open_applications as open
     from files f join candidates c using (season, city, file)
     where f.season = $1 and f.state in ('admitted', 'registered')
     order by md5(c.candidate_no || $2), c.candidate_no limit $3`,
    [crew.date, WITHDRAWALS_A_DAY],
  );
  const free = rows.filter(row => row.open === 0);
  await crew.each('申请录后退', free, ({ school, candidate }) =>
    crew.ask({
      user: leaderOf(school),
      id: 'apply-withdrawal',
      input: { candidate_no: candidate, ...paperOf(crew, `录后退 ${candidate}`) },
      about: [candidate],
    }),
  );
}

/** 招生日报填报 by a few schools; now and then one has counted wrongly, and the difference shows. */
export async function report(crew: Crew): Promise<void> {
  const rows = await crew.query<{ school: string; all: number; registered: number; new: number }>(
    `select school, count(*)::integer as all,
       (count(*) filter (where state = 'registered'))::integer as registered,
       (count(*) filter (where state = 'admitted' and since = $2::date))::integer as new
     from files where season = $1 and state in ('admitted', 'registered', 'filed')
     group by school order by md5(school || $2), school limit $3`,
    [crew.date, REPORTS_A_DAY],
  );
  await crew.each('招生日报', rows, ({ school, all, registered, new: admittedToday }) => {
    const miscounted = crew.today('miscounts', school).chance(0.2) ? 1 : 0;
    const input = {
      admitted: all + miscounted,
      registered,
      admitted_that_day: admittedToday,
    };
    return crew.ask({ user: leaderOf(school), id: 'file-daily-report', input, about: [school] });
  });
}
