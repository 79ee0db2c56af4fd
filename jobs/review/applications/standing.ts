/** Admitted at a school, and its roster not filed. */
import type { StandingFile } from '../../../db/season/files.ts';

const STANDING: readonly string[] = ['admitted', 'registered'];

export function isStanding(file: StandingFile, school: string): boolean {
  return STANDING.includes(file.state) && file.school === school;
}
