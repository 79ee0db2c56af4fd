import t from 'tap';
import { auditJob } from '../../jobs/nightly/audit.ts';
import { dispatchJob } from '../../jobs/nightly/dispatch.ts';
import { province } from './audit-province.ts';

// Many small cities, each dispatched and audited in full: minutes on a busy machine.
t.setTimeout(900_000);

const FIRST_SEED = Number(process.env['SEED'] ?? 1);
const CLEAN_WORLDS = 200;

t.test('no property fires on two hundred random clean cities', async t => {
  const seeds = Array.from({ length: CLEAN_WORLDS }, (_, at) => FIRST_SEED + at);
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
  t.ok(placed > 3 * CLEAN_WORLDS, `${placed} placed`);
});
