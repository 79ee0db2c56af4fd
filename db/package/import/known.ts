/** What the database holds already of a season: the codes and people that a package may name. */
import type { Session } from '../../connect.ts';
import { copyOut, readInteger, readText } from '../../copy.ts';
import { identityHasher } from '../../identity-hmac.ts';
import { ByteTable, NumberColumn } from '../bytes.ts';
import { CandidateIndex } from '../candidates.ts';
import { References } from '../references.ts';

/** Nobody with a candidate number: a person entered by a school who waits for one. */
export const UNNUMBERED = -2;

export interface Known {
  readonly references: References;
  readonly candidates: CandidateIndex;
  /** Schools or candidates are there: the package may be a part. */
  readonly hasData: boolean;
  readonly hasCandidates: boolean;
}

/** Reads the codes of a season, and, where asked, its candidates. */
export async function readKnown(
  session: Session,
  season: number,
  withCandidates: boolean,
): Promise<Known> {
  const references = await readReferences(session, season);
  const candidates = new CandidateIndex();
  const [some] = await session.query<{ there: boolean }>(
    'select exists (select from candidates where season = $1) as there',
    [season],
  );
  const hasCandidates = some?.there === true;
  if (withCandidates && hasCandidates) {
    await copyOut(
      session,
      `select candidate_no, city, file from candidate_numbers where season = ${Number(season)}`,
      (buffer, starts, ends) => {
        const city = readText(buffer, starts[1] as number, ends[1] as number) as string;
        const file = readInteger(buffer, starts[2] as number, ends[2] as number);
        candidates.known(buffer, starts[0] as number, ends[0] as number, city, file);
      },
    );
  }
  const hasData = hasCandidates || references.schools.size > 0;
  return { references, candidates, hasData, hasCandidates };
}

async function readReferences(session: Session, season: number): Promise<References> {
  const references = new References();
  const rows = <R extends object>(sql: string) => session.query<R>(sql, [season]);
  for (const row of await rows<{ code: string; parent: string; level: string }>(
    'select code, parent, level from regions where season = $1',
  )) {
    references.regions.set(row.code, row);
  }
  for (const { code } of await rows<{ code: string }>(
    'select code from offices where season = $1',
  )) {
    references.offices.add(code);
  }
  for (const row of await rows<{ code: string; kind: string; region: string }>(
    'select code, kind, region from schools where season = $1',
  )) {
    references.schools.set(row.code, row.kind);
    references.schoolRegions.set(row.code, row.region);
  }
  for (const row of await rows<{ school: string; code: string }>(
    'select school, code from majors where season = $1',
  )) {
    references.addMajor(row.school, row.code);
  }
  for (const row of await rows<SubjectRow>(
    `select city, code, name, full_mark as full, slot from subjects
      where season = $1 order by city, slot`,
  )) {
    references.addSubject(row.city, row.code, row.name, row.full, row.slot - 1);
  }
  return references;
}

interface SubjectRow {
  readonly city: string;
  readonly code: string;
  readonly name: string;
  readonly full: number;
  readonly slot: number;
}

/**
 * Whose an identity number is in the database: candidate index, UNNUMBERED, or undefined where it
 * is nobody's. Asked by HMAC: the tables hold no bare number to search by.
 */
export async function readIdentityOwners(
  session: Session,
  season: number,
  candidates: CandidateIndex,
): Promise<(comparable: string) => number | undefined> {
  const hmacOf = await identityHasher(session);
  const hmacs = new ByteTable();
  const owner = new NumberColumn(length => new Int32Array(length));
  await copyOut(
    session,
    `select encode(i.identity_hmac, 'hex'), c.candidate_no
       from identities i left join candidates c using (season, city, file)
      where i.season = ${Number(season)}`,
    (buffer, starts, ends) => {
      const index = hmacs.add(buffer, starts[0] as number, ends[0] as number);
      const from = starts[1] as number;
      const numbered = from >= 0;
      owner.set(
        index,
        numbered ? candidates.numbers.find(buffer, from, ends[1] as number) : UNNUMBERED,
      );
    },
  );
  return comparable => {
    const index = hmacs.findText(hmacOf(comparable).toString('hex'));
    return index < 0 ? undefined : owner.at(index);
  };
}
