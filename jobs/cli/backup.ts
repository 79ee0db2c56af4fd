/** `zhongzhao backup` and `restore`: everything into one file, and back. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import type { Manifest } from '../../db/backup/manifest.ts';
import { restoreBackup } from '../../db/backup/restore.ts';
import { writeBackup } from '../../db/backup/write.ts';
import { parseSeals, type SealLines } from '../../db/trail/seals-file.ts';
import { failPoints } from '../run/fail-points.ts';
import type { Invocation, Options } from './command.ts';
import type { Outcome } from './output.ts';
import { withProvince } from './province.ts';
import { verifyLines, verifyProvince } from './verify.ts';

/** `zhongzhao backup FILE` */
export async function backup(
  invocation: Invocation,
  options: Options,
  [file = '']: readonly string[],
): Promise<Outcome> {
  return withProvince(invocation, options, async ({ database, home, now, log, progress }) => {
    progress.title('备份');
    try {
      const onProgress = progress.report;
      const program = await programVersion();
      const made = await writeBackup(database, file, { home, program, now, onProgress });
      const { manifest, hash, bytes } = made;
      const counts = countsOf(manifest);
      log.info({ ...counts, bytes, hash, seals: manifest.seals }, 'backup written');
      return {
        json: { file, bytes, hash, ...counts, manifest },
        lines: [
          `备份已写入 ${file}：${countsText(counts)}，${megabytes(bytes)}。`,
          `备份校验值 ${hash}`,
          ...manifest.seals.map(
            seal =>
              `${seal.season} 年度封签至第 ${seal.seal} 号（${seal.businessDate}）${seal.hash}`,
          ),
          '备份含考生个人信息：请与数据库一样保管，并把校验值另行记下。',
        ],
      };
    } finally {
      progress.end();
    }
  });
}

/** `zhongzhao restore FILE [--replace] [--hash HASH]` */
export async function restore(
  invocation: Invocation,
  options: Options,
  [file = '']: readonly string[],
): Promise<Outcome> {
  const work = async (province: Parameters<Parameters<typeof withProvince>[2]>[0]) => {
    const { database, home, log, progress } = province;
    progress.title('恢复');
    const restored = await restoreBackup(database, file, {
      home,
      replace: options['replace'] === true,
      ...(typeof options['hash'] === 'string' ? { hash: options['hash'].toLowerCase() } : {}),
      onProgress: progress.report,
      failPoint: failPoints(process.env['ZHONGZHAO_FAIL_POINT']),
    }).finally(() => progress.end());
    const { manifest, hash, migrated } = restored;
    const counts = countsOf(manifest);
    log.info({ ...counts, hash, migrated }, 'backup restored');
    const check = await verifyProvince(province, await sealsBeside(home));
    return {
      exitCode: check.faults.length === 0 ? 0 : 1,
      json: { file, hash, createdAt: manifest.createdAt, ...counts, migrated, check },
      lines: [
        `已从 ${file} 恢复（备份于 ${manifest.createdAt}）：${countsText(counts)}。`,
        ...(migrated.length === 0 ? [] : [`备份的版本较早，已升级：${migrated.join('、')}。`]),
        ...verifyLines(check, home),
      ],
    };
  };
  return withProvince(invocation, options, work, { migrated: false });
}

async function programVersion(): Promise<string> {
  const path = join(import.meta.dirname, '..', '..', 'package.json');
  return (JSON.parse(await readFile(path, 'utf8')) as { version: string }).version;
}

/** The seals that came with the backup. */
async function sealsBeside(home: string): Promise<SealLines> {
  const folder = join(home, 'seals');
  const names = (await readdir(folder).catch(() => [])).filter(name => name.endsWith('.jsonl'));
  const files = await Promise.all(
    names.map(async name => parseSeals(await readFile(join(folder, name), 'utf8'))),
  );
  return {
    seals: files.flatMap(lines => lines.seals),
    unreadable: files.flatMap(lines => lines.unreadable),
  };
}

interface Counts {
  readonly tables: number;
  readonly rows: number;
  readonly files: number;
}

function countsOf({ tables, files }: Manifest): Counts {
  const rows = tables.reduce((sum, table) => sum + table.rows, 0);
  return { tables: tables.length, rows, files: files.length };
}

function countsText({ tables, rows, files }: Counts): string {
  return `${tables} 个表共 ${rows.toLocaleString('en-US')} 行，数据包与封签文件 ${files} 个`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}
