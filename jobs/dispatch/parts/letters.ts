/** Numbers of admission letters 录取通知书: given at admission, per school, without gaps. */
import { takeNumbers } from '../../../db/season/counters.ts';
import type { Act } from '../../act/act.ts';

/** The next numbers of a school's letters. */
export async function letterNumbers<I>(
  act: Act<I>,
  school: string,
  count: number,
): Promise<number[]> {
  const first = await act.asRunner(session =>
    takeNumbers(session, act.season, `letter|${school}`, count),
  );
  return Array.from({ length: count }, (_, at) => first + at);
}
