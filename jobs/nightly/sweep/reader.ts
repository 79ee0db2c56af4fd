/**
 * What a sweep reads of a city. Where the sweeps of many cities are looked at in one transaction
 * (quiet.ts), each question is put once for many of them, and each city gets its part.
 */
import type { Session } from '../../../db/connect.ts';
import { type CityStanding, cityStandings } from '../../../db/dispatch/standing.ts';
import {
  type ApplicationGroup,
  applicationGroups,
  applicationGroupsOf,
  type FileColumn,
  fileGroups,
  fileGroupsOf,
  type SweepColumn,
  type SweepGroup,
  type SweepPlace,
} from '../../../db/season/sweep-rows.ts';

export interface SweepReader {
  standings(season: number): Promise<readonly CityStanding[]>;
  applications(place: SweepPlace, columns: readonly SweepColumn[]): Promise<ApplicationGroup[]>;
  files(place: SweepPlace, columns: readonly FileColumn[]): Promise<SweepGroup[]>;
}

/** Reads one city. */
export function readerOf(session: Session): SweepReader {
  return {
    standings: season => cityStandings(session, season),
    applications: (place, columns) => applicationGroups(session, place, columns),
    files: (place, columns) => fileGroups(session, place, columns),
  };
}

/** Reads many cities, each of them as readerOf would. */
export function readerOfMany(session: Session, cities: readonly string[]): SweepReader {
  const one = readerOf(session);
  const asked = new Map<string, Promise<unknown>>();
  const once = <T>(question: string, ask: () => Promise<T>): Promise<T> => {
    const known = asked.get(question) ?? ask();
    asked.set(question, known);
    return known as Promise<T>;
  };
  return {
    standings: season => once('standings', () => one.standings(season)),
    applications: async ({ season, city }, columns) => {
      const ask = () => applicationGroupsOf(session, { season, cities }, columns);
      return (await once(`applications ${columns.join()}`, ask)).get(city) ?? [];
    },
    files: async (place, columns) => {
      const { season, city, expiring } = place;
      // What expires there is no longer counted: that city's own question.
      if (expiring.length > 0) return one.files(place, columns);
      const ask = () => fileGroupsOf(session, { season, cities }, columns);
      return (await once(`files ${columns.join()}`, ask)).get(city) ?? [];
    },
  };
}
