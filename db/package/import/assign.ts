/**
 * Which file each candidate of a package is: its id in the database, or a new one from the
 * sequence, given city by city in the order of the candidate numbers, so that the files of a city
 * lie together and in order.
 */
import type { Session } from '../../connect.ts';
import { copyIn, copyOut, readInteger } from '../../copy.ts';
import type { CandidateIndex } from '../candidates.ts';

/** The new files of one city, in the order of their candidate numbers. */
export interface NewFiles {
  readonly city: string;
  /** Indexes of the candidates. */
  readonly candidates: Uint32Array;
}

/** Gives ids to the new candidates. @returns them by city, cities in the order of their codes */
export async function assignFiles(
  session: Session,
  candidates: CandidateIndex,
): Promise<readonly NewFiles[]> {
  const groups = newByCity(candidates);
  const total = groups.reduce((sum, group) => sum + group.candidates.length, 0);
  if (total === 0) return groups;
  const ids = new Int32Array(total);
  let count = 0;
  await copyOut(
    session,
    `select nextval('file_ids') from generate_series(1, ${total})`,
    (buffer, starts, ends) => {
      ids[count] = readInteger(buffer, starts[0] as number, ends[0] as number);
      count += 1;
    },
  );
  // Somebody else may draw from the sequence meanwhile; whatever came, it goes upwards.
  ids.sort();
  let next = 0;
  for (const group of groups) {
    for (const candidate of group.candidates) {
      candidates.file.set(candidate, ids[next] as number);
      next += 1;
    }
  }
  return groups;
}

function newByCity(candidates: CandidateIndex): NewFiles[] {
  const members = new Map<string, number[]>();
  for (let index = 0; index < candidates.count; index += 1) {
    if (candidates.line.at(index) === 0 || candidates.file.at(index) !== 0) continue;
    const city = candidates.cityCode(index);
    const list = members.get(city);
    if (list === undefined) members.set(city, [index]);
    else list.push(index);
  }
  const { numbers } = candidates;
  return [...members]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([city, list]) => ({ city, candidates: sorted(list, (a, b) => numbers.compare(a, b)) }));
}

function sorted(list: readonly number[], compare: (a: number, b: number) => number): Uint32Array {
  const indexes = Uint32Array.from(list);
  const inOrder = indexes.every((one, at) => at === 0 || compare(list[at - 1] as number, one) < 0);
  return inOrder ? indexes : indexes.sort(compare);
}

/** Records whose the new candidate numbers are. */
export async function writeNumbers(
  session: Session,
  season: number,
  groups: readonly NewFiles[],
  candidates: CandidateIndex,
): Promise<void> {
  await copyIn(session, 'candidate_numbers (season, candidate_no, city, file)', async writer => {
    for (const { city, candidates: members } of groups) {
      for (const candidate of members) {
        writer.int(season);
        writer.text(candidates.numbers.text(candidate));
        writer.text(city);
        writer.int(candidates.file.at(candidate));
        const wait = writer.endRow();
        if (wait !== undefined) await wait;
      }
    }
  });
}
