/** Whether the kept counts of choices are those of the choices, recounted row by row. */
import type { Test } from 'tap';
import type { Database } from '../db/connect.ts';

interface Choice {
  readonly city: string;
  readonly county: string;
  readonly file: number;
  readonly batch: string;
  readonly round: number;
  readonly school: string;
  readonly ordinal: number;
  readonly adjustment: boolean | null;
}

export async function choiceCountsHold(
  t: Test,
  database: Pick<Database, 'query'>,
  when: string,
): Promise<void> {
  const choices = await database.query<Choice>(
    `select c.*, k.county from choices c join candidates k using (season, city, file)`,
  );
  const bySchool = Map.groupBy(choices, c =>
    [c.city, c.county, c.batch, c.round, c.school, c.ordinal].join(' '),
  );
  const counts = await database.query<{ key: string; choices: number; adjusting: number }>(
    `select concat_ws(' ', city, county, batch, round, school, ordinal) as key, choices, adjusting
     from choice_counts`,
  );
  const adjusting = (of: readonly Choice[]) => of.filter(each => each.adjustment === true).length;
  t.same(
    new Map(counts.map(each => [each.key, [each.choices, each.adjusting]])),
    new Map([...bySchool].map(([key, of]) => [key, [of.length, adjusting(of)]])),
    `choices by school: ${when}`,
  );
  const inAny = choices.map(each => ({ ...each, batch: '' }));
  const byBatch = Map.groupBy([...choices, ...inAny], c =>
    [c.city, c.county, c.batch, c.round].join(' '),
  );
  const choosers = await database.query<{ key: string; people: number; choices: number }>(
    `select concat_ws(' ', city, county, batch, round) as key, people, choices from chooser_counts`,
  );
  t.same(
    new Map(choosers.map(each => [each.key, [each.people, each.choices]])),
    new Map([...byBatch].map(([key, of]) => [key, [new Set(of.map(c => c.file)).size, of.length]])),
    `choosers: ${when}`,
  );
}
