/** The schedule of the policy in force: the province's own, since no city sets it. */
import type { Database } from '../../db/connect.ts';
import { readPolicy } from '../../db/policies.ts';
import { policyFromStored } from '../../engine/policy/load.ts';
import { runError } from '../run/errors.ts';
import type { Schedule } from '../run/schedule.ts';

/** @throws CodedError no-schedule where no policy is adopted */
export async function scheduleOf(database: Database, season: number): Promise<Schedule> {
  const stored = await database.transaction(session => readPolicy(session, season));
  if (stored === null) throw runError('no-schedule', { season });
  return policyFromStored(stored.base.documents, null).schedule;
}
