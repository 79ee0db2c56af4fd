/**
 * `--input FILE`: the input of a function as a JSON object, or – where a function takes many rows
 * (批量 …) – a CSV with a header, whose rows become the input `rows`. A CSV is read in the encoding
 * that it is in, as a data package is; every cell is text, and an empty one is not given.
 */
import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import { scanBytes, settleEncodings } from '../../db/package/encoding.ts';
import { cliError } from './errors.ts';

/** An input beyond this is a package, and is imported. */
const INPUT_FILE_MAX_BYTES = 8 * 1024 * 1024;

/** @throws input-unreadable */
export async function readInputFile(path: string): Promise<Record<string, unknown>> {
  try {
    const bytes = readFileSync(path);
    if (bytes.length > INPUT_FILE_MAX_BYTES) throw new RangeError('too large');
    return /\.csv$/i.test(path) ? { rows: await rowsOf(bytes) } : objectOf(bytes);
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? (cause as Error).message;
    throw cliError('input-unreadable', { path, reason }, { cause });
  }
}

function objectOf(bytes: Buffer): Record<string, unknown> {
  const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>;
  }
  throw new TypeError('应为一个 JSON 对象');
}

async function rowsOf(bytes: Buffer): Promise<Record<string, string>[]> {
  async function* whole() {
    yield bytes;
  }
  const scan = await scanBytes(whole());
  const [fault] = scan.faults;
  if (fault !== undefined) throw new TypeError(`第 ${fault.line} 行 ${fault.code}`);
  const [encoding] = settleEncodings([scan]);
  const label = encoding === 'gb18030' ? 'gb18030' : 'utf-8';
  const text = new TextDecoder(label, { fatal: true }).decode(bytes);
  const rows: Record<string, string>[] = parse(text, { columns: true, skip_empty_lines: true });
  return rows.map(row => Object.fromEntries(Object.entries(row).filter(([, cell]) => cell !== '')));
}
