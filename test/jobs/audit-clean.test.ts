import t from 'tap';
import { auditJob } from '../../jobs/nightly/audit.ts';
import { dispatchJob } from '../../jobs/nightly/dispatch.ts';
import { province } from './audit-province.ts';

/**
 * How many cities; hundreds are `npm run audit:campaign`. Each is as random as the next, but
 * costs the more the more there are, since a package names all schools of the province.
 */
const CLEAN_CITIES = Number(process.env['AUDIT_CITIES'] ?? 40);

// Many small cities, each dispatched and audited in full: minutes on a busy machine.
t.setTimeout(CLEAN_CITIES * 10_000);

const FIRST_SEED = Number(process.env['SEED'] ?? 1);

t.test(`no property fires on ${CLEAN_CITIES} random clean cities`, async t => {
  const seeds = Array.from({ length: CLEAN_CITIES }, (_, at) => FIRST_SEED + at);
  const { cases, run } = await province(t, seeds);
  let placed = 0;
  for (const [at, { city }] of cases.entries()) {
    const dispatched = await run(dispatchJob, city);
    if (dispatched.state !== 'completed')
      t.match(dispatched, { state: 'completed' }, `${seeds[at]}`);
    placed += dispatched.result?.counts['placed'] ?? 0;
    const audited = await run(auditJob, city);
    const told = { state: audited.state, findings: audited.result?.findings ?? audited.error };
    if (audited.state !== 'completed' || audited.result?.findings.length !== 0) {
      t.strictSame(told, { state: 'completed', findings: [] }, `seed ${seeds[at]}, ${city}`);
    }
  }
  t.ok(placed > 3 * CLEAN_CITIES, `${placed} placed`);
});
