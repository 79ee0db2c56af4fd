/** `zhongzhao verify`: is the trail what it was, and does every file stand where its events say? */
import { readFile } from 'node:fs/promises';
import { parseSeals, type SealLines } from '../../db/trail/seals-file.ts';
import { type TrailCheck, type TrailFault, verifyTrail } from '../../db/trail/verify-all.ts';
import type { Invocation, Options } from './command.ts';
import { cliError } from './errors.ts';
import type { Outcome } from './output.ts';
import { type Province, withProvince } from './province.ts';

/** Faults on the screen; `--json` has all of them. */
const FAULTS_SHOWN_MAX = 50;

/** `zhongzhao verify [--seals FILE]` */
export async function verify(invocation: Invocation, options: Options): Promise<Outcome> {
  const path = typeof options['seals'] === 'string' ? options['seals'] : null;
  const kept = path === null ? null : await readSealsFile(path);
  return withProvince(invocation, options, async province => {
    const check = await verifyProvince(province, kept);
    return {
      exitCode: check.faults.length === 0 ? 0 : 1,
      json: { seals: path, ...check },
      lines: verifyLines(check, path),
    };
  });
}

/** Verifies in one snapshot: what is written meanwhile is not seen. */
export async function verifyProvince(
  { database, progress }: Pick<Province, 'database' | 'progress'>,
  kept: SealLines | null,
): Promise<TrailCheck> {
  progress.title('核对轨迹');
  try {
    const check = await database.transaction(async session => {
      await session.query('set transaction isolation level repeatable read, read only');
      return verifyTrail(session, { seals: kept?.seals ?? [], onProgress: progress.report });
    });
    const unreadable = (kept?.unreadable ?? []).map(unreadableLine);
    return { ...check, faults: [...unreadable, ...check.faults] };
  } finally {
    progress.end();
  }
}

/** @throws CodedError seals-unreadable */
async function readSealsFile(path: string): Promise<SealLines> {
  try {
    return parseSeals(await readFile(path, 'utf8'));
  } catch (cause) {
    const reason = (cause as { code?: string }).code ?? 'unknown';
    throw cliError('seals-unreadable', { file: path, reason }, { cause });
  }
}

function unreadableLine(line: number): TrailFault {
  const nowhere = { season: 0, city: null, block: null, event: null, file: null };
  const sentence = `另存的封签文件第 ${line} 行不是封签，可能被截断或改动。`;
  return { kind: 'seal-unreadable', ...nowhere, sentence };
}

/** What was gone through, and everything that is wrong with its place. */
export function verifyLines({ seasons, faults }: TrailCheck, path: string | null): string[] {
  const number = (value: number) => value.toLocaleString('en-US');
  const lines = seasons.map(({ season, chains, folds, seals, sealsElsewhere }) => {
    const sum = (values: readonly number[]) => number(values.reduce((a, b) => a + b, 0));
    const elsewhere = path === null ? '' : `，另存的封签 ${number(sealsElsewhere)} 个`;
    return (
      `${season} 年度：轨迹链 ${chains.length} 条，块 ${sum(chains.map(one => one.blocks))}，` +
      `事件 ${sum(chains.map(one => one.events))}，` +
      `档案 ${sum(folds.map(one => one.files))}，封签 ${number(seals)} 个${elsewhere}`
    );
  });
  if (faults.length === 0) {
    const advice =
      '只核对了数据库内部；整体改写只有对照另存的封签才能发现：zhongzhao verify --seals 文件。';
    return [...lines, '轨迹完整，档案状态与事件一致。', ...(path === null ? [advice] : [])];
  }
  const shown = faults.slice(0, FAULTS_SHOWN_MAX).map(fault => `  · ${faultText(fault)}`);
  const more = faults.length - shown.length;
  if (more > 0) shown.push(`  · 另有 ${more} 处，见 --json。`);
  return [...lines, `发现 ${faults.length} 处问题：`, ...shown, ADVICE];
}

const ADVICE =
  '请勿继续办理；保存数据库现状，与最近的备份比对（zhongzhao restore 到另一个库），查明是谁改动的。';

function faultText({ season, city, block, event, file, sentence }: TrailFault): string {
  const places = [
    season === 0 ? '' : `${season} 年度`,
    city === null ? '' : city === '' ? '全省' : city,
    block === null ? '' : `块 ${block}`,
    event === null ? '' : `事件 ${event}`,
    file === null ? '' : `档案 ${file}`,
  ];
  return `[${places.filter(place => place !== '').join(' · ')}] ${sentence}`;
}
