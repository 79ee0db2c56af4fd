/** The stress province of spec/province.md in a database: everybody with 8 choices, one batch. */
import { join } from 'node:path';
import type { Database } from '../../db/connect.ts';
import { migrate } from '../../db/migrate.ts';
import { readPolicyFolder } from '../../db/package/policy-folder.ts';
import { adoptPolicy } from '../../db/policies.ts';
import { CITIES } from '../../db/sample/cities.ts';
import { loadSample } from '../../db/sample/load.ts';
import { loadPolicy } from '../../engine/policy/load.ts';
import type { PolicyBundle } from '../../engine/policy/types.ts';

export const SEASON = 2016;
export const BATCH = 'vocational';
export const DATE = '2016-07-20';
export const CHOICES = 8;
const POLICY = join(import.meta.dirname, '..', '..', 'rules', 'guangdong-2016');
const AT = new Date('2016-07-15T08:00:00+08:00');

/** The shipped policy with as many choices as the stress size has. */
export function stressPolicy(): PolicyBundle {
  const files = new Map<string, string | Uint8Array>(readPolicyFolder(POLICY));
  const batches = Buffer.from(files.get('batches.yaml') as Uint8Array).toString('utf8');
  files.set('batches.yaml', batches.replace(/choices: \{ max: \d+/, `choices: { max: ${CHOICES}`));
  const { bundle, problems } = loadPolicy(files);
  if (bundle === undefined) throw new Error(problems.map(problem => problem.message).join('\n'));
  return bundle;
}

/** Loads it, ready for the night. @returns its cities */
export async function prepareProvince(
  database: Database,
  candidates: number,
  cityCount: number,
): Promise<string[]> {
  await migrate(database);
  const { season, base, overlays, usesSampleBasis } = stressPolicy();
  await database.transaction(session =>
    adoptPolicy(
      session,
      { season, ...base, usesSampleBasis, overlays: [...overlays.values()] },
      { actor: 'bench', at: AT },
    ),
  );
  const cities = CITIES.slice(0, cityCount).map(city => city.code);
  await loadSample(database, {
    shape: 'stress',
    seed: 1,
    candidates,
    choicesPerCandidate: CHOICES,
    cities,
    actor: 'bench',
    at: AT,
    businessDate: '2016-07-15',
  });
  await database.query('vacuum (freeze, analyze)');
  return cities;
}
