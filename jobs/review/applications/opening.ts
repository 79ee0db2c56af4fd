/**
 * Opens an application: one row, one event, and – where it concerns a file – one more open
 * application on the file, which bars what must not happen meanwhile (jobs/act/act.ts).
 */
import {
  APPLICATION_TITLES,
  insertApplication,
  type NewApplication,
  openApplicationOn,
} from '../../../db/season/applications.ts';
import type { StandingFile } from '../../../db/season/files.ts';
import type { Act } from '../../act/act.ts';
import { applicationError } from './errors.ts';

export interface Opening extends Omit<NewApplication, 'file' | 'school'> {
  /** The file that it concerns. */
  readonly about?: StandingFile;
  /** How the subject reads in a refusal: `考生 …`, `该项计划`. */
  readonly subjectTitle: string;
  /** Ids of the rules that let it pass. */
  readonly rules?: readonly string[];
}

/** The school that applies: the runner has held it against the user's scope. */
export function applyingSchool<I>(act: Act<I>): string {
  const { school } = act.user;
  if (school === null) throw new Error(`${act.user.user} applies for no school`);
  return school;
}

/**
 * @returns the number of the application
 * @throws application-open
 */
export async function openApplication<I>(act: Act<I>, opening: Opening): Promise<number> {
  const { about, subjectTitle, rules = [], ...made } = opening;
  const school = applyingSchool(act);
  const application = await insertApplication(
    act.session,
    act.season,
    { ...made, school, ...(about === undefined ? {} : { file: about.file }) },
    { by: act.user.user, at: act.at, on: act.businessDate, phase: act.phase },
  );
  if (application === null) throw await openAlready(act, opening.subject, subjectTitle);
  return application;
}

/** The refusal where another application on the subject is open, whoever's it is. */
export async function openAlready<I>(
  act: Act<I>,
  subject: string,
  subjectTitle: string,
): Promise<Error> {
  const open = await act.asRunner(session => openApplicationOn(session, act.season, subject));
  const kind = open === null ? '申请' : APPLICATION_TITLES[open.kind];
  return applicationError('application-open', { subject: subjectTitle, kind });
}

/** The file counts one application more, by an event of the function's name. */
export function countOnFile<I>(
  act: Act<I>,
  file: StandingFile,
  application: number,
  how: {
    readonly major?: string | null;
    readonly batch?: string | null;
    readonly rules?: readonly string[];
    readonly note?: object;
    /** Not more, but one that counts as one with it: 0. */
    readonly by?: 0 | 1;
    readonly beyondScope?: boolean;
  } = {},
): void {
  const { by = 1, rules = [], note = {}, beyondScope = false } = how;
  act.edit(file, by === 0 ? {} : { openApplications: file.openApplications + by }, {
    school: applyingSchool(act),
    ...(how.major === undefined ? {} : { major: how.major }),
    ...(how.batch === undefined ? {} : { batch: how.batch }),
    ...decisionOf(rules),
    note: { application, ...note },
    ...(beyondScope ? { beyondScope } : {}),
  });
}

/** What an event names as the decision behind it: the rules, or the function by itself. */
export function decisionOf(rules: readonly string[]): { readonly decision?: string } {
  return rules.length === 0 ? {} : { decision: rules.join(' ') };
}
