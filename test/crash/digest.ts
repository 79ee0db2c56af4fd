/**
 * One hash over all that a night leaves behind. What differs between two honest ways to the same
 * end – run numbers, attempts, processes, numbers of policy versions – is left out; everything else
 * must be the same, byte for byte. The event chain, whose hashes cover run numbers, is verified
 * instead.
 */
import { createHash } from 'node:crypto';
import type { Database } from '../../db/connect.ts';
import { verifyChain } from '../../db/trail.ts';

/** Table → what of it counts, in an order of its own. */
const PARTS: readonly (readonly [string, string])[] = [
  [
    'ledger',
    `select job, identity, input_hash, result_hash, released,
       (result -> 'counts') - 'rechecked' as counts -- how many pairs is random
     from runs where state = 'completed' and job in ('import', 'dispatch', 'audit')
     order by identity collate "C"`,
  ],
  ['files', 'select * from files order by season, city, file'],
  ['lists', `select to_jsonb(d) - 'run' from dispatch_lists d order by season, city, list`],
  ['items', 'select * from list_items order by season, city, list, seq'],
  ['decisions', `select to_jsonb(d) - 'run' from decisions d order by season, city, file`],
  ['outcomes', `select to_jsonb(d) - 'run' from school_outcomes d order by season, city, school`],
  [
    'situations',
    `select to_jsonb(d) - 'run' from situations d order by season, city, stage, rule, situation`,
  ],
  [
    'events',
    `select to_jsonb(d) - 'run' - 'policy' as event, v.base_hash, v.overlay_hash
     from events d left join policy_versions v on v.id = d.policy order by season, city, event`,
  ],
  [
    'findings',
    `select to_jsonb(d) - 'run' - 'about_run' - 'finding' as f from findings d order by 1`,
  ],
];

/** @throws Error where the event chain of a city does not hold, or a run completed twice */
export async function nightDigest(database: Database, season: number): Promise<string> {
  await database.session(async session => {
    const cities = await session.query<{ city: string }>(
      'select distinct city from blocks order by city',
    );
    for (const { city } of cities) {
      const { fault } = await verifyChain(session, season, city);
      if (fault !== null && fault !== undefined) {
        throw new Error(`chain of ${city}: ${JSON.stringify(fault)}`);
      }
    }
  });
  const hash = createHash('sha256');
  for (const [name, sql] of PARTS) {
    const rows = await database.query(sql);
    hash.update(`${name}\n`);
    for (const row of rows) hash.update(`${JSON.stringify(row)}\n`);
  }
  return hash.digest('hex');
}
