/** The files of a roster's rows, city by city. */
import type { StandingFile } from '../../../db/season/files.ts';
import type { RosterRow } from '../../../db/season/rosters.ts';
import type { Act } from '../../act/act.ts';

export async function filesOfRows<I>(
  act: Act<I>,
  rows: readonly RosterRow[],
): Promise<StandingFile[]> {
  const files: StandingFile[] = [];
  for (const [city, ofCity] of Map.groupBy(rows, row => row.city)) {
    files.push(
      ...(await act.filesOf(
        city,
        ofCity.map(row => row.file),
      )),
    );
  }
  return files;
}
