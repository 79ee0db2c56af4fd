/**
 * People whom a school enters beyond the base 补录: identity, record, and the candidate number that
 * the city's approval gives. Run by the runner: whose an identity number is, is asked of the whole
 * province, and told to nobody.
 */
import type { Session } from '../connect.ts';
import { identityHasher } from '../identity-hmac.ts';
import { takeNumbers } from './counters.ts';

type Reader = Pick<Session, 'query'>;

/** A record as an import writes it (db/package/import/people.ts). */
export interface PersonRecord {
  readonly name: string;
  readonly sex: string;
  readonly birthDate: string;
  /** The comparable form. */
  readonly identityNo: string;
  readonly identityType: string;
  readonly city: string;
  readonly county: string;
  readonly registrationPoint: string;
  readonly origin: string;
  readonly household: string;
  readonly address: string;
  readonly postcode: string;
  readonly phone: string;
  readonly guardian: string;
  /** Declared attributes, as text; null: none. */
  readonly attributes: Readonly<Record<string, string>> | null;
}

export interface EnteredPerson {
  readonly file: number;
  /** What stands for the identity number. */
  readonly identity: Buffer;
}

/**
 * Writes identity and record under a new file number. Another one who enters the same person at
 * the same moment is waited for, so that one of the two finds the number taken.
 *
 * @returns null: the number is somebody's in the province already
 */
export async function enterPerson(
  session: Reader,
  season: number,
  person: PersonRecord,
): Promise<EnteredPerson | null> {
  const hmacOf = await identityHasher(session);
  const identity = hmacOf(person.identityNo);
  const [row] = await session.query<{ file: number }>(
    `insert into identities (season, identity_hmac, city, file)
     select $1::smallint, $2::bytea, $3, nextval('file_ids')::integer
     on conflict (season, identity_hmac) do nothing
     returning file`,
    [season, identity, person.city],
  );
  if (row === undefined) return null;
  await session.query(
    `insert into candidates (season, city, file, candidate_no, name, sex, birth_date, identity_no,
       identity_type, county, registration_point, origin, total, household, address, postcode,
       phone, guardian, attributes)
     values ($1::smallint, $2, $3, null, $4, $5, $6::date, $7, $8, $9, $10, $11, null, $12, $13,
       $14, $15, $16, $17::jsonb)`,
    [
      ...[season, person.city, row.file, person.name, person.sex, person.birthDate],
      ...[person.identityNo, person.identityType, person.county, person.registrationPoint],
      ...[person.origin, person.household, person.address, person.postcode, person.phone],
      ...[person.guardian, person.attributes === null ? null : JSON.stringify(person.attributes)],
    ],
  );
  return { file: row.file, identity };
}

/** Class of the advisory lock of files of people, "zzpl" in bytes; the second key is the season. */
const ENTRY_LOCK = 0x7a7a706c;

/**
 * Files of people are entered one after the other, to the end of the transaction: two of them that
 * hold the same people in another order would wait for each other's identities for ever.
 */
export async function lockEntries(session: Reader, season: number): Promise<void> {
  await session.query('select pg_advisory_xact_lock($1, $2)', [ENTRY_LOCK, season]);
}

/** How candidate numbers are printed around their serial. */
export interface NumberPrint {
  readonly prefix: string;
  readonly suffix: string;
  readonly digits: number;
  /** The largest serial. */
  readonly last: number;
  readonly print: (serial: number) => string;
}

/**
 * Gives a file the next candidate number of a printed prefix. The prefix's counter is locked until
 * the commit: whoever asks meanwhile waits, and a transaction that fails leaves no gap. Serials
 * count on from the highest that an import has brought; one that a later import has taken is
 * passed over.
 *
 * @returns null: the serials of the prefix are used up
 */
export async function giveNumber(
  session: Reader,
  season: number,
  file: { readonly city: string; readonly file: number },
  numbers: NumberPrint,
): Promise<string | null> {
  const counter = `candidate_no|${numbers.prefix}`;
  await beginCounter(session, season, counter, numbers);
  for (;;) {
    const serial = await takeNumbers(session, season, counter);
    if (serial > numbers.last) return null;
    const number = numbers.print(serial);
    const [taken] = await session.query(
      `insert into candidate_numbers (season, candidate_no, city, file)
       values ($1::smallint, $2, $3, $4) on conflict (season, candidate_no) do nothing returning 1`,
      [season, number, file.city, file.file],
    );
    if (taken === undefined) continue;
    await session.query(
      `update candidates set candidate_no = $4
        where season = $1::smallint and city = $2 and file = $3`,
      [season, file.city, file.file, number],
    );
    return number;
  }
}

/** The first time of a prefix, it begins where the numbers of the imports end. */
async function beginCounter(
  session: Reader,
  season: number,
  counter: string,
  { prefix, suffix, digits }: NumberPrint,
): Promise<void> {
  const [known] = await session.query(
    'select 1 from number_counters where season = $1::smallint and counter = $2',
    [season, counter],
  );
  if (known !== undefined) return;
  await session.query(
    `insert into number_counters (season, counter, last)
     select $1::smallint, $2, coalesce(max(substr(n.candidate_no, $5, $6)::integer), 0)
       from candidate_numbers n
      where n.season = $1::smallint and left(n.candidate_no, $5 - 1) = $3
        and right(n.candidate_no, length($4)) = $4
        and length(n.candidate_no) = $5 - 1 + $6 + length($4)
        and substr(n.candidate_no, $5, $6) ~ '^[0-9]+$'
     on conflict (season, counter) do nothing`,
    [season, counter, prefix, suffix, prefix.length + 1, digits],
  );
}
