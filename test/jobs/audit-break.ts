/**
 * What a break of the audit's data is, with the shapes of city and the pieces of SQL that several
 * of them use.
 */
import type { Session } from '../../db/connect.ts';
import type { Shape } from './audit-world.ts';

export interface Place {
  readonly city: string;
  readonly run: number;
  readonly home: string;
}

export interface Break {
  readonly title: string;
  /** `P3 envy`: must be found. */
  readonly expect: string;
  /** Properties that this break violates as well. */
  readonly also?: readonly string[];
  readonly shape?: Shape;
  /** SQL that returns the rows it has changed; $1 city, $2 run. */
  readonly sql?: string;
  readonly change?: (session: Session, place: Place) => Promise<number>;
}

export const shape = (dispatch: Shape['dispatch']): Shape => ({
  candidates: 40,
  dispatch: { ratio: 100, rounding: 'floor', bands: [], ...dispatch },
});
export const BY_NUMBER = shape({ mode: 'score-first', ties: { keys: [], ending: 'candidate-no' } });
export const FOLLOW = shape({ mode: 'score-first', ties: { keys: [], ending: 'follow' } });
export const REJECT = shape({ mode: 'score-first', ties: { keys: [], ending: 'reject-all' } });
export const DRAWN = shape({ mode: 'score-first', ties: { keys: [], ending: 'lottery' } });
export const BY_LOT = shape({ mode: 'lottery', majors: { mode: 'score-first', gap: 0 } });

export const DECIDED = 'season = 2016 and city = $1 and run = $2';
export const FIRST_PLACED = `(
  select min(file) from decisions where ${DECIDED} and school is not null)`;

/** Takes the place of the placed `old` at a school and gives it to the unplaced `fresh`. */
export const SWAP = `
  , swapped as (
    update decisions d set
      school = case when d.file = p.fresh then p.school end,
      ordinal = case when d.file = p.fresh then p.fresh_ordinal end,
      major = case when d.file = p.fresh then p.major end,
      suggestion_reason = case when d.file = p.fresh then p.suggestion_reason else '' end,
      reasons = case when d.file = p.fresh
        then regexp_replace(d.reasons, '(^|;)' || p.fresh_ordinal || ':full(;.*)?$',
          '\\1' || p.fresh_ordinal || ':placed')
          || coalesce((select string_agg(';' || ordinal || ':not-reached', '' order by ordinal)
            from choices c where c.season = 2016 and c.city = $1 and c.file = d.file
              and c.ordinal > p.fresh_ordinal), '')
        else replace(d.reasons, ':placed', ':full') end
    from pair p where d.season = 2016 and d.city = $1 and d.run = $2 and d.file in (p.old, p.fresh)
    returning d.file)
  select file from swapped`;

/**
 * A pair (old placed at its last choice, fresh unplaced and told `full`) at one school, with a
 * condition on both.
 */
export const PAIR = (condition: string) => `
  with pair as (
    select o.file as old, f.file as fresh, o.school, c.ordinal as fresh_ordinal, o.major,
      o.suggestion_reason
    from decisions o
    join decisions f on f.season = o.season and f.city = o.city and f.run = o.run
    join choices c on c.season = f.season and c.city = f.city and c.file = f.file
      and c.school = o.school
    where o.season = 2016 and o.city = $1 and o.run = $2 and o.school is not null
      and f.school is null and (f.reasons || ';') like '%' || c.ordinal || ':full;%'
      and o.file <> f.file and o.reasons not like '%not-reached%' and ${condition}
    order by o.file, f.file limit 1)`;
