/**
 * A tiny season that people have lived through at its turns – the first rounds, the close of phase
 * 1, the sweep of 09-01 with the rosters after it, the end of phase 2 – its properties checked
 * after every day. Lived once for all tests of the same sources; each gets a clone.
 *
 *     const { database, home } = await livedSeason(t);
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import type { Database } from '../../db/connect.ts';
import { type Preparation, preparedAfter, sourcesKey, type Teardown } from '../database.ts';
import { live } from './live.ts';
import { makeWorld, TINY } from './make-season.ts';
import { type Memory, SeasonWorld } from './season-world.ts';

export const LIVED_SEED = Number(process.env['SEED'] ?? 7);

/** Days on which something new happens; what lies between is more of the same. */
const TURNS = [
  ['2016-07-11', '2016-07-12'],
  ['2016-07-14', '2016-07-14'],
  ['2016-07-20', '2016-07-24'],
  ['2016-07-29', '2016-07-30'],
  ['2016-08-02', '2016-08-02'],
  ['2016-08-20', '2016-08-22'],
  ['2016-08-31', '2016-09-01'],
  ['2016-09-07', '2016-09-08'],
  ['2016-11-07', '2016-11-08'],
  ['2016-11-11', '2016-11-11'],
] as const;

/** Ends of days at which the season can be had; a turn ends on each. */
const STOPS = ['2016-07-24', '2016-09-08', '2016-11-11'] as const;

/** An evening: of the first round, of the days before phase 2 ends, of the season's end. */
export type LivedDay = (typeof STOPS)[number];

export interface Lived {
  readonly database: Database;
  readonly home: string;
}

/** What is written into the home, for whoever lives on or counts. */
interface Kept {
  readonly checks: number;
  readonly memory: Memory;
}

const KEPT = 'lived.json';
const ATTEMPTS = 2;

/** The whole season, as of the evening of 2016-11-11. */
export function livedSeason(t: Teardown): Promise<Lived> {
  return livedSeasonUntil(t, '2016-11-11');
}

/** The season as of the evening of a day. */
export async function livedSeasonUntil(t: Teardown, day: LivedDay): Promise<Lived> {
  const rooms = ['engine', 'db', 'jobs', 'rules', 'test/season'];
  const key = `lived season ${LIVED_SEED}|${await sourcesKey(rooms)}`;
  return preparedAfter(t, preparationUntil(key, STOPS.indexOf(day)));
}

/** A world of the lived season, in which the next act or day may follow. */
export async function livedWorld({ database, home }: Lived): Promise<SeasonWorld> {
  const world = await new SeasonWorld({ database, home, seed: LIVED_SEED }).open();
  return world.recall((await keptIn(home)).memory);
}

/** How often a city, or the province, was checked. */
export async function checksOf({ home }: Lived): Promise<number> {
  return (await keptIn(home)).checks;
}

function preparationUntil(key: string, stop: number): Preparation {
  const to = STOPS[stop] as string;
  const from = STOPS[stop - 1];
  const turns = TURNS.filter(([, end]) => end <= to && (from === undefined || end > from));
  const prepare = async (database: Database, home: string) => {
    const lived = { database, home };
    const world =
      from === undefined
        ? await makeWorld(database, home, { seed: LIVED_SEED, ...TINY })
        : await livedWorld(lived);
    let checks = from === undefined ? 0 : await checksOf(lived);
    for (const [first, last] of turns) {
      checks += (await live(world, { from: first, to: last, attempts: ATTEMPTS })).checks;
    }
    const kept: Kept = { checks, memory: world.memory() };
    await writeFile(join(home, KEPT), JSON.stringify(kept));
  };
  const own = { key: `${key}|${to}`, prepare };
  return from === undefined ? own : { ...own, after: preparationUntil(key, stop - 1) };
}

async function keptIn(home: string): Promise<Kept> {
  return JSON.parse(await readFile(join(home, KEPT), 'utf8')) as Kept;
}
