/** Officers decide what no rule has decided: admissions, returns, withdrawals, a score. */
import type { Crew } from './crew.ts';
import { officerOf, secondOf, type Workload } from './people.ts';

/** Chance of what waits to be refused. */
const REFUSED = 0.1;

const REVIEWS = [
  ['proposed', 'review-admission'],
  ['return-proposed', 'review-return'],
] as const;

interface Waiting {
  readonly city: string;
  readonly state: string;
  readonly candidate: string;
}

/** What was submitted on former days; refusals by the second officer. */
export async function review(crew: Crew, { eager }: Workload): Promise<void> {
  const rows = await crew.query<Waiting>(
    `select f.city, f.state, c.candidate_no as candidate
     from files f join candidates c using (season, city, file)
     join dispatch_lists l on l.season = f.season and l.city = f.city and l.list = f.list
     where f.season = $1 and f.state in ('proposed', 'return-proposed') and l.state = 'submitted'
       and not f.reopened_for_review
     order by f.city, f.file`,
  );
  const cities = [...Map.groupBy(rows, row => row.city)];
  await crew.each('审核', cities, async ([city, waiting]) => {
    for (const [state, id] of REVIEWS) {
      const mine = waiting.filter(row => row.state === state).map(row => row.candidate);
      const bad = (candidate: string) =>
        !eager.has(city) && crew.always('review', candidate).chance(REFUSED);
      await verdict(crew, { city, id, candidates: mine.filter(one => !bad(one)), refused: false });
      await verdict(crew, { city, id, candidates: mine.filter(bad), refused: true });
    }
  });
}

async function verdict(
  crew: Crew,
  given: { city: string; id: string; candidates: readonly string[]; refused: boolean },
): Promise<void> {
  const { city, id, candidates, refused } = given;
  if (candidates.length === 0) return;
  const about = [city, id, refused ? 'refuse' : 'approve'];
  const input = refused
    ? { candidates, verdict: 'refuse', reason: '请学校再核对材料' }
    : { candidates, verdict: 'approve' };
  await crew.ask({ user: refused ? secondOf(city) : officerOf(city), id, input, about });
}

/** Withdrawals that schools have applied for. */
export async function reviewWithdrawals(crew: Crew): Promise<void> {
  const open = await crew.query<{ application: number; city: string; candidate: string }>(
    `select a.application, a.city, c.candidate_no as candidate
     from applications a join candidates c using (season, city, file)
     where season = $1 and a.kind = 'withdrawal' and a.state = 'open' and a.opened_on < $2::date
       and a.consents_to is null
     order by a.application`,
    [crew.date],
  );
  await crew.each('审核录后退', open, ({ application, city, candidate }) => {
    const refused = crew.today('withdrawal', candidate).chance(REFUSED);
    const said = refused ? { verdict: 'refuse', reason: '家长签名不清' } : { verdict: 'approve' };
    const input = { application, ...said };
    const about = [candidate];
    return crew.ask({ user: officerOf(city), id: 'review-withdrawal', input, about });
  });
}

/**
 * On the first morning one city finds a score that was counted wrongly: what it would change is a
 * finding, and nothing else until the other officer has decided.
 */
export async function correctScore(crew: Crew, { eager }: Workload): Promise<void> {
  const [before] = await crew.query<{ there: boolean }>(
    `select exists (select from score_corrections where season = $1
       and (proposed_at at time zone 'Asia/Shanghai')::date < $2::date) as there`,
    [crew.date],
  );
  if (before?.there) return;
  const [row] = await crew.query<{ city: string; candidate: string; total: number }>(
    `select c.city, c.candidate_no as candidate, c.total from candidates c
     join list_items i using (season, city, file)
     where c.season = $1 and c.city = any($2::text[]) and c.total > 10000
     order by md5(c.candidate_no), c.candidate_no limit 1`,
    [[...eager]],
  );
  if (row === undefined) return;
  const { city, candidate, total } = row;
  await crew.ask({
    user: officerOf(city),
    id: 'edit-candidate',
    input: { candidate_no: candidate, total: (total - 2500) / 100, reason: '合分有误' },
    about: [city],
  });
}

/** The other officer decides it on the day after. */
export async function decideCorrection(crew: Crew): Promise<void> {
  const open = await crew.query<{ correction: number; city: string }>(
    `select correction, city from score_corrections where season = $1 and state = 'open'
       and (proposed_at at time zone 'Asia/Shanghai')::date < $2::date order by correction`,
    [crew.date],
  );
  for (const { correction, city } of open) {
    const input = { correction, verdict: 'approve' };
    await crew.ask({ user: secondOf(city), id: 'edit-candidate', input, about: [city] });
  }
}
