/**
 * One person whom a school enters beyond the base (补录, calendar rule 8): checked, written with
 * identity and record, its file unnumbered, and an application to the home city for its number.
 */

import type { Session } from '../../../db/connect.ts';
import { checkPerson, type PersonFault } from '../../../db/package/person.ts';
import { SUBJECT } from '../../../db/season/applications.ts';
import { enterPerson, type PersonRecord } from '../../../db/season/supplements.ts';
import type { Attribute } from '../../../engine/policy/types.ts';
import type { Act, NewFile } from '../../act/act.ts';
import { applicationError } from './errors.ts';
import { applyingSchool, openApplication } from './opening.ts';

/** Regions that records may name. */
export interface KnownRegions {
  readonly cities: ReadonlySet<string>;
  /** County → its city. */
  readonly counties: ReadonlyMap<string, string>;
}

export async function readRegions(session: Session, season: number): Promise<KnownRegions> {
  const rows = await session.query<{ code: string; parent: string; level: string }>(
    "select code, parent, level from regions where season = $1::smallint and level <> 'province'",
    [season],
  );
  return {
    cities: new Set(rows.filter(row => row.level === 'city').map(row => row.code)),
    counties: new Map(
      rows.filter(row => row.level === 'county').map(row => [row.code, row.parent]),
    ),
  };
}

/**
 * The person of a row.
 *
 * @throws no-clerk, wrong-person-data, fresh-candidate
 */
export function personOf(
  row: Readonly<Record<string, unknown>>,
  clerk: string | undefined,
  rules: {
    readonly attributes: readonly Attribute[];
    readonly today: string;
    readonly regions: KnownRegions;
  },
): PersonRecord {
  if (clerk === undefined || clerk.trim() === '') throw applicationError('no-clerk', {});
  const checked = checkPerson(row, rules.attributes, rules.today);
  if (checked.faults !== null) throw wrongData(checked.faults);
  const { person } = checked;
  const faults = regionFaults(person, rules.regions);
  if (faults.length > 0) throw wrongData(faults);
  if (person.origin === 'fresh') throw applicationError('fresh-candidate', {});
  return person;
}

function regionFaults({ city, county }: PersonRecord, regions: KnownRegions): PersonFault[] {
  if (!regions.cities.has(city)) {
    const sentence = '不是已有的地市代码。';
    return [{ column: 'city', chinese: '地市', code: 'unknown-region', sentence }];
  }
  if (county === '' || regions.counties.get(county) === city) return [];
  const sentence = `不是地市 ${city} 的区县代码。`;
  return [{ column: 'county', chinese: '区县', code: 'unknown-region', sentence }];
}

function wrongData(faults: readonly PersonFault[]): Error {
  const told = faults.map(({ chinese, column, sentence }) => {
    const name = chinese === column ? column : `${chinese}（${column}）`;
    return `${name}${sentence}`;
  });
  return applicationError('wrong-person-data', {
    faults: told.map(each => each.replace(/。$/, '')).join('；'),
  });
}

/**
 * Writes the person, opens the file by the event `supplement`, and the application for its number.
 *
 * @returns the number of the application
 * @throws duplicate-identity
 */
export async function enter<I>(act: Act<I>, person: PersonRecord, clerk: string): Promise<number> {
  const school = applyingSchool(act);
  const entered = await act.asRunner(session => enterPerson(session, act.season, person));
  if (entered === null) throw applicationError('duplicate-identity', {});
  const file = newFile(person, entered.file);
  const after = act.move(file, 'supplement', {
    change: { school, openApplications: 1 },
    note: { kind: 'supplement', clerk },
  });
  return openApplication(act, {
    kind: 'supplement',
    subject: SUBJECT.identity(entered.identity),
    subjectTitle: '该考生',
    city: person.city,
    about: after,
    note: { clerk, origin: person.origin },
  });
}

function newFile({ city, origin, county }: PersonRecord, file: number): NewFile {
  return {
    city,
    file,
    candidateNo: null,
    origin,
    county,
    state: null,
    school: null,
    major: null,
    batch: null,
    list: null,
    returnedBy: [],
    openApplications: 0,
    phase: null,
    transfers: 0,
    since: null,
    reason: null,
    decidedBy: null,
    holdUntil: null,
    holdLevel: null,
    registerBy: null,
    reopenedUntil: null,
    letter: null,
    reopenedForReview: false,
  };
}
