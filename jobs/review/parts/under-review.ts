/**
 * Files before a reviewer: whose they are, and until when they may be reviewed. A phase ends for
 * schools on its last day; what they have proposed by then the reviewers still decide within the
 * policy's grace.
 */
import { locateCandidates, readFiles, type StandingFile } from '../../../db/season/files.ts';
import { daysAfter, valueById } from '../../../engine/policy/calendar.ts';
import { isInWindow, phaseOf } from '../../../engine/policy/lookup.ts';
import type { FullPolicy } from '../../../engine/policy/types.ts';
import type { Act } from '../../act/act.ts';
import { actError } from '../../act/errors.ts';
import type { Place, Target } from '../../act/function-job.ts';
import { admissionError } from './admission-errors.ts';

export interface Verdict {
  readonly candidates: readonly string[];
  readonly verdict: 'approve' | 'refuse';
  readonly reason?: string;
}

/**
 * The home cities of the candidates, and a school: where one of the files is at a school of a kind
 * that the user's office does not answer for, that one, so that the runner refuses it.
 */
export async function underReviewTarget(
  { session, season, user }: Pick<Place<unknown>, 'session' | 'season' | 'user'>,
  candidates: readonly string[],
): Promise<Target> {
  const found = await locateCandidates(session, season, candidates);
  const unknown = candidates.find(candidate => !found.has(candidate));
  if (unknown !== undefined) throw actError('unknown-candidate', { candidate: unknown });
  const cities = Map.groupBy(found.values(), place => place.city);
  const schools = new Set<string>();
  for (const [city, members] of cities) {
    const ids = members.map(({ file }) => file);
    for (const { school } of await readFiles(session, season, city, ids)) {
      if (school !== null) schools.add(school);
    }
  }
  const foreign = await session.query<{ code: string }>(
    `select code from schools
     where season = $1::smallint and code = any($2::text[]) and kind <> all($3::text[])
     order by code collate "C" limit 1`,
    [season, [...schools], user.kinds],
  );
  const school = foreign[0]?.code ?? [...schools].toSorted()[0];
  return {
    cities: [...cities.keys()].toSorted(),
    ...(school === undefined ? {} : { school }),
  };
}

interface Span {
  readonly title: string;
  readonly window: readonly [string, string] | null;
}

/**
 * When a file may be reviewed: of a batch, from its first day to the later of its own and its
 * phase's last; of an entry, in its phase; both with the grace after it.
 */
function reviewSpan(policy: FullPolicy, file: StandingFile): Span {
  const batch = policy.batches.find(({ id }) => id === file.batch);
  const phase =
    file.state === 'pending-review' || batch === undefined
      ? policy.phases.find(({ id }) => id === file.phase)
      : phaseOf(policy, batch);
  const own = file.state === 'pending-review' ? phase : batch;
  const title = `${own?.title ?? ''}审核时间`;
  const from = own?.window?.[0];
  const ends = [own?.window?.[1], phase?.window?.[1]].filter(day => day !== undefined);
  const end = ends.toSorted().at(-1);
  if (from === undefined || end === undefined) return { title, window: null };
  const { value: grace } = valueById(policy, 'review-grace-days', 'number');
  return { title, window: [from, daysAfter(end, grace)] };
}

/** @throws window-closed */
export function requireReviewTime<I>(
  act: Act<I>,
  policy: FullPolicy,
  file: StandingFile,
  title: string,
): void {
  const { title: span, window } = reviewSpan(policy, file);
  const { businessDate: date } = act;
  if (isInWindow(window, date)) return;
  const [from, to] = window ?? ['未公布', '未公布'];
  const candidate = file.candidateNo ?? '';
  throw admissionError('window-closed', { date, title, candidate, span, from, to });
}

/** Maker and checker are never the same person. @throws same-person */
export function requireOther<I>(act: Act<I>, file: StandingFile): void {
  if (file.decidedBy !== act.user.user) return;
  throw admissionError('same-person', { candidate: file.candidateNo ?? '' });
}

/** The reason of a refusal. @throws no-reason */
export function reasonOfRefusal(
  { verdict, reason }: Pick<Verdict, 'verdict' | 'reason'>,
  file: StandingFile,
): string {
  if (verdict === 'refuse' && (reason ?? '').trim() !== '') return (reason as string).trim();
  throw admissionError('no-reason', { candidate: file.candidateNo ?? '', what: '审核不通过' });
}
