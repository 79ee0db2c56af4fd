/**
 * Where the admissions of a snapshot count: phase by the day of admission, batch by the plan. In a
 * phase with batches no plan line is no right to admit there (calendar rule 1); in a phase of the
 * schools' own the plan does not bind (rule 6), and the batch is what the report counts against.
 */
import type { Session } from '../../../db/connect.ts';
import {
  type ListedSchool,
  listedPlaces,
  listedSchools,
  type ResolvedPlace,
} from '../../../db/season/compare-snapshot.ts';
import type { SnapshotKey } from '../../../db/season/snapshots.ts';
import { phaseBegunBy } from '../../../engine/policy/calendar.ts';
import { schoolInBatch } from '../../../engine/policy/lookup.ts';
import type { Batch, FullPolicy } from '../../../engine/policy/types.ts';

/** The places of a staged snapshot that have a batch. */
export async function resolvedPlaces(
  session: Session,
  key: SnapshotKey,
  policy: FullPolicy,
): Promise<ResolvedPlace[]> {
  const places = await listedPlaces(session, key);
  const codes = [...new Set(places.map(place => place.school))];
  const rows = await listedSchools(session, key.season, key.city, codes);
  const schools = new Map(rows.map(row => [row.school, row]));
  const batches = policy.batches.toSorted((a, b) => a.order - b.order);
  return places.flatMap(place => {
    const phase = phaseBegunBy(policy, place.admittedOn)?.id;
    const school = schools.get(place.school);
    if (phase === undefined || school === undefined) return [];
    const batch = batchOf(batches, phase, school, place.major);
    return batch === undefined ? [] : [{ ...place, phase, batch: batch.id }];
  });
}

/** @param batches in their order */
function batchOf(
  batches: readonly Batch[],
  phase: string,
  school: ListedSchool,
  major: string,
): Batch | undefined {
  const planned = (batch: Batch) => school.lines[major]?.includes(batch.id) === true;
  const own = batches.filter(batch => batch.phase === phase);
  if (own.length > 0) return own.find(planned);
  const at = { code: school.school, kind: school.kind };
  return batches.find(planned) ?? batches.find(batch => schoolInBatch(batch, at));
}
