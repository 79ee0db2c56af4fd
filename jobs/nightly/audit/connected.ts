/**
 * What a finding stops (file-life.md): the schools shown and all that choices connect with them in
 * that city × batch. Two schools are connected when one candidate chose both: who wrongly stands at
 * the one may be who should stand at the other. The connection is closed over steps, so this is a
 * connected component of the graph of schools.
 */
import type { AuditCase } from './case.ts';

/** @returns the codes of all schools connected with any of `schools`, these included, sorted */
export async function connectedSchools(
  audit: AuditCase,
  schools: readonly string[],
): Promise<string[]> {
  const { session, sql } = audit;
  const mine = `${sql.here} and batch = ${sql.batch} and round = ${sql.round}
    and school in (select code from schools where season = ${sql.season})`;
  // Each choice is linked with its candidate's first: enough for the component, and not a square.
  const links = await session.query<{ one: string; other: string }>(
    `select distinct f.school as one, c.school as other
     from (select distinct on (file) file, school from choices where ${mine}
       order by file, ordinal) f
     join (select file, school from choices where ${mine}) c using (file)
     where f.school <> c.school`,
  );
  const neighbours = new Map<string, string[]>();
  const link = (from: string, to: string) => {
    const known = neighbours.get(from);
    if (known === undefined) neighbours.set(from, [to]);
    else known.push(to);
  };
  for (const { one, other } of links) {
    link(one, other);
    link(other, one);
  }
  const reached = new Set(schools);
  for (const school of reached) {
    for (const next of neighbours.get(school) ?? []) reached.add(next);
  }
  return [...reached].sort();
}
