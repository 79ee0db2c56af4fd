/** What many acts are about: a candidate, a dispatch list, a school in a city and batch. */
import { locateCandidates, readFiles } from '../../db/season/files.ts';
import { actError } from './errors.ts';
import type { Place, Target } from './function-job.ts';

/** A candidate: his home city and county, and the school and batch where his file is. */
export async function candidateTarget(
  place: Place<{ readonly candidate_no: string }>,
): Promise<Target> {
  const { session, season, input } = place;
  const candidate = input.candidate_no;
  const found = (await locateCandidates(session, season, [candidate])).get(candidate);
  if (found === undefined) throw actError('unknown-candidate', { candidate });
  const [file] = await readFiles(session, season, found.city, [found.file]);
  if (file === undefined) throw actError('unknown-candidate', { candidate });
  return {
    cities: [file.city],
    county: file.county,
    ...(file.batch === null ? {} : { batch: file.batch }),
    ...(file.school === null ? {} : { school: file.school }),
  };
}

/** Several candidates, of one city or more; without school and batch. */
export async function candidatesTarget(
  place: Place<{ readonly candidates: readonly string[] }>,
): Promise<Target> {
  const { session, season, input } = place;
  const found = await locateCandidates(session, season, input.candidates);
  const unknown = input.candidates.find(candidate => !found.has(candidate));
  if (unknown !== undefined) throw actError('unknown-candidate', { candidate: unknown });
  return { cities: [...new Set([...found.values()].map(place => place.city))].toSorted() };
}

/** A dispatch list: its city, batch and school. */
export async function listTarget(
  place: Place<{ readonly city: string; readonly list: number }>,
): Promise<Target> {
  const { session, season, input } = place;
  const [row] = await session.query<{ batch: string; school: string }>(
    `select batch, school from dispatch_lists
     where season = $1::smallint and city = $2 and list = $3`,
    [season, input.city, input.list],
  );
  if (row === undefined) throw actError('unknown-list', { city: input.city, list: input.list });
  return { cities: [input.city], batch: row.batch, school: row.school };
}
