/** Writes what an edit changes, in the user's scope, and keeps numbers and identities unique. */
import type { Session } from '../../../db/connect.ts';
import { identityHasher } from '../../../db/identity-hmac.ts';
import type { StandingFile } from '../../../db/season/files.ts';
import type { Act } from '../../act/act.ts';
import { baseDataError } from '../errors.ts';
import type { CandidateChanges, ScoreChange } from './candidate-changes.ts';

const KEY = 'season = $1::smallint and city = $2 and file = $3';

/** @throws duplicate-number, duplicate-identity */
export async function writeChanges<I>(
  act: Act<I>,
  file: StandingFile,
  changes: CandidateChanges,
): Promise<void> {
  const { columns, attributes, number } = changes;
  const candidate = file.candidateNo ?? '';
  const key = [act.season, file.city, file.file];
  if (number !== null) await writeNumber(act, key, number);
  const identity = columns['identity_no'];
  if (identity !== undefined) await writeIdentity(act, key, { candidate, identity });
  const names = Object.keys(columns);
  if (names.length > 0) {
    const sets = names.map((name, index) => `${name} = ${castOf(name, `$${index + 4}`)}`);
    await act.session.query(`update candidates set ${sets.join(', ')} where ${KEY}`, [
      ...key,
      ...names.map(name => columns[name]),
    ]);
  }
  if (attributes !== null) {
    const text = Object.keys(attributes).length === 0 ? null : JSON.stringify(attributes);
    await act.session.query(`update candidates set attributes = $4::jsonb where ${KEY}`, [
      ...key,
      text,
    ]);
  }
}

/** Marks and total as they are to stand. */
export async function writeScores(
  session: Pick<Session, 'query'>,
  season: number,
  { city, file }: Pick<StandingFile, 'city' | 'file'>,
  { marks, total }: ScoreChange,
): Promise<void> {
  await session.query(
    `insert into scores (season, city, file, marks) values ($1, $2, $3, $4::integer[])
     on conflict (season, city, file) do update set marks = excluded.marks`,
    [season, city, file, marks],
  );
  await session.query(`update candidates set total = $4 where ${KEY}`, [season, city, file, total]);
}

function castOf(name: string, parameter: string): string {
  return name === 'birth_date' ? `nullif(${parameter}, '')::date` : parameter;
}

/** The number is the province's: whether it is free, the runner sees. */
async function writeNumber<I>(act: Act<I>, key: readonly unknown[], number: string): Promise<void> {
  const [taken] = await act.asRunner(session =>
    session.query(
      'select 1 from candidate_numbers where season = $1::smallint and candidate_no = $2',
      [act.season, number],
    ),
  );
  if (taken !== undefined) throw baseDataError('duplicate-number', { number });
  await act.session.query(`update candidate_numbers set candidate_no = $4 where ${KEY}`, [
    ...key,
    number,
  ]);
  await act.session.query(`update candidates set candidate_no = $4 where ${KEY}`, [...key, number]);
}

/** The key of the HMAC is hidden from users; the row itself is written in their scope. */
async function writeIdentity<I>(
  act: Act<I>,
  key: readonly unknown[],
  { candidate, identity }: { readonly candidate: string; readonly identity: string },
): Promise<void> {
  const { hmac, taken } = await act.asRunner(async session => {
    const hmac = (await identityHasher(session))(identity);
    const rows = await session.query(
      `select 1 from identities where season = $1::smallint and identity_hmac = $4
         and (city, file) <> ($2, $3)`,
      [...key, hmac],
    );
    return { hmac, taken: rows.length > 0 };
  });
  if (taken) throw baseDataError('duplicate-identity', { candidate });
  await act.session.query(`delete from identities where ${KEY}`, key);
  await act.session.query(
    'insert into identities (season, city, file, identity_hmac) values ($1, $2, $3, $4)',
    [...key, hmac],
  );
}
