/**
 * What a data package tells the check of a policy: codes of schools, majors and regions, subjects
 * and their full marks. Nothing else of the package is read, and rows at fault are not its matter.
 */
import type { Knowledge } from '../../engine/policy/check-context.ts';
import { openPackage } from './open.ts';
import { ProblemList } from './problems.ts';
import { readPackage } from './read.ts';
import type { References } from './references.ts';
import type { TableName } from './schema.ts';

const TABLES: readonly TableName[] = ['regions', 'schools', 'majors', 'subjects'];

/**
 * Of tables that the package does not have nothing is known, and nothing is held against them.
 *
 * @param path a folder, or an .xlsx file
 * @throws package-not-found
 */
export async function knowledgeOfPackage(path: string): Promise<Partial<Knowledge>> {
  const problems = new ProblemList();
  const opened = await openPackage(path, problems);
  const tables = new Map([...opened.tables].filter(([name]) => TABLES.includes(name)));
  const { references } = await readPackage({ ...opened, tables }, problems, {
    mode: 'recompute',
    attributes: [],
    rules: { batches: new Map(), features: new Set() },
    complete: false,
  });
  return {
    ...(tables.has('regions') ? { regions: new Set(references.regions.keys()) } : {}),
    ...(tables.has('schools') ? { schools: new Set(references.schools.keys()) } : {}),
    ...(tables.has('majors') ? { majors: references.majors } : {}),
    ...(tables.has('subjects') ? marksOf(references) : {}),
  };
}

function marksOf({ subjects }: References) {
  const names = new Map<string, string[]>();
  const fullMarks = new Map<string, number>();
  const subjectMarks = new Map<string, number>();
  for (const [city, own] of subjects) {
    const all = [...own.values()];
    names.set(
      city,
      all.map(subject => subject.name),
    );
    // Where one is not given, the sum is no full mark.
    if (all.every(({ full }) => full > 0)) {
      fullMarks.set(
        city,
        all.reduce((sum, { full }) => sum + full, 0),
      );
    }
    for (const { name, full } of all) {
      subjectMarks.set(name, Math.max(full, subjectMarks.get(name) ?? 0));
    }
  }
  return { subjects: names, fullMarks, subjectMarks };
}
