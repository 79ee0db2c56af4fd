/**
 * P13: the lottery can be drawn again from the published seed. Drawn here once more, with node's
 * HMAC and the numbers as they stand in the database; the input hash is P14's. Lotteries for direct
 * admission in this city and batch are drawn again from their kept input (drawings.ts).
 */
import { createHmac } from 'node:crypto';
import { copyOut, readInteger } from '../../../db/copy.ts';
import type { AuditCase } from './case.ts';
import { drawingFaults } from './drawings.ts';
import { type Fault, type Property, ROWS_MAX } from './property.ts';

const DIGEST_BYTES = 32;

export const p13: Property = {
  id: 'P13',
  title: '派位可由公布的种子重新得出',
  find: async audit => [...(await runFaults(audit)), ...(await drawingFaults(audit))],
};

async function runFaults(audit: AuditCase): Promise<Fault[]> {
  const { mode, ties, seed } = audit.batch.dispatch;
  if (mode !== 'lottery' && ties.ending !== 'lottery') return [];
  if (seed === null || seed === '') {
    const sentence = '按派位办理，但政策中没有种子。';
    return [{ fault: 'seed-missing', sentence, schools: [], rows: [], rowCount: 1 }];
  }
  return mode === 'lottery' ? positionFaults(audit, seed) : lastPlaceFaults(audit, seed);
}

function digest(seed: string, number: Uint8Array): Buffer {
  return createHmac('sha256', Buffer.from(seed, 'utf8')).update(number).digest();
}

/** Mode lottery: in the order of the positions, digests rise, and positions are 1, 2, 3, … */
async function positionFaults(audit: AuditCase, seed: string): Promise<Fault[]> {
  const { sql, session } = audit;
  const wrong: { file: number; position: number | null; expected: number }[] = [];
  const former = Buffer.alloc(DIGEST_BYTES);
  let count = 0;
  let faults = 0;
  await copyOut(
    session,
    `select file, position, candidate_no from decisions
      where ${sql.here} and run = ${sql.run} order by position nulls last`,
    (buffer, starts, ends) => {
      count += 1;
      const position = starts[1] < 0 ? null : readInteger(buffer, starts[1], ends[1]);
      const own = digest(seed, buffer.subarray(starts[2], ends[2]));
      if (position !== count || (count > 1 && Buffer.compare(former, own) >= 0)) {
        faults += 1;
        const file = readInteger(buffer, starts[0], ends[0]);
        if (wrong.length < ROWS_MAX) wrong.push({ file, position, expected: count });
      }
      own.copy(former);
    },
  );
  if (faults === 0) return [];
  const sentence = '按种子重新排出的次序与本次派位的位次不符。';
  return [{ fault: 'draw', sentence, schools: [], rows: wrong, rowCount: faults }];
}

/**
 * Tie ending lottery: of the equals of a last place, those who got it were drawn before the rest.
 */
async function lastPlaceFaults(audit: AuditCase, seed: string): Promise<Fault[]> {
  const contested = await audit.session.query<{
    school: string;
    file: number;
    number: string;
    placed: boolean;
  }>(LAST_PLACES);
  const last = new Map<string, Buffer>();
  for (const { school, number, placed } of contested) {
    const own = digest(seed, Buffer.from(number, 'utf8'));
    const former = last.get(school);
    if (placed && (former === undefined || Buffer.compare(former, own) < 0)) last.set(school, own);
  }
  const wrong = contested.filter(({ school, number, placed }) => {
    const drawn = last.get(school);
    const own = digest(seed, Buffer.from(number, 'utf8'));
    return !placed && drawn !== undefined && Buffer.compare(own, drawn) < 0;
  });
  if (wrong.length === 0) return [];
  return [
    {
      fault: 'draw',
      sentence: '按种子重新抽取，最后名额不应由现在的考生得到。',
      schools: [...new Set(wrong.map(({ school }) => school))].sort(),
      rows: wrong.slice(0, ROWS_MAX).map(({ school, file }) => ({ school, file })),
      rowCount: wrong.length,
    },
  ];
}

/** Equals of the last placed of each school: those it took, and those who found it full. */
const LAST_PLACES = `
  with full_at as (
    select c.school, c.file, c.key from audit_choices c join audit_taken t using (school)
    where not c.later and not c.placed and c.expected is null and c.reason = 'full'
      and c.key = t.last_key
  )
  select f.school, f.file, r.candidate_no as number, false as placed
  from full_at f join audit_ranked r using (file)
  union all
  select r.school, r.file, r.candidate_no, true
  from audit_ranked r
  where (r.school, r.rank) in (
    select f.school, q.rank from full_at f join audit_ranked q using (file))
    and exists (select from full_at f where f.school = r.school)`;
