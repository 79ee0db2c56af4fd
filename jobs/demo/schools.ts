/** Schools at their lists: they propose, submit – some forget –, and look again at what returns. */
import type { Crew } from './crew.ts';
import { leaderOf, type Workload } from './people.ts';

/** Chances of a file to be returned, and of a leader to forget the submission. */
const RETURNED = 0.05;
const WEAKLY_RETURNED = 0.03;
const FORGETS = 0.12;

const LISTED_REASONS = ['health', 'condition-not-met', 'candidate-request'] as const;
const WEAK_REASON = '家庭住址较远，学校考虑不录';
const NO_MAJOR = 'majors-full-no-adjustment';

interface OpenFile {
  readonly city: string;
  readonly list: number;
  readonly school: string;
  readonly candidate: string;
  /** Suggested; null: none. */
  readonly major: string | null;
}

interface Proposal {
  readonly candidate_no: string;
  readonly decision: 'admit' | 'return';
  readonly reason?: string;
}

/** Files that lie open on the desks of schools, list by list. */
async function openLists(crew: Crew, where: string): Promise<OpenFile[][]> {
  const rows = await crew.query<OpenFile>(
    `select l.city, l.list, l.school, c.candidate_no as candidate, i.major
     from dispatch_lists l
     join list_items i using (season, city, list)
     join files f on f.season = l.season and f.city = l.city and f.file = i.file and f.list = l.list
     join candidates c on c.season = l.season and c.city = l.city and c.file = i.file
     where l.season = $1 and f.state = 'reading' and ${where}
     order by l.city, l.list, i.seq`,
  );
  return [...Map.groupBy(rows, ({ city, list }) => `${city}|${list}`).values()];
}

/** 指定录退档案 on the lists that were released. */
export async function propose(crew: Crew, { takes }: Workload): Promise<void> {
  const lists = (await openLists(crew, "l.state = 'released'")).filter(([first]) =>
    takes(first?.city ?? '', first?.list ?? 0),
  );
  await crew.each('院校阅档', lists, files =>
    decide(
      crew,
      files,
      files.map(file => proposalFor(crew, file)),
    ),
  );
}

function proposalFor(crew: Crew, { candidate: candidate_no, major }: OpenFile): Proposal {
  if (major === null) return { candidate_no, decision: 'return', reason: NO_MAJOR };
  const stream = crew.always('proposal', candidate_no);
  const drawn = stream.real();
  if (drawn >= RETURNED + WEAKLY_RETURNED) return { candidate_no, decision: 'admit' };
  const listed = LISTED_REASONS[stream.below(LISTED_REASONS.length)] as string;
  const reason = drawn < RETURNED ? listed : WEAK_REASON;
  return { candidate_no, decision: 'return', reason };
}

/** In bulk; where the plan does not take all of them, one after the other as far as it goes. */
async function decide(
  crew: Crew,
  files: readonly OpenFile[],
  proposals: readonly Proposal[],
): Promise<void> {
  const [{ city, list, school }] = files as [OpenFile];
  const user = leaderOf(school);
  const one = (decisions: readonly Proposal[], about: readonly string[]) =>
    crew.ask({
      user,
      id: 'decide-files',
      input: { city, list, decisions },
      about: [city, list, ...about],
    });
  if ((await one(proposals, [])) !== 'over-plan') return;
  for (const proposal of proposals) {
    const { candidate_no } = proposal;
    if ((await one([proposal], [candidate_no])) !== 'over-plan') continue;
    const full: Proposal = { candidate_no, decision: 'return', reason: 'over-plan' };
    await one([full], [candidate_no, 'full']);
  }
}

/** 组长录退, by the team leader. Who forgets it does it on another day. */
export async function submit(crew: Crew, { eager }: Workload): Promise<void> {
  const lists = await crew.query<{ city: string; list: number; school: string }>(
    `select l.city, l.list, l.school from dispatch_lists l
     join files f on f.season = l.season and f.city = l.city and f.list = l.list
     where l.season = $1 and l.state = 'released'
     group by l.city, l.list, l.school
     having bool_and(f.state in ('proposed', 'return-proposed'))
     order by l.city, l.list`,
  );
  const today = lists.filter(
    ({ city, list }) => eager.has(city) || !crew.today('forgets', city, list).chance(FORGETS),
  );
  await crew.each('组长录退', today, ({ city, list, school }) =>
    submitOne(crew, city, list, school),
  );
}

function submitOne(crew: Crew, city: string, list: number, school: string) {
  return crew.ask({
    user: leaderOf(school),
    id: 'submit-dispatch-list',
    input: { city, list },
    about: [city, list],
  });
}

/** What came back 复议: the school admits it after all, within its plan, and submits again. */
export async function lookAgain(crew: Crew): Promise<void> {
  const open = await openLists(crew, "l.state = 'submitted' and f.reopened_for_review");
  await crew.each('复议', open, files => decide(crew, files, files.map(admitted)));
}

function admitted({ candidate: candidate_no, major }: OpenFile): Proposal {
  if (major === null) return { candidate_no, decision: 'return', reason: NO_MAJOR };
  return { candidate_no, decision: 'admit' };
}

/** A habit of its own, so that a day cut off between the two goes on here. */
export async function submitAgain(crew: Crew): Promise<void> {
  const lists = await crew.query<{ city: string; list: number; school: string }>(
    `select l.city, l.list, l.school from dispatch_lists l
     join files f on f.season = l.season and f.city = l.city and f.list = l.list
     where l.season = $1 and l.state = 'submitted' and f.reopened_for_review
     group by l.city, l.list, l.school
     having bool_and(f.state in ('proposed', 'return-proposed'))
     order by l.city, l.list`,
  );
  await crew.each('复议提交', lists, ({ city, list, school }) =>
    submitOne(crew, city, list, school),
  );
}
