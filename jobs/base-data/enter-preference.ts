/**
 * 考生照顾特征录入: attaches a preference feature to a candidate, with its evidence, or takes it
 * away. It takes effect when a second person confirms it, who then stands beside it; the same way a
 * feature that came unconfirmed by an import is confirmed. Bound once a batch of the feature has
 * been dispatched in the city.
 */
import type { StandingFile } from '../../db/season/files.ts';
import type { PreferenceFeature } from '../../engine/policy/types.ts';
import type { Act } from '../act/act.ts';
import { functionJob } from '../act/function-job.ts';
import { INPUT, wrongInput } from '../act/input.ts';
import { candidateTarget } from '../act/targets.ts';
import { baseDataError } from './errors.ts';
import { dispatchedBatches } from './parts/dispatched.ts';

interface Input {
  readonly candidate_no: string;
  readonly feature: string;
  readonly evidence?: string;
  readonly remove?: boolean;
}

export const job = functionJob<Input>({
  id: 'enter-preference',
  title: '考生照顾特征录入',
  sides: ['office'],
  menu: '基本资料',
  annex: true,
  levels: ['province', 'city', 'county'],
  input: {
    properties: {
      candidate_no: INPUT.candidate_no,
      feature: { type: 'string', minLength: 1, maxLength: 63, description: '照顾特征代码' },
      evidence: { type: 'string', minLength: 2, maxLength: 200, description: '证明材料' },
      remove: { type: 'boolean', description: 'yes 为取消' },
    },
    required: ['candidate_no', 'feature'],
  },
  relatives: false,
  window: 'none',
  confirm: true,
  async target(place) {
    // Where the file is does not matter: what counts is whether its city has dispatched.
    const { cities, county } = await candidateTarget(place);
    return { cities, ...(county === undefined ? {} : { county }) };
  },
  async effect(act) {
    const { candidate_no: candidate, feature, remove = false } = act.input;
    const file = await act.candidate(candidate);
    const { title } = await requireOpen(act, file.city);
    const replaced = await standingFeature(act, file);
    await (remove ? take(act, file) : attach(act, file));
    const note = { feature, removed: remove, proposer: act.proposer, replaced };
    act.record({ file, note });
    const said = remove ? '已取消' : '已录入并确认';
    return { lines: [`考生 ${candidate} 的照顾特征“${title}”${said}。`] };
  },
});

/** @throws unknown-preference, batch-dispatched */
async function requireOpen(act: Act<Input>, city: string): Promise<PreferenceFeature> {
  const { features } = act.policy.preferences;
  const feature = features.find(each => each.id === act.input.feature);
  if (feature === undefined) {
    const known = features.map(each => `${each.id}（${each.title}）`).join('、');
    throw baseDataError('unknown-preference', { city, feature: act.input.feature, known });
  }
  const done = await act.asRunner(session => dispatchedBatches(session, act.season, city));
  const bound = feature.batches.find(batch => done.has(batch));
  if (bound === undefined) return feature;
  const { title: batch } = act.batch(bound);
  throw baseDataError('batch-dispatched', { city, batch, what: '录入或取消照顾特征' });
}

/** What it takes the place of; the evidence itself may speak of the family. null: nothing. */
async function standingFeature(
  act: Act<Input>,
  { city, file }: StandingFile,
): Promise<'confirmed' | 'unconfirmed' | null> {
  const [row] = await act.session.query<{ confirmed: string }>(
    `select confirmed_by as confirmed from preferences
      where season = $1::smallint and city = $2 and file = $3 and feature = $4`,
    [act.season, city, file, act.input.feature],
  );
  if (row === undefined) return null;
  return row.confirmed === '' ? 'unconfirmed' : 'confirmed';
}

/** @throws preference-there */
async function attach(act: Act<Input>, { city, file }: StandingFile): Promise<void> {
  const { candidate_no: candidate, feature, evidence } = act.input;
  if (evidence === undefined) throw wrongInput(job, ['须写明 evidence']);
  const rows = await act.session.query(
    `insert into preferences as p (season, city, file, feature, evidence, confirmed_by)
     values ($1, $2, $3, $4, $5, $6)
     on conflict (season, city, file, feature) do update
       set evidence = excluded.evidence, confirmed_by = excluded.confirmed_by
       where p.confirmed_by = '' returning 1`,
    [act.season, city, file, feature, evidence, act.user.user],
  );
  if (rows.length === 0) throw baseDataError('preference-there', { candidate, feature });
}

/** @throws no-preference */
async function take(act: Act<Input>, { city, file }: StandingFile): Promise<void> {
  const { candidate_no: candidate, feature } = act.input;
  const rows = await act.session.query(
    `delete from preferences where season = $1::smallint and city = $2 and file = $3
       and feature = $4 returning 1`,
    [act.season, city, file, feature],
  );
  if (rows.length === 0) throw baseDataError('no-preference', { candidate, feature });
}
