/**
 * 注销已注册考生: a student who has registered leaves. Where the file goes – stays cancelled, back to
 * the pool, or held – is a value of the policy; once per candidate and season, before the roster.
 */
import { BACK_IN_POOL, type StandingFile } from '../../db/season/files.ts';
import { STATE_TITLES } from '../../engine/file/states.ts';
import { valueById } from '../../engine/policy/calendar.ts';
import type { Act } from '../act/act.ts';
import { functionJob } from '../act/function-job.ts';
import { INPUT } from '../act/input.ts';
import { ownFilesTarget } from './parts/registration.ts';
import { schoolError } from './parts/school-errors.ts';

interface Input {
  readonly candidate_no: string;
  readonly reason: string;
}

const DESTINATIONS = ['cancelled', 'in-pool', 'held'] as const;

export const job = functionJob<Input>({
  id: 'cancel-registered',
  title: '注销已注册考生',
  sides: ['school'],
  menu: '投档',
  annex: true,
  input: {
    properties: { candidate_no: INPUT.candidate_no, reason: INPUT.reason },
    required: ['candidate_no', 'reason'],
  },
  relatives: false,
  // Open from the registration to the filing of the roster, which is a state of the file.
  window: 'none',
  target: place => ownFilesTarget(place, [place.input.candidate_no]),
  async effect(act) {
    const { candidate_no: candidate, reason } = act.input;
    const file = await act.candidate(candidate);
    const own = file.school === act.user.school;
    if (await cancelledBefore(act, file)) throw schoolError('already-cancelled', { candidate });
    if (own && file.state === 'filed') throw schoolError('roster-filed', { candidate });
    if (!own || file.state !== 'registered') throw schoolError('not-registered', { candidate });
    const { value, id } = valueById(act.policy, 'cancelled-registration', 'text');
    const to = DESTINATIONS.find(each => each === value) ?? 'cancelled';
    const { phase, major } = file;
    act.move(file, 'cancel-registration', {
      to,
      change: {
        ...BACK_IN_POOL,
        ...(to === 'in-pool' ? {} : { reason }),
        ...(to === 'held' ? { holdUntil: null, holdLevel: 'city' } : {}),
      },
      // A file that is neither at the school nor in the pool is no longer the school's to write.
      ...(to === 'in-pool' ? {} : { beyondScope: true as const }),
      decision: `${job.id} ${id}`,
      note: { reason, phase, major },
    });
    return { lines: [`考生 ${candidate} 的注册已注销，档案现为“${STATE_TITLES[to]}”。`] };
  },
});

/**
 * Once per candidate and season, by whichever school; a school that has not got the file learns
 * only of what it did itself.
 */
async function cancelledBefore(act: Act<Input>, file: StandingFile): Promise<boolean> {
  const { school } = act.user;
  const [row] = await act.asRunner(session =>
    session.query<{ before: boolean }>(
      `select exists (select from events where season = $1::smallint and city = $2 and file = $3
         and name = 'cancel-registration' and ($4::text is null or school = $4)) as before`,
      [act.season, file.city, file.file, file.school === school ? null : school],
    ),
  );
  return row?.before === true;
}
