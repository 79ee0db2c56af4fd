/**
 * What all reviews of applications have in common: the application is locked, it must be open and
 * of the kind, and whoever reviews it is not who opened it; a refusal gives its reason; what ends
 * it takes one open application from the file.
 */
import {
  APPLICATION_STATE_TITLES,
  APPLICATION_TITLES,
  type Application,
  type ApplicationKind,
  endApplication,
  readApplication,
  type Verdict,
} from '../../../db/season/applications.ts';
import type { StandingFile } from '../../../db/season/files.ts';
import type { Act } from '../../act/act.ts';
import type { Place, Target } from '../../act/function-job.ts';
import { INPUT } from '../../act/input.ts';
import { applicationError } from './errors.ts';

export interface ReviewInput {
  readonly application: number;
  readonly verdict: 'approve' | 'refuse';
  readonly reason?: string;
}

export const REVIEW_INPUT = {
  properties: {
    application: INPUT.application,
    verdict: INPUT.verdict,
    reason: INPUT.reason,
  },
  required: ['application', 'verdict'],
} as const;

/** What the reviews of applications have in common; what differs stands in each. */
export const APPLICATION_REVIEW = {
  sides: ['office'],
  menu: '审核管理',
  annex: true,
  input: REVIEW_INPUT,
  relatives: true,
} as const;

/** City, school and batch of an application of these kinds. @throws unknown-application */
export function applicationTarget(title: string, kinds: readonly ApplicationKind[]) {
  return async ({ session, season, input }: Place<ReviewInput>): Promise<Target> => {
    const found = await readApplication(session, season, input.application);
    const application = ofKind(found, kinds, input.application, title);
    const { city, school, batch } = application;
    return { cities: [city], school, ...(batch === null ? {} : { batch }) };
  };
}

/** @throws unknown-application */
export function ofKind(
  found: Application | null,
  kinds: readonly ApplicationKind[],
  application: number,
  title: string,
): Application {
  if (found !== null && kinds.includes(found.kind)) return found;
  throw applicationError('unknown-application', { application, title });
}

/**
 * The application under review, locked until the commit.
 *
 * @throws application-decided, same-person, reason-needed
 */
export async function underReview(act: Act<ReviewInput>): Promise<Application> {
  const { application: number, verdict, reason } = act.input;
  const found = await act.asRunner(session => readApplication(session, act.season, number, true));
  const application = found as Application;
  const { kind, state } = application;
  if (state !== 'open' && state !== 'half-approved') {
    throw applicationError('application-decided', {
      application: number,
      kind: APPLICATION_TITLES[kind],
      state: APPLICATION_STATE_TITLES[state],
    });
  }
  if (application.openedBy === act.user.user) {
    throw applicationError('same-person', { application: number, user: act.user.user });
  }
  if (verdict === 'refuse' && reason === undefined) throw applicationError('reason-needed', {});
  return application;
}

/** Ends it, and with it the withdrawal that counts as one with a transfer. */
export async function conclude<I>(
  act: Act<I>,
  { application, kind }: Application,
  verdict: Omit<Verdict, 'by' | 'at'>,
): Promise<void> {
  const whole: Verdict = { by: act.user.user, at: act.at, ...verdict };
  // The old school's withdrawal may be of a kind of school that another office answers for.
  if (kind === 'transfer') {
    await act.asRunner(session => endApplication(session, act.season, application, whole));
  } else await endApplication(act.session, act.season, application, whole);
}

/** The file that an application is about, as it stands. */
export async function fileOf<I>(act: Act<I>, application: Application): Promise<StandingFile> {
  const files = await act.filesOf(application.city, [application.file as number]);
  return files[0] as StandingFile;
}

/** What its event notes of the application. */
export function noteOf({ application, kind, school }: Application, more: object = {}) {
  return { application, kind, school, ...more };
}

/** Refuses it: the file, where there is one, counts one open application less. */
export async function refuse(
  act: Act<ReviewInput>,
  application: Application,
  file: StandingFile | null,
): Promise<string> {
  const { reason = '' } = act.input;
  await conclude(act, application, { state: 'refused', reason });
  const { school, major, batch, kind } = application;
  const note = noteOf(application, { verdict: 'refuse', reason });
  if (file === null) act.record({ city: application.city, school, major, batch, note });
  else {
    const openApplications = file.openApplications - 1;
    act.edit(file, { openApplications }, { school, major, batch, note });
  }
  const title = APPLICATION_TITLES[kind];
  return `第 ${application.application} 号申请（${title}）已退回，理由：${reason}。`;
}
