/**
 * What a transfer 转学 rests on, when it is asked for and again when it is decided: the old school's
 * consent, and a place at the new one by the quota rules (within plan in phase 1, at most the
 * policy's number per candidate, both requests signed).
 */
import {
  type Application,
  approvedWithdrawal,
  openApplicationOn,
  SUBJECT,
} from '../../../db/season/applications.ts';
import type { StandingFile } from '../../../db/season/files.ts';
import type { Batch } from '../../../engine/policy/types.ts';
import type { Act } from '../../act/act.ts';
import { AdmissionQuota } from '../parts/quota.ts';
import { applicationError } from './errors.ts';
import { openAlready } from './opening.ts';
import { isStanding } from './standing.ts';

/** The withdrawal that consents: still open, or approved this season. */
export interface Consent {
  readonly withdrawal: Application;
  readonly open: boolean;
}

/**
 * @throws no-consent, same-school, application-open
 */
export async function requireConsent<I>(
  act: Act<I>,
  file: StandingFile,
  school: string,
): Promise<Consent> {
  const candidate = file.candidateNo ?? '';
  const subject = SUBJECT.file(file);
  const [open, approved] = await act.asRunner(async session => [
    await openApplicationOn(session, act.season, subject),
    await approvedWithdrawal(session, act.season, file),
  ]);
  if (open !== null && open.kind !== 'withdrawal') {
    throw await openAlready(act, subject, `考生 ${candidate} `);
  }
  if (file.school === school) throw applicationError('same-school', { candidate, school });
  if (open !== null && isStanding(file, open.school)) return { withdrawal: open, open: true };
  if (file.state !== 'in-pool' || approved === null) {
    throw applicationError('no-consent', { candidate });
  }
  if (approved.school === school) throw applicationError('same-school', { candidate, school });
  return { withdrawal: approved, open: false };
}

export interface Place {
  readonly school: string;
  readonly major: string;
  readonly batch: Batch;
  readonly signed: boolean;
}

/** A transfer counts for the latest phase begun by then (policy.md). */
export function transferPhase<I>(act: Act<I>, batch: Batch): string {
  return act.phase ?? batch.phase;
}

/**
 * @returns ids of the rules that let it pass
 * @throws unknown-major, no-plan, or the code of the rule that refuses
 */
export async function requirePlace<I>(
  act: Act<I>,
  file: StandingFile,
  { school, major, batch, signed }: Place,
): Promise<readonly string[]> {
  const phase = transferPhase(act, batch);
  const place = { city: file.city, school, batch, phase, counting: 'occupied' } as const;
  const quota = await AdmissionQuota.open(act, place);
  return quota.require(file, major, 'transfer', {
    'application.by': 'school',
    'application.signed': signed,
    'application.age-days': 0,
  });
}
