/** Titles that a policy's words need and does not hold itself. */
import type { Titles } from '../../engine/policy/handbook/words.ts';

/** Of functions and reports from their declarations; of cities their names. */
export async function policyTitles(): Promise<Titles> {
  const { allFunctions } = await import('../act/registry.ts');
  const { reports } = await import('../../reports/registry.ts');
  const titled = [...(await allFunctions()), ...reports];
  const { regions } = await regionTitles();
  return { functions: new Map(titled.map(({ id, title }) => [id, title])), regions };
}

/** Of cities alone: what says nothing of functions need not load all their files. */
export async function regionTitles(): Promise<Titles> {
  const { CITIES, PROVINCE } = await import('../../db/sample/cities.ts');
  return {
    functions: new Map(),
    regions: new Map([PROVINCE, ...CITIES].map(({ code, name }) => [code, name])),
  };
}
