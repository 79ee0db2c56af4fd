/** Titles that a policy's words need and does not hold itself. */
import type { Titles } from '../../engine/policy/handbook/words.ts';

/** Of functions and reports from their declarations; of cities their names. */
export async function policyTitles(): Promise<Titles> {
  const { allFunctions } = await import('../act/registry.ts');
  const { reports } = await import('../../reports/registry.ts');
  const { CITIES, PROVINCE } = await import('../../db/sample/cities.ts');
  const titled = [...(await allFunctions()), ...reports];
  return {
    functions: new Map(titled.map(({ id, title }) => [id, title])),
    regions: new Map([PROVINCE, ...CITIES].map(({ code, name }) => [code, name])),
  };
}
