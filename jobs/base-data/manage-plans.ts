/**
 * 院校计划管理: one plan line – school × major × source region × batch – is set or deleted. No line
 * is no right to dispatch there, which differs from a line of 0 (calendar rule 1). Never below what
 * is used, which the quota rules decide.
 *
 * Publication 公布 is a date of the calendar (plans-published). Until it, the offices keep their
 * plans; from it on, the way is a school's application (apply-plan-change), which is itself the
 * approval. What the province must mend nevertheless names the paper that approves it, and takes
 * two of its people.
 */
import { planStanding } from '../../db/season/plan.ts';
import type { FullPolicy } from '../../engine/policy/types.ts';
import type { Act } from '../act/act.ts';
import { functionJob, type PlaceWithPolicy } from '../act/function-job.ts';
import { INPUT, wrongInput } from '../act/input.ts';
import { requireQuotaRules } from '../review/applications/quota-rules.ts';
import { baseDataError } from './errors.ts';

interface Input {
  readonly action: 'set' | 'delete';
  readonly city: string;
  readonly school: string;
  readonly major: string;
  readonly batch: string;
  readonly planned?: number;
  readonly approval?: string;
}

const PLANNED_MAX = 100_000;

export const job = functionJob<Input>({
  id: 'manage-plans',
  title: '院校计划管理',
  sides: ['office'],
  menu: '基本资料',
  annex: true,
  input: {
    properties: {
      action: { type: 'string', enum: ['set', 'delete'], description: '设定或删除' },
      city: { ...INPUT.city, description: '生源地市代码' },
      school: INPUT.school,
      major: INPUT.major,
      batch: INPUT.batch,
      planned: { type: 'integer', minimum: 0, maximum: PLANNED_MAX, description: '计划数' },
      approval: {
        type: 'string',
        minLength: 2,
        maxLength: 200,
        description: '批准文件的文号；计划公布之后由省招办更正时必填',
      },
    },
    required: ['action', 'city', 'school', 'major', 'batch'],
  },
  relatives: false,
  window: 'none',
  confirm: place => isPublished(place),
  async target({ input }) {
    const { city, batch, school } = input;
    return { cities: [city], batch, school };
  },
  async effect(act) {
    const { city, school, major, batch, planned, action, approval } = act.input;
    requireOpen(act);
    await requireMajor(act);
    const standing = await act.asRunner(session =>
      planStanding(session, act.season, { city, school, batch }),
    );
    const line = standing.lines.find(each => each.major === major);
    if (action === 'delete' && line === undefined) {
      throw baseDataError('unknown-line', { city, school, major, batch });
    }
    if (action === 'set' && planned === undefined) throw wrongInput(job, ['须写明 planned']);
    const next = action === 'delete' ? null : (planned as number);
    const before = line?.planned ?? null;
    if (before === next) return { lines: ['计划数与现在相同，未作改动。'] };
    const places = (next ?? 0) - (before ?? 0);
    // Files whose major is not decided yet take a place of some line: the school's sum holds them.
    if (places < 0 && standing.used > standing.planned + places + standing.flexible) {
      throw baseDataError('below-used', { school, city, used: standing.used });
    }
    const rules = await requireQuotaRules(act, {
      ...{ kind: 'plan-change', city, school, major, batch: act.batch(batch) },
      ...{ places: Math.abs(places), reduction: Math.max(0, -places) },
    });
    await write(act, next);
    act.record({
      ...{ city, school, major, batch },
      note: { before, after: next, ...(approval === undefined ? {} : { approval }) },
      decision: rules.length === 0 ? job.id : rules.join(' '),
    });
    const said = next === null ? '已删除' : `为 ${next}（原 ${before ?? '无'}）`;
    return { lines: [`院校 ${school} 专业 ${major} 在 ${city} 的计划${said}。`] };
  },
});

/** The day of publication; where the policy names none, the first day of the batch. */
function publishedOn(policy: FullPolicy, batch: string): string | null {
  const named = policy.deadlines.find(each => each.id === 'plans-published')?.date ?? null;
  return named ?? policy.batches.find(each => each.id === batch)?.window?.[0] ?? null;
}

function isPublished({ policy, input, businessDate }: PlaceWithPolicy<Input>): boolean {
  const date = publishedOn(policy, input.batch);
  return date !== null && businessDate >= date;
}

/** @throws unknown-batch, after-publication */
function requireOpen(act: Act<Input>): void {
  const { batch, approval } = act.input;
  act.batch(batch);
  const date = publishedOn(act.policy, batch);
  if (date === null || act.businessDate < date) return;
  if (act.user.level === 'province' && approval !== undefined) return;
  throw baseDataError('after-publication', { date });
}

/** @throws unknown-major */
async function requireMajor(act: Act<Input>): Promise<void> {
  const { school, major } = act.input;
  const [row] = await act.session.query(
    'select 1 from majors where season = $1::smallint and school = $2 and code = $3',
    [act.season, school, major],
  );
  if (row === undefined) throw baseDataError('unknown-major', { school, major });
}

async function write(act: Act<Input>, planned: number | null): Promise<void> {
  const { city, school, major, batch } = act.input;
  const key = [act.season, city, school, major, batch];
  if (planned === null) {
    await act.session.query(
      `delete from plan_lines where season = $1::smallint and city = $2 and school = $3
         and major = $4 and batch = $5`,
      key,
    );
    return;
  }
  await act.session.query(
    `insert into plan_lines (season, city, school, major, batch, planned)
     values ($1, $2, $3, $4, $5, $6)
     on conflict (season, city, school, major, batch) do update set planned = excluded.planned`,
    [...key, planned],
  );
}
