/**
 * Random provinces as an outsider might write them – either encoding, either language, columns in
 * any order, optional ones left out, as CSV, gzipped or in a workbook – recomputed from the files,
 * and held against the oracle of spec/dispatch.md, which has never seen a file.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import t from 'tap';
import writeWorkbook from 'write-excel-file/node';
import { type Recomputed, recompute } from '../../../db/package/recompute.ts';
import {
  type CellType,
  type Column,
  columnIndex,
  packageTables,
  type Table,
} from '../../../db/package/schema.ts';
import { writePackage } from '../../../db/package/write.ts';
import { inputHash, packageOfWorld } from '../../../engine/dispatch/package-of-world.ts';
import { oracle } from '../../engine/dispatch-oracle.ts';
import { type Case, cases } from '../../engine/dispatch-random.ts';
import { worldOf } from '../../engine/dispatch-worlds.ts';
import { gb18030 } from './gb18030.ts';
import { csvText, type Row, type Rows, temporaryFolder } from './packages.ts';

/** How a package is written. */
interface Form {
  readonly file: 'csv' | 'gzip' | 'workbook';
  /** mixed: every other file is GB18030, the regions among them. */
  readonly encoding: 'utf-8' | 'bom' | 'gb18030' | 'mixed';
  readonly lineBreak: '\n' | '\r\n';
  readonly quoted: boolean;
  readonly chinese: boolean;
  readonly emptyTables: boolean;
  readonly optionalColumns: boolean;
  /** Columns are turned by so many places. */
  readonly turn: number;
}

const forms: fc.Arbitrary<Form> = fc.record({
  file: fc.constantFrom('csv', 'csv', 'csv', 'gzip', 'workbook'),
  encoding: fc.constantFrom('utf-8', 'bom', 'gb18030', 'mixed'),
  lineBreak: fc.constantFrom('\n', '\r\n'),
  quoted: fc.boolean(),
  chinese: fc.boolean(),
  emptyTables: fc.boolean(),
  optionalColumns: fc.boolean(),
  turn: fc.integer({ min: 0, max: 9 }),
});

/** What an empty table of the random provinces has for columns. */
const HEADERS: Readonly<Record<string, string>> = {
  flexible: 'school region batch places',
  'school-status': 'school batch status region',
  preferences: 'candidate_no feature evidence confirmed_by',
  scores: 'candidate_no subject score',
  'senior-high': 'candidate_no school identity_no',
  files: 'candidate_no state school major batch returned_by open_applications',
};

function cellIn({ chinese }: Form, type: CellType, value: string): string {
  if (!chinese || value === '') return value;
  if (type.kind === 'yes-no') return value === 'yes' ? '是' : '否';
  return type.kind === 'enum' ? (type.values[value]?.[0] ?? value) : value;
}

/** The rows of a table in the form, all with the same columns. */
function rowsIn(form: Form, table: Table, rows: readonly Row[]): Row[] {
  const names = [...new Set(rows.flatMap(row => Object.keys(row)))];
  const columns = names.map(name => table.columns[columnIndex(table, name)] as Column);
  const said = columns.filter(({ name, blank }) => {
    return blank !== 'always' || form.optionalColumns || rows.some(row => row[name]);
  });
  const turn = form.turn % said.length;
  const order = [...said.slice(turn), ...said.slice(0, turn)];
  return rows.map(row => {
    const cells = order.map(({ name, chinese, type }) => {
      return [form.chinese ? chinese : name, cellIn(form, type, row[name] ?? '')] as const;
    });
    return Object.fromEntries(cells);
  });
}

function bytesIn(form: Form, rows: readonly Row[], at: number): Buffer {
  const { encoding, lineBreak, quoted } = form;
  const quote = (cell: string) => `"${cell.replaceAll('"', '""')}"`;
  const lines = () =>
    [Object.keys(rows[0] ?? {}), ...rows.map(Object.values<string>)].map(
      cells => `${cells.map(quote).join(',')}\n`,
    );
  const text = (quoted ? lines().join('') : csvText(rows)).replaceAll('\n', lineBreak);
  if (encoding === 'gb18030' || (encoding === 'mixed' && at % 2 === 0)) return gb18030(text);
  return Buffer.from(encoding === 'bom' ? `\uFEFF${text}` : text);
}

/** Writes the package and returns its path. */
async function writeIn(form: Form, { data, policy }: Case, folder: string): Promise<string> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const tables = packageTables(policy.attributes);
  const written = Object.entries(data).flatMap(([name, rows]): [string, Row[]][] => {
    const table = tables.get(name as 'choices') as Table;
    if (rows.length > 0) return [[name, rowsIn(form, table, rows)]];
    const header = (HEADERS[name] ?? '').split(' ').map(column => [column, '']);
    return form.emptyTables && HEADERS[name] ? [[name, [Object.fromEntries(header)]]] : [];
  });
  const isEmpty = (name: string) => data[name]?.length === 0;
  if (form.file === 'workbook') {
    const sheets = written.map(([sheet, rows]) => {
      const header = Object.keys(rows[0] ?? {});
      return { sheet, data: isEmpty(sheet) ? [header] : [header, ...rows.map(Object.values)] };
    });
    await writeWorkbook(sheets as never).toFile(join(folder, 'package.xlsx'));
    return join(folder, 'package.xlsx');
  }
  for (const [at, [name, rows]] of written.entries()) {
    const whole = bytesIn(form, rows, at);
    const bytes = isEmpty(name) ? whole.subarray(0, whole.indexOf('\n') + 1) : whole;
    if (form.file === 'gzip') writeFileSync(join(folder, `${name}.csv.gz`), gzipSync(bytes));
    else writeFileSync(join(folder, `${name}.csv`), bytes);
  }
  return folder;
}

/** The case with the candidate numbers that a package can hold. */
function withCodes({ data, ...rest }: Case): Case {
  const renamed = (rows: readonly Row[]) =>
    rows.map(row =>
      row['candidate_no'] === undefined
        ? row
        : { ...row, candidate_no: row['candidate_no'].replace(' ', '_') },
    );
  const tables = Object.entries(data).map(([name, rows]) => [name, renamed(rows)]);
  return { ...rest, data: Object.fromEntries(tables) as Rows };
}

function equal(found: string, expected: string, what: string): void {
  if (found !== expected) throw new Error(`${what}\n${found}\n—— expected\n${expected}`);
}

const RUNS = Number(process.env['RUNS'] ?? 60);

t.test('a package in any form gives what the oracle finds, and so does its export', async t => {
  const home = temporaryFolder(t);
  const out = join(home, 'detail.csv');
  let candidates = 0;
  const property = async (drawn: Case, form: Form) => {
    const one = withCodes(drawn);
    const { policy, scope } = one;
    const again = async (path: string, options: object): Promise<Recomputed> => {
      const { problems, run } = await recompute(path, () => policy, {
        ...options,
        out,
        random: () => 0.5,
      });
      if (run === undefined) throw new Error(JSON.stringify(problems.problems, null, 1));
      return run;
    };
    const expected = oracle(one.data, policy, scope).detail;
    const run = await again(await writeIn(form, one, join(home, 'package')), scope);
    equal(readFileSync(out, 'utf8'), expected, 'detail');
    equal(run.inputHash, inputHash(worldOf(one.data, policy, scope)), 'input hash');
    const exported = join(home, 'exported');
    rmSync(exported, { recursive: true, force: true });
    const { attributes } = policy;
    await writePackage(exported, packageOfWorld(run.world), { name: 'x', run: scope, attributes });
    const second = await again(exported, {});
    equal(readFileSync(out, 'utf8'), expected, 'detail of the export');
    equal(second.inputHash, run.inputHash, 'input hash of the export');
    candidates += run.counts.participants;
  };
  await fc.assert(fc.asyncProperty(cases, forms, property), { numRuns: RUNS });
  t.ok(candidates > RUNS, `${candidates} candidates took part`);
});
