/** Some try what they may not. Each of these is refused, and changes nothing. */
import type { Crew, DemoAct } from './crew.ts';
import { clerkOf, leaderOf, officerOf } from './people.ts';

interface Subject {
  readonly city: string;
  readonly list: number;
  readonly school: string;
  readonly candidate: string;
}

/** The last habit of a day: refusals leave no trace, so that a repeat may try all of it again. */
export async function trespass(crew: Crew): Promise<void> {
  const [subject] = await crew.query<Subject>(
    `select i.city, i.list, l.school, c.candidate_no as candidate
     from list_items i join dispatch_lists l using (season, city, list)
     join candidates c using (season, city, file)
     where i.season = $1 order by md5(c.candidate_no || $2), c.candidate_no, i.list limit 1`,
    [crew.date],
  );
  if (subject === undefined) return;
  const [others] = await crew.query<{ city: string; school: string }>(
    `select min(city) as city, min(school) as school from dispatch_lists
     where season = $1 and city <> $2 and school <> $3`,
    [subject.city, subject.school],
  );
  await crew.each('越权', attemptsAt(subject, others ?? null), act => crew.ask(act));
}

function attemptsAt(
  { city, list, school, candidate }: Subject,
  others: { city: string | null; school: string | null } | null,
): DemoAct[] {
  const place = { city, list };
  const admit = { ...place, candidates: [candidate], decision: 'admit' };
  const attempts: DemoAct[] = [
    // A clerk who has not declared, and who is no team leader.
    { user: clerkOf(school), id: 'submit-dispatch-list', input: place, about: ['clerk'] },
    // An office does what schools do.
    { user: officerOf(city), id: 'decide-files', input: admit, about: ['office'] },
    // A school does what offices do.
    { user: leaderOf(school), id: 'release-list', input: place, about: ['school'] },
  ];
  if (others?.city) {
    const input = { candidate_no: candidate, reason: '误操作' };
    attempts.push({ user: officerOf(others.city), id: 'recall-file', input, about: ['city'] });
  }
  if (others?.school) {
    attempts.push({
      user: leaderOf(others.school),
      id: 'decide-files',
      input: admit,
      about: ['other'],
    });
  }
  return attempts;
}
