/** A world with one thing changed for one candidate or one school; the world given stays. */
import type { ByteColumn, World } from '../dispatch/world.ts';

/** @param hundredths added to the candidate's total; his marks stay */
export function withMorePoints(world: World, candidate: number, hundredths: number): World {
  const total = world.candidates.total.slice();
  total[candidate] = total[candidate]! + hundredths;
  return { ...world, candidates: { ...world.candidates, total } };
}

/** More places at a school here, bound to no major: flexible quota 机动计划. */
export function withMorePlaces(world: World, school: string, places: number): World {
  const flexible = new Map(world.flexible);
  flexible.set(school, (flexible.get(school) ?? 0) + places);
  return { ...world, flexible };
}

/** One of the candidate's choices before all his others, which keep their order. */
export function withChoiceFirst(world: World, candidate: number, choice: number): World {
  const { choices } = world;
  const from = choices.first[candidate]!;
  const end = choices.first[candidate + 1]!;
  const order = [choice];
  for (let at = from; at < end; at += 1) if (at !== choice) order.push(at);
  const school = choices.school.slice();
  const adjustment = choices.adjustment.slice();
  const unknownSchools = new Map(choices.unknownSchools);
  order.forEach((source, at) => {
    school[from + at] = choices.school[source]!;
    adjustment[from + at] = choices.adjustment[source]!;
    const unknown = choices.unknownSchools.get(source);
    if (unknown === undefined) unknownSchools.delete(from + at);
    else unknownSchools.set(from + at, unknown);
  });
  const majors = reordered(choices.majors, from, order);
  return { ...world, choices: { ...choices, school, adjustment, majors, unknownSchools } };
}

/** The column with the entries from `from` on in another order, as many as are given. */
function reordered({ bytes, start }: ByteColumn, from: number, order: readonly number[]) {
  const moved = bytes.slice();
  const begins = start.slice();
  let to = start[from]!;
  order.forEach((source, at) => {
    begins[from + at] = to;
    const part = bytes.subarray(start[source]!, start[source + 1]!);
    moved.set(part, to);
    to += part.length;
  });
  return { bytes: moved, start: begins };
}
