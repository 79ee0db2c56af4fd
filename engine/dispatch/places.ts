/**
 * Places per school and per plan line before the run (dispatch.md §3 and §6).
 */
import type { Rounding } from '../policy/types.ts';
import { fail } from './errors.ts';
import { OCCUPYING_STATES } from './file-rows.ts';
import type { World } from './world.ts';

/** Room is held in 32 bits. */
const ROOM_MAX = 2 ** 31 - 1;

/**
 * By school index, and by plan-line index; lines of school s are [lineFirst[s], lineFirst[s + 1]).
 */
export interface Places {
  readonly lineFirst: Uint32Array;
  readonly planned: Float64Array;
  readonly flexible: Int32Array;
  /** Files at the school by this batch, whatever their major. */
  readonly occupied: Int32Array;
  readonly lineOccupied: Int32Array;
  /** Flexible places that no line has taken; never below 0. */
  readonly flexibleFree: Int32Array;
}

/** School code → index. */
export function schoolIndexes(world: World): ReadonlyMap<string, number> {
  return new Map(world.schools.map((school, index) => [school.code, index]));
}

export function placesOf(world: World): Places {
  const indexes = schoolIndexes(world);
  const schools = world.schools.length;
  const lineFirst = new Uint32Array(schools + 1);
  const planned = new Float64Array(schools);
  const flexible = new Int32Array(schools);
  for (const line of world.lines) {
    const school = indexes.get(line.school)!;
    lineFirst[school + 1] += 1;
    planned[school] += line.planned;
  }
  for (let school = 0; school < schools; school += 1) lineFirst[school + 1] += lineFirst[school];
  for (const [code, places] of world.flexible) flexible[indexes.get(code)!] = places;
  const { occupied, lineOccupied } = occupiedOf(world, indexes, lineFirst);
  const flexibleFree = new Int32Array(schools);
  for (let school = 0; school < schools; school += 1) {
    let used = 0;
    for (let line = lineFirst[school]; line < lineFirst[school + 1]; line += 1) {
      used += Math.max(0, lineOccupied[line] - world.lines[line].planned);
    }
    flexibleFree[school] = Math.max(0, flexible[school] - used);
  }
  return { lineFirst, planned, flexible, occupied, lineOccupied, flexibleFree };
}

function occupiedOf(
  world: World,
  indexes: ReadonlyMap<string, number>,
  lineFirst: Uint32Array,
): { occupied: Int32Array; lineOccupied: Int32Array } {
  const occupied = new Int32Array(world.schools.length);
  const lineOccupied = new Int32Array(world.lines.length);
  for (const file of world.files) {
    if (file.batch !== world.batch || !OCCUPYING_STATES.has(file.state)) continue;
    const school = indexes.get(file.school);
    if (school === undefined) continue;
    occupied[school] += 1;
    for (let line = lineFirst[school]; line < lineFirst[school + 1]; line += 1) {
      if (world.lines[line].major === file.major) lineOccupied[line] += 1;
    }
  }
  return { occupied, lineOccupied };
}

/**
 * `round(planned × ratio)`, exactly.
 *
 * @param ratio in hundredths
 */
export function roundedPlaces(planned: number, ratio: number, rounding: Rounding): number {
  const product = BigInt(planned) * BigInt(ratio);
  if (rounding === 'floor') return Number(product / 100n);
  if (rounding === 'ceil') return Number((product + 99n) / 100n);
  return Number((product + 50n) / 100n);
}

/** Room by school before the run; may be below 0. */
export function roomOf(places: Places, ratio: number, rounding: Rounding): Int32Array {
  const room = new Int32Array(places.planned.length);
  for (let school = 0; school < room.length; school += 1) {
    const rounded = roundedPlaces(places.planned[school], ratio, rounding);
    const count = rounded + places.flexible[school] - places.occupied[school];
    if (count > ROOM_MAX) {
      throw fail('count-out-of-range', { table: 'plans.csv', code: '', count, limit: ROOM_MAX });
    }
    room[school] = count;
  }
  return room;
}
