/**
 * What a file must be for its approval paper 批件: in the pool for a dispatch; registered at the
 * school, and changing between majors with and without 三二分段 (3+2), for a change of major. Asked
 * when the paper is applied for, and again when it is approved.
 */
import type { Ground } from '../../../db/season/approval-papers.ts';
import type { StandingFile } from '../../../db/season/files.ts';
import type { Act } from '../../act/act.ts';
import { applicationError } from './errors.ts';

export interface PaperFor {
  readonly file: StandingFile;
  readonly school: string;
  readonly major: string;
  readonly ground: Ground;
  /** Of the function, for the refusal. */
  readonly title: string;
}

/** @throws not-in-pool, not-registered-here, articulated-same */
export async function requirePaperState<I>(act: Act<I>, paper: PaperFor): Promise<void> {
  const { file, school, major, ground, title } = paper;
  const candidate = file.candidateNo ?? '';
  if (ground !== 'articulated') {
    if (file.state !== 'in-pool') throw applicationError('not-in-pool', { candidate, title });
    return;
  }
  if (file.state !== 'registered' || file.school !== school) {
    throw applicationError('not-registered-here', { candidate, school });
  }
  const [row] = await act.asRunner(session =>
    session.query<{ same: boolean }>(
      `select coalesce(bool_or(articulated) filter (where code = $3), false)
            = coalesce(bool_or(articulated) filter (where code = $4), false) as same
       from majors where season = $1::smallint and school = $2 and code in ($3, $4)`,
      [act.season, school, file.major ?? '', major],
    ),
  );
  if (row?.same ?? true) throw applicationError('articulated-same', { candidate, major });
}
