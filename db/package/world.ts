/**
 * The world of one run out of a checked package: what `zhongzhao recompute` dispatches. The rows
 * of the big tables go as bytes from the file into the builder's columns.
 *
 * files.csv: no row means in-pool, or senior-high where senior-high.csv has the candidate; a row
 * wins over both (formats.md). The builder keeps that rule.
 */
import { ABSENT } from '../../engine/decimal.ts';
import { BIRTH_DATE, CityBuilder, COUNTY, ORIGIN, SEX } from '../../engine/dispatch/build.ts';
import type { CityInput } from '../../engine/dispatch/reference.ts';
import type { FileState, School, World } from '../../engine/dispatch/world.ts';
import type { Attribute } from '../../engine/policy/types.ts';
import { booleanOf, numberOf, type SmallTableName, stringOf } from './check-small.ts';
import type { CheckedPackage } from './read.ts';
import type { SmallRow } from './references.ts';
import { readRows, type TableRow } from './rows.ts';
import { columnIndex, type Table, type TableName } from './schema.ts';

export interface WorldScope {
  readonly season: number;
  readonly city: string;
  readonly batch: string;
  readonly round: number;
  /** The run's business date, `YYYY-MM-DD`. */
  readonly date: string;
  readonly attributes: readonly Attribute[];
}

/**
 * Builds the world of a run.
 *
 * @param checked read in mode `recompute`, without errors
 * @throws the errors of CityBuilder
 */
export async function worldFromPackage(checked: CheckedPackage, scope: WorldScope): Promise<World> {
  const builder = new CityBuilder(cityInput(checked, scope));
  await readCandidates(checked, scope, builder);
  await readScores(checked, builder);
  await readChoices(checked, scope, builder);
  await readAbout(checked, 'preferences', builder, (row, raw, at) => {
    builder.preference(raw, row.string(at('feature')), row.string(at('confirmed_by')));
  });
  await readAbout(checked, 'senior-high', builder, (_row, raw) => builder.seniorHigh(raw));
  await readAbout(checked, 'files', builder, (row, raw, at) => {
    builder.file(raw, {
      state: row.string(at('state')) as FileState,
      school: row.string(at('school')),
      major: row.string(at('major')),
      batch: row.string(at('batch')),
      returnedBy: row
        .string(at('returned_by'))
        .split(' ')
        .filter(code => code !== ''),
      openApplications: row.number(at('open_applications'), 0),
    });
  });
  return builder.finish();
}

/** The small tables: whole, or the rows of this city and batch. */
function cityInput(checked: CheckedPackage, scope: WorldScope): CityInput {
  const { city, batch } = scope;
  const rows = (name: SmallTableName): readonly SmallRow[] => checked.small.get(name) ?? [];
  const here = (row: SmallRow): boolean =>
    stringOf(row, 'region') === city && stringOf(row, 'batch') === batch;
  return {
    ...scope,
    attributes: scope.attributes.map(attribute => attribute.name),
    regions: rows('regions').map(row => texts(row, ['code', 'name', 'parent', 'level'])),
    schools: rows('schools').map(row => ({
      ...texts(row, ['code', 'name', 'kind', 'owner', 'region', 'supervisor']),
      roster: stringOf(row, 'roster') || 'here',
    })),
    majors: rows('majors').map(row => ({
      ...texts(row, ['school', 'code', 'name', 'college']),
      articulated: booleanOf(row, 'articulated'),
    })),
    statuses: rows('school-status')
      .filter(row => stringOf(row, 'batch') === batch)
      .map(row => ({
        ...texts(row, ['school', 'region']),
        status: stringOf(row, 'status') as School['status'],
      })),
    lines: rows('plans')
      .filter(here)
      .map(row => ({ ...texts(row, ['school', 'major']), planned: numberOf(row, 'planned') })),
    flexible: rows('flexible')
      .filter(here)
      .map(row => ({ school: stringOf(row, 'school'), places: numberOf(row, 'places') })),
    subjects: rows('subjects')
      .filter(row => stringOf(row, 'city') === city)
      .map(row => ({
        ...texts(row, ['code', 'name']),
        full: numberOf(row, 'full'),
        order: row.values['order'] === null ? 0 : numberOf(row, 'order'),
      })),
  };
}

function texts<Name extends string>(row: SmallRow, names: readonly Name[]): Record<Name, string> {
  return Object.fromEntries(names.map(name => [name, stringOf(row, name)])) as Record<Name, string>;
}

function positions(table: Table): (name: string) => number {
  const at = new Map(table.columns.map((column, index) => [column.name, index]));
  return name => at.get(name) as number;
}

async function readCandidates(
  checked: CheckedPackage,
  scope: WorldScope,
  builder: CityBuilder,
): Promise<void> {
  const candidates = checked.tables.get('candidates');
  if (candidates === undefined) return;
  const { table } = candidates;
  const at = positions(table);
  const [numberAt, cityAt, totalAt] = [at('candidate_no'), at('city'), at('total')];
  const texts: readonly (readonly [number, number])[] = [
    [SEX, at('sex')],
    [BIRTH_DATE, at('birth_date')],
    [COUNTY, at('county')],
    [ORIGIN, at('origin')],
    ...scope.attributes.map(({ name }) => [builder.attributeColumn(name), at(name)] as const),
  ];
  await readRows(candidates, row => {
    if (row.string(cityAt) !== scope.city) return;
    const raw = builder.candidate(0, row.bytes, row.start(numberAt), row.end(numberAt));
    const total = row.number(totalAt);
    if (total !== ABSENT) builder.total(raw, total);
    for (const [column, cell] of texts) {
      if (row.blank(cell)) continue;
      const text = Buffer.from(row.canonical(cell), 'utf8');
      builder.text(raw, column, text, 0, text.length);
    }
  });
}

async function readScores(checked: CheckedPackage, builder: CityBuilder): Promise<void> {
  const slots = new Map(builder.input.subjects.map((subject, slot) => [subject.code, slot]));
  await readAbout(checked, 'scores', builder, (row, raw, at) => {
    const slot = slots.get(row.string(at('subject')));
    if (slot !== undefined) builder.mark(raw, slot, row.number(at('score')));
  });
}

async function readChoices(
  checked: CheckedPackage,
  scope: WorldScope,
  builder: CityBuilder,
): Promise<void> {
  let joined = Buffer.alloc(0);
  await readAbout(checked, 'choices', builder, (row, raw, at) => {
    if (row.string(at('batch')) !== scope.batch) return;
    const [schoolAt, majorsAt] = [at('school'), at('majors')];
    const round = row.number(at('round'), 1);
    const ordinal = row.number(at('ordinal'));
    const adjustment = row.boolean(at('adjustment'));
    let bytes: Uint8Array = row.bytes;
    let school = [row.start(schoolAt), row.end(schoolAt)] as const;
    let majors = [row.start(majorsAt), row.end(majorsAt)] as const;
    const text = row.string(majorsAt);
    // More than one blank between two codes: the text as this system writes it is another one.
    if (/^ | {2}| $/.test(row.text(majorsAt))) {
      const code = Buffer.from(row.string(schoolAt), 'utf8');
      joined = Buffer.concat([code, Buffer.from(text, 'utf8')]);
      bytes = joined;
      school = [0, code.length];
      majors = [code.length, joined.length];
    }
    builder.choice(raw, round, ordinal, bytes, ...school, ...majors, adjustment);
  });
}

/** Rows of a table about candidates of the city; those of others are passed over. */
async function readAbout(
  checked: CheckedPackage,
  name: TableName,
  builder: CityBuilder,
  onRow: (row: TableRow, raw: number, at: (name: string) => number) => void,
): Promise<void> {
  const source = checked.tables.get(name);
  if (source === undefined) return;
  const numberAt = columnIndex(source.table, 'candidate_no');
  const at = positions(source.table);
  await readRows(source, row => {
    const raw = builder.candidateByNumber(row.bytes, row.start(numberAt), row.end(numberAt));
    if (raw >= 0) onRow(row, raw, at);
  });
}
