/** A database for one season: migrated, the policy adopted, the people there on 07-01. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Database } from '../../db/connect.ts';
import { loadSample } from '../../db/sample/load.ts';
import type { PolicyFiles } from '../../engine/policy/load.ts';
import { parseInstant } from '../../jobs/run/clock.ts';
import { LockKeeper } from '../../jobs/run/lock-keeper.ts';
import { adopt, policyFiles } from '../jobs/shipped-policy.ts';
import { SeasonWorld } from './season-world.ts';

/** Two cities with few people: a season of a minute. */
export const TINY = { cities: ['440400', '440600'], candidates: 160 };

export interface SeasonSize {
  readonly seed: number;
  /** Share of the province; or so many candidates. */
  readonly scale?: number;
  readonly candidates?: number;
  readonly cities?: readonly string[];
  readonly files?: PolicyFiles;
}

export interface MadeSeason {
  readonly world: SeasonWorld;
  remove(): Promise<void>;
}

/** @param database empty and migrated */
export async function makeSeason(database: Database, size: SeasonSize): Promise<MadeSeason> {
  const home = await mkdtemp(join(tmpdir(), 'zhongzhao-season-'));
  const world = await makeWorld(database, home, size);
  const locks = new LockKeeper(database.url);
  world.locks = locks;
  const remove = async () => {
    await locks.close();
    await rm(home, { recursive: true, force: true });
  };
  return { world, remove };
}

/** The same with a home that is somebody else's. */
export async function makeWorld(
  database: Database,
  home: string,
  size: SeasonSize,
): Promise<SeasonWorld> {
  const { seed, files = policyFiles(), ...shape } = size;
  await adopt(database, files);
  const at = parseInstant('2016-07-01T08:00');
  await loadSample(database, { ...shape, seed, actor: 'province', at, businessDate: '2016-07-01' });
  const world = await new SeasonWorld({ database, home, seed }).open();
  world.at = '2016-07-01T00:00';
  return world;
}
