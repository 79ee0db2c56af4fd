/** Who may hold and release: a hold has the level of the office that made it. */
import { LEVEL_RANK, type User } from '../../../db/access/user.ts';
import type { StandingFile } from '../../../db/season/files.ts';

type HoldLevel = NonNullable<StandingFile['holdLevel']>;

export function holdLevelOf({ level }: User): HoldLevel {
  if (level === 'school') throw new Error('a school holds no file');
  return level;
}

/** The same or a higher level; a hold without one is of a cancelled registration: the city's. */
export function mayRelease({ level }: User, { holdLevel }: StandingFile): boolean {
  return LEVEL_RANK[level] <= LEVEL_RANK[holdLevel ?? 'city'];
}

export const LEVEL_TITLES: Readonly<Record<HoldLevel, string>> = Object.freeze({
  province: '省招办',
  city: '市招办',
  county: '县区招办',
});
