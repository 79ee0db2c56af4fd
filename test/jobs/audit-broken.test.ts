/**
 * Each property of the audit, with data broken behind the back of everything: it must fire, and
 * beside it only what the same break really violates.
 */
import t from 'tap';
import { auditJob } from '../../jobs/nightly/audit.ts';
import { dispatchJob } from '../../jobs/nightly/dispatch.ts';
import type { Finding } from '../../jobs/run/job.ts';
import type { Break, Place } from './audit-break.ts';
import { PLACING_BREAKS } from './audit-breaks-placing.ts';
import { RECORD_BREAKS } from './audit-breaks-record.ts';
import { type Province, province } from './audit-province.ts';
import { BATCH, type Shape } from './audit-world.ts';

// Many small cities, each dispatched and audited in full: minutes on a busy machine.
t.setTimeout(900_000);

const FIRST_SEED = Number(process.env['SEED'] ?? 1);
/**
 * Cities that each break is put to the test in; more of them in `npm run audit:campaign`. Not every
 * city has what a break needs.
 */
const APPLIED_MAX = Number(process.env['AUDIT_APPLIED'] ?? 1);
const SPARE_CITIES = 12;

const BREAKS = [...PLACING_BREAKS, ...RECORD_BREAKS];

/** One database per shape; a city that a break has changed is not used again. */
interface Pool {
  readonly province: Province;
  readonly free: { city: string; run: number | null }[];
}

const pools = new Map<Shape | undefined, Promise<Pool>>();

function poolOf(form: Shape | undefined): Promise<Pool> {
  const known = pools.get(form);
  if (known !== undefined) return known;
  const count = BREAKS.filter(each => each.shape === form).length * APPLIED_MAX + SPARE_CITIES;
  const seeds = Array.from({ length: count }, (_, at) => FIRST_SEED + at);
  const made = province(t, seeds, form).then(made => ({
    province: made,
    free: made.cases.map(({ city }) => ({ city, run: null })),
  }));
  pools.set(form, made);
  return made;
}

/** Breaks the next city that has what the break needs; undefined: there is none left. */
async function broken(pool: Pool, one: Break): Promise<Place | undefined> {
  const { database, home, run } = pool.province;
  for (const [at, entry] of pool.free.entries()) {
    entry.run ??= (await run(dispatchJob, entry.city)).run;
    const place = { city: entry.city, home, run: entry.run as number };
    const changed = await database.transaction(async session => {
      // Append-only tables are kept so by triggers; whoever owns the database can go round them.
      await session.query("set local session_replication_role = 'replica'");
      if (one.change !== undefined) return one.change(session, place);
      return (await session.query(one.sql as string, [place.city, place.run])).length;
    });
    if (changed === 0) continue;
    pool.free.splice(at, 1);
    return place;
  }
  return undefined;
}

for (const one of BREAKS) {
  const { title, expect, also = [] } = one;
  t.test(`finds ${title} (${expect})`, async t => {
    const pool = await poolOf(one.shape);
    const { database, run } = pool.province;
    const property = expect.split(' ')[0] as string;
    for (let applied = 0; applied < APPLIED_MAX; applied += 1) {
      const place = await broken(pool, one);
      if (place === undefined) {
        t.ok(applied > 0, 'some city has what the break needs');
        break;
      }
      const audited = await run(auditJob, place.city);
      const findings = audited.result?.findings ?? [];
      const named = findings.map(each => `${each.property} ${each.rows[0]?.['fault']}`);
      const where = `first seed ${FIRST_SEED}, ${place.city}, ${audited.error?.message ?? ''}`;
      t.ok(named.includes(expect), `${where} ${named}`);
      const needless = findings.filter(each => ![property, ...also].includes(each.property));
      if (needless.length > 0) t.strictSame(needless, [], where);
      checkKept(t, findings, where);
      const [row] = await database.query<{ released: boolean }>(
        'select released from runs where run = $1',
        [place.run],
      );
      const harmless = findings.every(isHarmless);
      t.equal(row?.released, harmless, `the run is ${harmless ? '' : 'not '}released`);
    }
  });
}

/** Of a statistic, on which no placing rests. */
const HARMLESS: readonly unknown[] = ['choice-counts', 'chooser-counts'];

function isHarmless(finding: Finding): boolean {
  return HARMLESS.includes(finding.rows[0]?.['fault']);
}

/** What every finding must hold, whatever it says. */
function checkKept(t: Tap, findings: readonly Finding[], where: string): void {
  for (const finding of findings) {
    const columns = finding.rows.flatMap(row => Object.keys(row));
    const sound =
      finding.batch === BATCH &&
      finding.rowCount >= finding.rows.length &&
      finding.rows.length <= 100 &&
      (finding.stops === 'nothing') === isHarmless(finding) &&
      (finding.severity === 'warning' || !isHarmless(finding)) &&
      (finding.stops !== 'schools' || (finding.schools ?? []).length > 0) &&
      !columns.includes('name') &&
      !columns.includes('identity_no');
    if (!sound) t.strictSame(finding, {}, where);
  }
}

type Tap = Pick<typeof t, 'strictSame'>;
