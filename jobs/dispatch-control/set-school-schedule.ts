/**
 * 录取工作安排: when a school works in a batch, entered by the city before dispatch; what the school
 * does outside it is refused. Once the batch is dispatched, it can only be extended: a school that
 * has begun is not cut short.
 */
import { planSchools, readSchedules, writeSchedules } from '../../db/season/schedules.ts';
import { shanghaiMoment } from '../../engine/policy/calendar.ts';
import type { Batch } from '../../engine/policy/types.ts';
import type { Act } from '../act/act.ts';
import { functionJob } from '../act/function-job.ts';
import { INPUT } from '../act/input.ts';
import { shanghaiDate } from '../run/calendar.ts';
import { controlError } from './errors.ts';
import { requireInBatch } from './parts/schools.ts';
import { isDispatched, preparationSpans, requireNotClosed, standingOf } from './parts/settable.ts';

interface Input {
  readonly city: string;
  readonly batch: string;
  readonly school?: string;
  readonly opens_at: string;
  readonly closes_at: string;
}

const INSTANT = { type: 'string', format: 'timestamp' } as const;

export const job = functionJob<Input>({
  id: 'set-school-schedule',
  title: '录取工作安排',
  sides: ['office'],
  menu: '投档控制',
  annex: false,
  input: {
    properties: {
      city: INPUT.city,
      batch: INPUT.batch,
      school: { ...INPUT.school, description: '院校代码；不写为本市此批次有计划的全部院校' },
      opens_at: { ...INSTANT, description: '开始，如 2016-07-21T08:00:00+08:00' },
      closes_at: { ...INSTANT, description: '结束，如 2016-07-24T18:00:00+08:00' },
    },
    required: ['city', 'batch', 'opens_at', 'closes_at'],
  },
  relatives: true,
  window: preparationSpans,
  async target({ input }) {
    const { city, batch, school } = input;
    return { cities: [city], batch, ...(school === undefined ? {} : { school }) };
  },
  async effect(act) {
    const { city, school } = act.input;
    const batch = act.batch(act.input.batch);
    const standing = await standingOf(act, city);
    requireNotClosed(standing, batch);
    const opens = new Date(act.input.opens_at);
    const closes = new Date(act.input.closes_at);
    requireInWindow(batch, opens, closes);
    if (school !== undefined) await requireInBatch(act, school, batch);
    const schools = school === undefined ? await schoolsHere(act, batch) : [school];
    const changed = await changedSchools(act, schools, opens, closes);
    if (isDispatched(standing, batch, 1)) await requireExtended(act, batch, changed, opens, closes);
    const values = { schools: schools.length, changed: changed.length };
    if (changed.length === 0) return { lines: ['录取工作安排与现有的相同，未作改动。'], values };
    const key = { season: act.season, city, batch: batch.id };
    const by = { user: act.user.user, at: act.at };
    await writeSchedules(act.session, key, changed, { opens, closes }, by);
    for (const each of changed) {
      const times = { opens: opens.toISOString(), closes: closes.toISOString() };
      act.record({ school: each, note: times });
    }
    const span = `${shown(opens)} 至 ${shown(closes)}`;
    return { lines: [`${changed.length} 所院校在${batch.title}的录取工作时间：${span}。`], values };
  },
});

/** @throws outside-window */
function requireInWindow(batch: Batch, opens: Date, closes: Date): void {
  const [from, to] = batch.window ?? ['', ''];
  if (from <= shanghaiDate(opens) && shanghaiDate(closes) <= to && opens < closes) return;
  throw controlError('outside-window', {
    opens: shown(opens),
    closes: shown(closes),
    batch: batch.title,
    from: from === '' ? '（未定）' : from,
    to: to === '' ? '（未定）' : to,
  });
}

/** Schools with a plan here, of the kinds that the office answers for. */
function schoolsHere(act: Act<Input>, batch: Batch): Promise<string[]> {
  const key = { season: act.season, city: act.input.city, batch: batch.id };
  return planSchools(act.session, key, act.user.kinds);
}

async function changedSchools(
  act: Act<Input>,
  schools: readonly string[],
  opens: Date,
  closes: Date,
): Promise<string[]> {
  const known = await schedules(act);
  return schools.filter(school => {
    const now = known.get(school);
    return now?.opens.getTime() !== opens.getTime() || now.closes.getTime() !== closes.getTime();
  });
}

/** @throws schedule-shortened */
async function requireExtended(
  act: Act<Input>,
  batch: Batch,
  schools: readonly string[],
  opens: Date,
  closes: Date,
): Promise<void> {
  const known = await schedules(act);
  for (const school of schools) {
    const now = known.get(school);
    if (now === undefined || (opens <= now.opens && now.closes <= closes)) continue;
    const span = { opens: shown(now.opens), closes: shown(now.closes) };
    throw controlError('schedule-shortened', { batch: batch.title, school, ...span });
  }
}

function schedules(act: Act<Input>) {
  const { city, batch } = act.input;
  return readSchedules(act.session, { season: act.season, city, batch });
}

/** Shanghai's clock: `2016-07-21 08:00`. */
function shown(instant: Date): string {
  return shanghaiMoment(instant).replace('T', ' ');
}
