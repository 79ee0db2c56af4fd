/**
 * Opens a data package: finds its tables in a folder (CSV, or CSV gzipped) or a workbook, and looks
 * at every byte once – encoding, NUL bytes, size, hash – before a row is read.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { createGunzip } from 'node:zlib';
import { CsvReader, type CsvRecord } from './csv-read.ts';
import {
  DESCRIPTION_BYTES_MAX,
  type Description,
  NO_DESCRIPTION,
  readDescription,
} from './description.ts';
import {
  type Encoding,
  FILE_BYTES_MAX,
  LINE_BYTES_MAX,
  type Scan,
  type ScanFault,
  scanBytes,
  settleEncodings,
  utf8Bytes,
} from './encoding.ts';
import { fail } from './errors.ts';
import { nearestHint } from './nearest.ts';
import type { ProblemList } from './problems.ts';
import { TABLE_NAMES, type TableName } from './schema.ts';
import { readSheets, type Sheet, sheetRecords } from './xlsx.ts';

/** Large pieces: fewer turns of the event loop; small enough that progress and stop stay prompt. */
const READ_BYTES = 1 << 20;

const WORKBOOK = /\.xlsx$/i;

/** Files that may lie in a package and hold no table. */
const OTHER_FILES = new Set(['datapackage.json', 'rejects.csv', 'policy', '.done']);

export type AfterPiece = () => Promise<void> | undefined;

/** One table of a package, to be read as often as needed. */
export interface TableSource {
  readonly name: TableName;
  /** As named in messages: `choices.csv`, `plan.xlsx#choices`. */
  readonly file: string;
  readonly encoding: Encoding | 'xlsx';
  readonly bytes: number;
  /** SHA-256, hex, of the CSV's bytes (unpacked), or of the sheet's cells. */
  readonly sha256: string;
  /**
   * Gives every record, the header first.
   *
   * @param afterPiece called between pieces of about a megabyte; reading waits for its promise,
   *   so that whoever writes the rows elsewhere can keep pace
   * @throws package-changed
   */
  records(onRecord: (record: CsvRecord) => void, afterPiece?: AfterPiece): Promise<void>;
}

export interface OpenedPackage {
  readonly path: string;
  readonly description: Description;
  readonly tables: ReadonlyMap<TableName, TableSource>;
  /** SHA-256, hex, over the names and hashes of the tables. */
  readonly hash: string;
}

/**
 * Opens a package. What is wrong goes into `problems`; a table with such a fault is left out.
 *
 * @param path a folder, or an .xlsx file
 * @throws package-not-found
 */
export async function openPackage(path: string, problems: ProblemList): Promise<OpenedPackage> {
  const found = await stat(path).catch(() => undefined);
  const isFile = found?.isFile() === true && WORKBOOK.test(path);
  if (found === undefined || !(found.isDirectory() || isFile)) {
    throw fail('package-not-found', { path });
  }
  const workbook = isFile ? path : await loneWorkbook(path);
  const isWorkbook = workbook !== undefined;
  const tables = isWorkbook
    ? await openWorkbook(workbook, problems)
    : await openFolder(path, problems);
  reportTwins([...tables.values()], problems);
  const description = isFile ? NO_DESCRIPTION : await openDescription(path, problems);
  const hash = createHash('sha256');
  for (const name of TABLE_NAMES) {
    const table = tables.get(name);
    if (table !== undefined) hash.update(`${name}\n${table.sha256}\n`);
  }
  return { path, description, tables, hash: hash.digest('hex') };
}

/** A folder, as those of the inbox, may hold one workbook in place of the CSV files. */
async function loneWorkbook(folder: string): Promise<string | undefined> {
  const entries = await readdir(folder);
  const workbooks = entries.filter(entry => WORKBOOK.test(entry) && !entry.startsWith('~$'));
  const tables = entries.filter(entry => /\.csv(\.gz)?$/.test(entry) && entry !== 'rejects.csv');
  if (workbooks.length !== 1 || tables.length > 0) return undefined;
  return join(folder, workbooks[0] as string);
}

async function openDescription(folder: string, problems: ProblemList): Promise<Description> {
  const path = join(folder, 'datapackage.json');
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return NO_DESCRIPTION;
  const result =
    found.size > DESCRIPTION_BYTES_MAX
      ? '文件过大。'
      : readDescription(await readFile(path, 'utf8'));
  if (typeof result !== 'string') return result;
  problems.addTable('bad-description', 'datapackage.json', result);
  return NO_DESCRIPTION;
}

async function openFolder(
  folder: string,
  problems: ProblemList,
): Promise<Map<TableName, TableSource>> {
  const scanned = new Map<TableName, ScannedCsv>();
  for (const entry of (await readdir(folder)).sort()) {
    if (OTHER_FILES.has(entry) || entry.startsWith('.')) continue;
    const match = /^(.+)\.csv(\.gz)?$/.exec(entry);
    const name = TABLE_NAMES.find(each => each === match?.[1]);
    if (name === undefined) {
      reportUnknown(
        problems,
        entry,
        nearestHint(
          entry,
          TABLE_NAMES.map(each => `${each}.csv`),
        ),
      );
      continue;
    }
    if (scanned.has(name)) {
      problems.addTable('file-twice', entry, `与 ${name}.csv 重复，请只保留一份。`);
      continue;
    }
    const csv = await scanCsv(join(folder, entry), name, match?.[2] !== undefined, problems);
    if (csv !== undefined) scanned.set(name, csv);
  }
  const all = [...scanned.values()];
  const encodings = settleEncodings(all.map(csv => csv.scan));
  return new Map(all.map((csv, at) => [csv.name, csvSource(csv, encodings[at] as Encoding)]));
}

function reportUnknown(problems: ProblemList, entry: string, hint: string): void {
  const sentence = `不是数据包的文件${hint}，请改名或移走。`;
  problems.addTable('unknown-file', entry, sentence);
}

interface ScannedCsv {
  readonly path: string;
  readonly name: TableName;
  readonly gzipped: boolean;
  readonly scan: Scan;
}

async function scanCsv(
  path: string,
  name: TableName,
  gzipped: boolean,
  problems: ProblemList,
): Promise<ScannedCsv | undefined> {
  const file = basename(path);
  let scan: Scan;
  try {
    scan = await scanBytes(readBytes(path, gzipped));
  } catch {
    problems.addTable('broken-gzip', file, '压缩文件已损坏或不完整，请重新生成。');
    return undefined;
  }
  for (const fault of scan.faults) {
    problems.addTable(fault.code, file, scanSentence(fault), fault.line);
  }
  return scan.faults.length > 0 ? undefined : { path, name, gzipped, scan };
}

function csvSource({ path, name, gzipped, scan }: ScannedCsv, encoding: Encoding): TableSource {
  const file = basename(path);
  return {
    name,
    file,
    encoding,
    bytes: scan.bytes,
    sha256: scan.sha256,
    records: async (onRecord, afterPiece) => {
      const reader = new CsvReader(onRecord);
      const hash = createHash('sha256');
      const hashed = async function* (): AsyncGenerator<Buffer> {
        for await (const chunk of readBytes(path, gzipped)) {
          hash.update(chunk);
          yield chunk;
        }
      };
      for await (const chunk of utf8Bytes(hashed(), encoding)) {
        reader.push(chunk);
        const wait = afterPiece?.();
        if (wait !== undefined) await wait;
      }
      reader.end();
      if (hash.digest('hex') !== scan.sha256) throw fail('package-changed', { file });
    },
  };
}

async function* readBytes(path: string, gzipped: boolean): AsyncGenerator<Buffer> {
  const stream = createReadStream(path, { highWaterMark: READ_BYTES });
  if (!gzipped) {
    yield* stream;
    return;
  }
  const unpacked = stream.pipe(createGunzip({ chunkSize: READ_BYTES }));
  stream.on('error', error => unpacked.destroy(error));
  yield* unpacked;
}

function scanSentence(fault: ScanFault): string {
  const megabytes = FILE_BYTES_MAX / 1024 ** 2;
  return {
    'utf-16': '是 UTF-16 编码，请另存为 UTF-8 或 GB18030。',
    'nul-byte': '含有 NUL 字节，文件已损坏或不是文本文件。',
    'wrong-encoding': '此行既不是有效的 UTF-8，也不能与全文一起按 GB18030 读出，请检查编码。',
    'mixed-encoding': '全文是 GB18030，此行却是 UTF-8，请统一编码后重新保存。',
    'file-too-large': `超过 ${megabytes} MB，不像是一个省的数据。`,
    'line-too-long': `此行超过 ${LINE_BYTES_MAX} 字节，可能缺少换行或引号未闭合。`,
    'empty-file': '是空文件，至少应有表头。',
  }[fault.code];
}

async function openWorkbook(
  path: string,
  problems: ProblemList,
): Promise<Map<TableName, TableSource>> {
  const tables = new Map<TableName, TableSource>();
  const file = basename(path);
  const sheets = await readSheets(path);
  if (sheets === 'workbook-too-large') {
    problems.addTable(sheets, file, '工作簿过大，请改用 CSV。');
    return tables;
  }
  if (sheets === 'broken-workbook') {
    problems.addTable(sheets, file, '不是完好的 .xlsx 工作簿，可能传输中断，请重新导出。');
    return tables;
  }
  for (const sheet of sheets) {
    const place = `${file}#${sheet.name}`;
    const wanted = sheet.name.replace(/\.csv$/, '');
    const name = TABLE_NAMES.find(each => each === wanted);
    if (name === undefined && sheet.rows.length === 0) continue;
    if (name === undefined) {
      reportUnknown(problems, place, nearestHint(wanted, TABLE_NAMES));
    } else if (tables.has(name)) {
      problems.addTable('file-twice', place, `与工作表 ${name} 重复，请只保留一份。`);
    } else if (sheet.rows.length === 0) {
      problems.addTable('empty-file', place, '是空表，至少应有表头。');
    } else {
      tables.set(name, sheetSource(name, place, sheet));
    }
  }
  return tables;
}

function sheetSource(name: TableName, file: string, sheet: Sheet): TableSource {
  const hash = createHash('sha256');
  let bytes = 0;
  for (const row of sheet.rows) {
    const text = `${JSON.stringify(row)}\n`;
    bytes += Buffer.byteLength(text);
    hash.update(text);
  }
  return {
    name,
    file,
    encoding: 'xlsx',
    bytes,
    sha256: hash.digest('hex'),
    records: async onRecord => sheetRecords(sheet, onRecord),
  };
}

/** One file under two names: somebody has copied the wrong one. */
function reportTwins(tables: readonly TableSource[], problems: ProblemList): void {
  const first = new Map<string, string>();
  for (const table of tables) {
    const twin = first.get(table.sha256);
    if (twin === undefined) first.set(table.sha256, table.file);
    else problems.addTable('identical-files', table.file, `与 ${twin} 内容完全相同。`);
  }
}
