/**
 * 考生资料管理: edits one candidate's record, or those of a list, all or none. Number and identity
 * are bound once the candidate took part in a dispatch; what rules read is bound while the file is
 * at a school; scores become a correction that a second officer decides (score-correction.ts).
 * Neither ledger nor trail holds what was written: the event names the fields.
 */
import { recountChoices } from '../../db/season/choice-counts.ts';
import type { Act } from '../act/act.ts';
import { actError } from '../act/errors.ts';
import { type Answer, functionJob, type Place, type Target } from '../act/function-job.ts';
import { INPUT, wrongInput } from '../act/input.ts';
import { candidatesTarget } from '../act/targets.ts';
import { baseDataError } from './errors.ts';
import { changesOf, fieldsOf } from './parts/candidate-changes.ts';
import { type CandidateEdit, EDIT_PROPERTIES, PERSONAL } from './parts/candidate-input.ts';
import { readRecord, readSubjects, type Subject } from './parts/candidate-record.ts';
import { writeChanges, writeScores } from './parts/candidate-write.ts';
import { decideCorrection, proposeCorrection, readCorrection } from './parts/score-correction.ts';

interface Input extends Partial<CandidateEdit> {
  readonly edits?: readonly CandidateEdit[];
  readonly correction?: number;
  readonly verdict?: 'approve' | 'refuse';
  readonly reason?: string;
}

const EDITS_MAX = 2000;

export const job = functionJob<Input>({
  id: 'edit-candidate',
  title: '考生资料管理',
  sides: ['office'],
  menu: '基本资料',
  annex: true,
  levels: ['province', 'city', 'county'],
  input: {
    properties: {
      candidate_no: INPUT.candidate_no,
      ...EDIT_PROPERTIES,
      edits: {
        type: 'array',
        minItems: 1,
        maxItems: EDITS_MAX,
        items: {
          type: 'object',
          additionalProperties: false,
          properties: { candidate_no: INPUT.candidate_no, ...EDIT_PROPERTIES },
          required: ['candidate_no'],
        },
        description: '多名考生的更正，每项同单人',
      },
      correction: { type: 'integer', minimum: 1, description: '要核定的成绩更正编号' },
      verdict: { ...INPUT.verdict, description: '核定结论' },
      reason: INPUT.reason,
    },
  },
  personal: PERSONAL,
  relatives: false,
  window: 'none',
  target,
  async effect(act) {
    const { correction, verdict, reason = '' } = act.input;
    if (correction === undefined) return editAll(act);
    if (verdict === undefined) throw wrongInput(job, ['核定须写明 verdict']);
    const approve = verdict === 'approve';
    if (!approve && reason === '') throw wrongInput(job, ['不予同意须写明 reason']);
    return decideCorrection(act, correction, { approve, reason });
  },
});

function editsOf(input: Input): readonly CandidateEdit[] {
  const { edits, correction, verdict: _, reason: __, ...single } = input;
  const ways = [edits, correction, single.candidate_no].filter(way => way !== undefined);
  if (ways.length !== 1) throw wrongInput(job, ['candidate_no、edits、correction 须写其一']);
  if (edits !== undefined) return edits;
  return single.candidate_no === undefined ? [] : [single as CandidateEdit];
}

async function target(place: Place<Input>): Promise<Target> {
  const { session, season, input } = place;
  const edits = editsOf(input);
  if (edits.length === 0) {
    const { city } = await readCorrection(session, season, input.correction as number);
    return { cities: [city] };
  }
  const candidates = edits.map(edit => edit.candidate_no);
  const of = await candidatesTarget({ ...place, input: { candidates } });
  const counties = await session.query<{ county: string }>(
    `select distinct c.county from candidate_numbers n join candidates c using (season, city, file)
     where n.season = $1::smallint and n.candidate_no = any($2::text[])`,
    [season, candidates],
  );
  const [county] = counties;
  return counties.length === 1 && county !== undefined ? { ...of, county: county.county } : of;
}

async function editAll(act: Act<Input>): Promise<Answer> {
  const edits = editsOf(act.input);
  const twice = edits.find((edit, index) =>
    edits.some((other, before) => before < index && other.candidate_no === edit.candidate_no),
  );
  if (twice !== undefined) throw wrongInput(job, [`考生 ${twice.candidate_no} 重复`]);
  const subjects = new Map<string, ReadonlyMap<string, Subject>>();
  const answers: Answer[] = [];
  const moved = new Map<string, Set<string>>();
  for (const edit of edits) {
    const file = await act.candidate(edit.candidate_no);
    const here =
      subjects.get(file.city) ??
      (await act.asRunner(session => readSubjects(session, act.season, file.city)));
    subjects.set(file.city, here);
    const answer = await editOne(act, edit, { subjects: here, moved });
    if (answer !== null) answers.push(answer);
  }
  for (const [city, counties] of moved) {
    const places = { cities: [city], counties: [...counties] };
    await act.asRunner(session => recountChoices(session, act.season, places));
  }
  if (answers.length === 0) return { lines: ['与现有资料相同，未作改动。'] };
  return {
    lines: answers.flatMap(answer => answer.lines),
    values: { corrections: answers.flatMap(answer => answer.values ?? []) },
    counts: { edited: answers.length },
    findings: answers.flatMap(answer => answer.findings ?? []),
  };
}

/**
 * @param about the city's subjects; and, to be added to, the counties that candidates leave and
 *   come to, by city: their choices are counted by county
 * @returns null: nothing changes
 */
async function editOne(
  act: Act<Input>,
  edit: CandidateEdit,
  about: {
    readonly subjects: ReadonlyMap<string, Subject>;
    readonly moved: Map<string, Set<string>>;
  },
): Promise<Answer | null> {
  const { subjects, moved } = about;
  const file = await act.candidate(edit.candidate_no);
  const record = await act.asRunner(session => readRecord(session, act.season, file));
  const { attributes } = act.policy;
  const changes = changesOf(record, edit, { subjects, attributes });
  await requirePlaces(act, file.city, changes.columns);
  const fields = fieldsOf(changes);
  if (fields.length === 0) return null;
  await writeChanges(act, file, changes);
  const { county } = changes.columns;
  if (county !== undefined) {
    const counties = moved.get(file.city) ?? new Set();
    moved.set(file.city, counties.add(county).add(record.columns['county'] ?? ''));
  }
  const corrects = changes.scores !== null && record.runs.length > 0;
  if (changes.scores !== null && !corrects) {
    await writeScores(act.session, act.season, file, changes.scores);
  }
  const written = corrects ? fields.filter(field => field !== 'scores') : fields;
  const lines: string[] = [];
  if (written.length > 0) {
    act.record({ file, note: { fields: written, reason: act.input.reason ?? '' } });
    lines.push(`考生 ${edit.candidate_no} 的资料已修改：${written.join('、')}。`);
  }
  if (!corrects || changes.scores === null) return { lines };
  const { reason } = act.input;
  if (reason === undefined) throw wrongInput(job, ['投档之后更正成绩须写明 reason']);
  const answer = await proposeCorrection(act, record, changes.scores, { reason, subjects });
  return { ...answer, lines: [...lines, ...answer.lines] };
}

/** @throws unknown-county, unknown-point, out-of-scope */
async function requirePlaces(
  act: Act<Input>,
  city: string,
  columns: Readonly<Record<string, string>>,
): Promise<void> {
  const { county, registration_point: point } = columns;
  if (county !== undefined) {
    if (act.user.county !== null) {
      throw actError('out-of-scope', { what: `区县 ${county}`, user: act.user.user });
    }
    const [row] = await act.session.query(
      `select 1 from regions where season = $1::smallint and code = $2 and level = 'county'
         and parent = $3`,
      [act.season, county, city],
    );
    if (row === undefined) throw baseDataError('unknown-county', { city, county });
  }
  if (point === undefined || point === '') return;
  // A city that keeps no points takes any: then they are only texts.
  const [known] = await act.asRunner(session =>
    session.query<{ some: boolean; there: boolean }>(
      `select count(*) > 0 as some, coalesce(bool_or(code = $3), false) as there
       from registration_points where season = $1::smallint and city = $2`,
      [act.season, city, point],
    ),
  );
  if (known?.some && !known.there) throw baseDataError('unknown-point', { code: point });
}
