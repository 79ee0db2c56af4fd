/** Codes in rules that the year's data does not know, with the nearest that it knows. */
import type { Knowledge } from '../check-context.ts';
import type { FaultCode } from '../faults.ts';
import { nearestName } from '../nearest.ts';
import type { FullPolicy } from '../types.ts';
import type { PlacedFinding } from './analyse.ts';
import { ownRules, placedAtoms } from './own-rules.ts';

/** Facts whose values are codes, by what the codes are of. */
const CODED: Readonly<Record<string, 'schools' | 'regions' | 'majors'>> = {
  'school.code': 'schools',
  'file.school': 'schools',
  'school.region': 'regions',
  'candidate.city': 'regions',
  'candidate.county': 'regions',
  'city.code': 'regions',
  'major.code': 'majors',
};
const FAULTS: Readonly<Record<'schools' | 'regions' | 'majors', FaultCode>> = {
  schools: 'unknown-school',
  regions: 'unknown-region',
  majors: 'unknown-major',
};

export function codeFindings(
  policy: FullPolicy,
  city: string | null,
  base: FullPolicy,
  knowledge: Knowledge,
): PlacedFinding[] {
  const found: PlacedFinding[] = [];
  const { schools, regions, majors } = knowledge;
  const check = (
    code: FaultCode,
    known: ReadonlySet<string> | null,
    name: unknown,
    document: string,
    path: readonly (string | number)[],
  ) => {
    if (known === null || typeof name !== 'string' || known.has(name)) return;
    const nearest = nearestName(name, known);
    const detail = { name };
    found.push({ code, document, path, city, detail, ...(nearest ? { nearest } : {}) });
  };
  const allMajors =
    majors === null ? null : new Set([...majors.values()].flatMap(each => [...each]));
  for (const placed of ownRules(policy, city, base)) {
    const { rule, document, list } = placed;
    const school = 'when' in rule ? null : rule.school;
    const ofSchool = school === null ? allMajors : (majors?.get(school) ?? allMajors);
    const major = 'when' in rule ? null : rule.major;
    check('unknown-major', ofSchool, major, document, [list, rule.id, 'major']);
    for (const { atom, path } of placedAtoms(placed, policy)) {
      const kind = CODED[atom.fact];
      if (kind === undefined) continue;
      const known = { schools, regions, majors: ofSchool }[kind];
      const values = Array.isArray(atom.value) ? atom.value : [atom.value];
      values.forEach((value, at) => {
        const place = Array.isArray(atom.value) ? [...path, at] : path;
        check(FAULTS[kind], known, value, document, place);
      });
    }
  }
  return found;
}
