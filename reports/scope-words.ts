/**
 * What a report was asked for, in the words of its readers: 珠海市（440400）· 中等职业学校批 · 第1轮. Codes
 * of places and schools stand behind their names, since people look things up by them; an id of the
 * policy is nobody's word and is never shown where it has a title.
 */
import type { Session } from '../db/connect.ts';
import { policyInForce, wordsOf } from './policy-words.ts';
import type { Parameters } from './report.ts';

/** Each as it stands at the head; null: not asked for. */
export interface ScopeNames {
  readonly city: string | null;
  readonly school: string | null;
  readonly batch: string | null;
  readonly round: string | null;
}

const NAMES = `
select (select name from regions where season = $1::smallint and code = $2) as city,
  (select name from schools where season = $1::smallint and code = $3) as school`;

const OWN_SCOPE = '本级所辖考生';

/**
 * Names of what was asked for. A code that there is not stands alone, after what it is meant for.
 * Reads outside of the reader's scope: a name is everybody's.
 */
export async function readScopeNames(
  session: Session,
  season: number,
  { city, school, batch, round }: Parameters,
): Promise<ScopeNames> {
  const asked = city !== undefined || school !== undefined;
  const [names] = asked
    ? await session.query<{ city: string | null; school: string | null }>(NAMES, [
        ...[season, city ?? null, school ?? null],
      ])
    : [];
  return {
    city: city === undefined ? null : named(names?.city, `地市 ${city}`, String(city)),
    school: school === undefined ? null : named(names?.school, `院校 ${school}`, String(school)),
    batch: batch === undefined ? null : await batchTitle(session, season, String(batch)),
    round: round === undefined ? null : `第${round}轮`,
  };
}

function named(name: string | null | undefined, unknown: string, code: string): string {
  return name == null ? unknown : `${name}（${code}）`;
}

/** The policy in force tells it: what was asked for is asked today. */
async function batchTitle(session: Session, season: number, batch: string): Promise<string> {
  const policy = await policyInForce(session, season);
  const { batches } = wordsOf(policy?.base ?? null);
  const asked = [...batches.values()].includes(batch) ? batch : `批次 ${batch}`;
  return batches.get(batch) ?? asked;
}

/** @param whole Chinese: what is meant where neither city nor school is asked for */
export async function scopeWords(
  session: Session,
  season: number,
  parameters: Parameters,
  whole = OWN_SCOPE,
): Promise<string> {
  const { city, school, batch, round } = await readScopeNames(session, season, parameters);
  const where = city === null && school === null ? [whole] : [city, school];
  return [...where, batch, round].filter(part => part !== null).join(' · ');
}
