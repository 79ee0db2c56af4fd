/**
 * Writes the few events of an act by one statement, which answers with their rows as they now stand
 * in the table. A COPY in and a COPY out to hash them ask four times, and PostgreSQL plans a COPY
 * of a query anew each time; nearly every act writes one event.
 */
import type { Session } from '../connect.ts';
import { asCopied } from '../copy.ts';
import { canonicalInstant, canonicalOf, EVENT_COLUMNS } from './canonical.ts';
import type { TrailEvent } from './event.ts';

/** More of a city are written by COPY, which costs less for each of them. */
export const FEW_EVENTS = 64;

const TYPES: Readonly<Record<(typeof EVENT_COLUMNS)[number], string>> = {
  ...{ season: 'smallint', city: 'text', event: 'integer', file: 'integer', name: 'text' },
  ...{ from_state: 'text', to_state: 'text', school: 'text', major: 'text', batch: 'text' },
  ...{ actor: 'text', at: 'timestamptz', business_date: 'date', phase: 'text' },
  ...{ policy: 'integer', decision: 'text', run: 'integer', list: 'integer', note: 'jsonb' },
};

const INSERT = `
insert into events (${EVENT_COLUMNS.join(', ')})
select ${EVENT_COLUMNS.join(', ')}
from jsonb_to_recordset($1::jsonb) given (
  ${EVENT_COLUMNS.map(name => `${name} ${TYPES[name]}`).join(', ')})
returning ${EVENT_COLUMNS.map(name => `${canonicalOf(name)} as ${name}`).join(', ')}`;

type Row = Readonly<Record<(typeof EVENT_COLUMNS)[number], string | number | null>>;

/**
 * Writes events of a city, whose chain the transaction holds, after a number.
 *
 * @param onRow gets the canonical bytes of each row with its line feed, by number
 */
export async function insertFew(
  session: Session,
  season: number,
  after: number,
  events: readonly TrailEvent[],
  onRow: (bytes: Uint8Array) => void,
): Promise<void> {
  const given = events.map((event, place) => rowOf(season, after + 1 + place, event));
  const rows = await session.query<Row>(INSERT, [JSON.stringify(given)]);
  for (const row of rows.toSorted((a, b) => Number(a.event) - Number(b.event))) {
    onRow(asCopied(EVENT_COLUMNS.map(name => row[name])));
    onRow(LINE_FEED);
  }
}

const LINE_FEED = new Uint8Array([10]);

function rowOf(season: number, event: number, given: TrailEvent): Record<string, unknown> {
  const { city, file, name, from, to, school, major, batch, actor, at, businessDate } = given;
  const { phase, policy, decision = '', run, list, note } = given;
  return {
    ...{ season, city, event, file, name, from_state: from, to_state: to, school, major, batch },
    ...{ actor, at: canonicalInstant(at), business_date: businessDate },
    ...{ phase, policy, decision, run, list, note },
  };
}
