/**
 * Scores corrected after a dispatch (成绩更正): they become a finding that lists whose place would
 * change, and nothing else changes until a second officer has decided. What follows for those in
 * the list – recall, point dispatch – is the officers' own work.
 */
import type { Session } from '../../../db/connect.ts';
import type { StandingFile } from '../../../db/season/files.ts';
import { ABSENT } from '../../../engine/decimal.ts';
import type { Act } from '../../act/act.ts';
import type { Answer } from '../../act/function-job.ts';
import type { Finding } from '../../run/job.ts';
import { baseDataError } from '../errors.ts';
import type { ScoreChange } from './candidate-changes.ts';
import type { CandidateRecord, Subject } from './candidate-record.ts';
import { writeScores } from './candidate-write.ts';
import { type CorrectedRun, correctedRun } from './corrected-places.ts';

/** Records the correction. @throws correction-open, correction-by-city, package-lost */
export async function proposeCorrection<I>(
  act: Act<I>,
  record: CandidateRecord,
  change: ScoreChange,
  about: { readonly reason: string; readonly subjects: ReadonlyMap<string, Subject> },
): Promise<Answer> {
  const { file } = record;
  const candidate = file.candidateNo ?? '';
  if (act.user.county !== null) throw baseDataError('correction-by-city');
  const open = await openCorrection(act.session, act.season, file);
  if (open !== undefined) throw baseDataError('correction-open', { candidate, correction: open });
  const corrected = {
    candidateNo: candidate,
    total: change.total ?? ABSENT,
    marks: new Map(
      [...about.subjects.values()].map(({ code, slot }) => [
        code,
        change.marks[slot - 1] ?? ABSENT,
      ]),
    ),
  };
  const runs = await act.asRunner(async session => {
    const found: CorrectedRun[] = [];
    for (const run of record.runs) {
      const done = await correctedRun(session, act.home, run, corrected);
      if (done !== null) found.push(done);
    }
    return found;
  });
  const correction = await insert(act, record, change, { reason: about.reason, runs });
  const changed = runs.reduce((sum, run) => sum + run.changes.length, 0);
  act.record({ file, note: { correction, state: 'open', reason: about.reason, changed } });
  const next = `由另一人核定：edit-candidate correction=${correction} verdict=approve 或 refuse。`;
  return {
    lines: [
      `考生 ${candidate} 的成绩更正已记为第 ${correction} 号，成绩未改；涉及 ${runs.length} 次投档，` +
        `会改变 ${changed} 人的投档结果。${next}`,
    ],
    values: { correction, runs },
    counts: { placesChanged: changed },
    findings: runs.map(run => findingOf(candidate, correction, file, run)),
  };
}

function findingOf(
  candidate: string,
  correction: number,
  { city }: StandingFile,
  { run, batch, round, changes }: CorrectedRun,
): Finding {
  return {
    property: 'score-correction',
    severity: 'warning',
    city,
    batch,
    aboutRun: run,
    schools: [...new Set(changes.flatMap(({ from, to }) => [from, to]))].filter(
      school => school !== null,
    ),
    stops: 'nothing',
    sentence:
      `考生 ${candidate} 的成绩在第 ${run} 次运行（${batch} 第 ${round} 轮）之后更正` +
      `（第 ${correction} 号），会改变 ${changes.length} 人的投档结果，请核定。`,
    rows: changes.map(change => ({ ...change })),
    rowCount: changes.length,
  };
}

async function openCorrection(
  session: Session,
  season: number,
  { city, file }: StandingFile,
): Promise<number | undefined> {
  const [row] = await session.query<{ correction: number }>(
    `select correction from score_corrections
     where season = $1::smallint and city = $2 and file = $3 and state = 'open'`,
    [season, city, file],
  );
  return row?.correction;
}

async function insert<I>(
  act: Act<I>,
  record: CandidateRecord,
  change: ScoreChange,
  { reason, runs }: { readonly reason: string; readonly runs: readonly CorrectedRun[] },
): Promise<number> {
  const { file, marks, total } = record;
  const [row] = await act.session.query<{ correction: number }>(
    `insert into score_corrections (season, city, file, marks_before, marks_after, total_before,
       total_after, affected, reason, run, proposed_by, proposed_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8::jsonb, $9, $10, $11, $12) returning correction`,
    [
      ...[act.season, file.city, file.file, marks, change.marks, total, change.total],
      ...[JSON.stringify(runs), reason, act.run, act.user.user, act.at],
    ],
  );
  return (row as { correction: number }).correction;
}

interface OpenCorrection {
  readonly city: string;
  readonly file: number;
  readonly proposedBy: string;
  readonly marksBefore: (number | null)[];
  readonly marksAfter: (number | null)[];
  readonly totalBefore: number | null;
  readonly totalAfter: number | null;
}

/** A correction that waits. @throws unknown-correction */
export async function readCorrection(
  session: Pick<Session, 'query'>,
  season: number,
  correction: number,
): Promise<OpenCorrection> {
  const [row] = await session.query<OpenCorrection>(
    `select city, file, proposed_by as "proposedBy", marks_before as "marksBefore",
       marks_after as "marksAfter", total_before as "totalBefore", total_after as "totalAfter"
     from score_corrections
     where season = $1::smallint and correction = $2 and state = 'open'`,
    [season, correction],
  );
  if (row === undefined) throw baseDataError('unknown-correction', { correction });
  return row;
}

/** The second officer's word. @throws same-person, correction-stale, unknown-correction */
export async function decideCorrection<I>(
  act: Act<I>,
  correction: number,
  verdict: { readonly approve: boolean; readonly reason: string },
): Promise<Answer> {
  const open = await readCorrection(act.session, act.season, correction);
  if (open.proposedBy === act.user.user) throw baseDataError('same-person', { correction });
  const [file] = await act.filesOf(open.city, [open.file]);
  if (file === undefined) throw baseDataError('unknown-correction', { correction });
  if (verdict.approve) await apply(act, file, correction, open);
  const state = verdict.approve ? 'applied' : 'refused';
  await act.session.query(
    `update score_corrections set state = $3, decided_by = $4, decided_at = $5, decision = $6
     where season = $1::smallint and correction = $2`,
    [act.season, correction, state, act.user.user, act.at, verdict.reason],
  );
  act.record({ file, note: { correction, state, reason: verdict.reason } });
  const said = verdict.approve
    ? '已同意，成绩已更正；已列出的投档结果请另行处理'
    : '不予同意，成绩未改';
  return { lines: [`第 ${correction} 号成绩更正${said}。`], values: { correction, state } };
}

async function apply<I>(
  act: Act<I>,
  file: StandingFile,
  correction: number,
  open: OpenCorrection,
): Promise<void> {
  const [same] = await act.session.query<{ same: boolean }>(
    `select coalesce(s.marks, '{}') = $4::integer[] and c.total is not distinct from $5 as same
     from candidates c left join scores s using (season, city, file)
     where c.season = $1::smallint and c.city = $2 and c.file = $3`,
    [act.season, file.city, file.file, open.marksBefore, open.totalBefore],
  );
  if (same?.same !== true) throw baseDataError('correction-stale', { correction });
  const scores = { marks: open.marksAfter, total: open.totalAfter };
  await writeScores(act.session, act.season, file, scores);
}
