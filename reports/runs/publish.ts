/**
 * Publishes a night: one folder per business date, which an officer opens in the morning with
 * nothing but a browser and a spreadsheet.
 *
 *     out/2016-07-20/index.html                 今早要办, with links to all others
 *                    pending.html                         what waits for a person, overdue first
 *                    progress.html .xlsx                  how far admission has come
 *                    run-report.html .xlsx, run-report-cities.csv, run-report-schools.csv
 *                    cities/440100-vocational-1.html          the run report of that run
 *                    cities/440100-vocational-1-results.csv .xlsx
 *
 * All files speak of one moment: they are made in one snapshot. Each appears only when whole, and
 * the index last, so that it never leads to a file that is not there; files of an earlier
 * publication that this one does not have are removed after that. Done again on the same data it
 * writes the same files.
 */

import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { SCHEDULE } from '../../db/access/users.ts';
import { pending } from '../desk/pending.ts';
import { policyWords } from '../policy-words.ts';
import { dispatchResults } from '../queries/dispatch-results.ts';
import { inSnapshot, type RegistryContext, renderWithin } from '../registry.ts';
import { rememberAnswers } from '../remembered.ts';
import type { PageLink, Report, ReportContent, ReportFormat, SelectContext } from '../report.ts';
import { admissionProgress } from '../statistics/admission-progress.ts';
import { writeWhole } from '../write.ts';
import { morning } from './morning.ts';
import { type LedgerRun, readNight, runPlace } from './night.ts';
import { runReport } from './run-report.ts';

export interface Publication extends Omit<RegistryContext, 'unmasked'> {
  /** The business date of the night, `YYYY-MM-DD`. */
  readonly date: string;
  /** ZHONGZHAO_HOME: the folder `out/` is made in it. */
  readonly home: string;
  /** Called after each file. */
  readonly onFile?: (done: number, total: number) => void;
}

interface PlannedFile {
  /** Relative to the folder of the night. */
  readonly path: string;
  readonly report: Report;
  readonly format: ReportFormat;
  readonly parameters: Readonly<Record<string, unknown>>;
  /** null: not linked from the index. */
  readonly link: Omit<PageLink, 'href'> | null;
}

/**
 * Writes the reports of a night.
 *
 * @returns the files, relative to `home`, the index first
 */
export async function publishNight(publication: Publication): Promise<string[]> {
  const folder = join('out', publication.date);
  // Files lie where other people can read them: names are never shown in full.
  return inSnapshot({ ...publication, actor: SCHEDULE, unmasked: false }, async snapshot => {
    const { season } = snapshot;
    // The schedule sees everything, in all the files: what one has asked the next need not.
    const session = rememberAnswers(snapshot.session);
    const select: SelectContext = { ...snapshot, session };
    const night = await readNight(session, season, { date: publication.date });
    const words = await policyWords(session, night.dispatched[0]?.policy ?? null);
    const files = [
      ...nightFiles(publication.date),
      ...night.dispatched.flatMap(run => runFiles(run, runPlace(run, words))),
    ];
    const total = files.length + 1;
    const once = new Map(files.map(({ report }) => [report, selectedOnce(report)]));
    for (const [done, file] of files.entries()) {
      const report = once.get(file.report) as Report;
      await writeFile(select, join(publication.home, folder), { ...file, report }, []);
      publication.onFile?.(done + 1, total);
    }
    const links = files.flatMap(file =>
      file.link === null ? [] : [{ ...file.link, href: file.path }],
    );
    const index: PlannedFile = {
      path: 'index.html',
      report: morning,
      format: 'html',
      parameters: { date: publication.date },
      link: null,
    };
    await writeFile(select, join(publication.home, folder), index, links);
    publication.onFile?.(total, total);
    const paths = [index, ...files].map(file => file.path);
    await removeOthers(join(publication.home, folder), new Set(paths));
    return paths.map(path => join(folder, path));
  });
}

/**
 * The same report, read once for all the files that show it: they are of one snapshot. What streams
 * its rows is read for each.
 */
function selectedOnce(report: Report): Report {
  const kept = new Map<string, ReportContent>();
  return {
    ...report,
    select: async (context, parameters) => {
      const key = JSON.stringify(parameters);
      const content = kept.get(key) ?? (await report.select(context, parameters));
      if (Object.values(content.rows).every(Array.isArray)) kept.set(key, content);
      return content;
    },
  };
}

async function writeFile(
  select: SelectContext,
  folder: string,
  file: PlannedFile,
  links: readonly PageLink[],
): Promise<void> {
  const pieces = renderWithin(file.report, select, file.parameters, file.format, links);
  await writeWhole(join(folder, file.path), pieces);
}

/** Of the province as a whole, on every night. */
function whole(
  path: string,
  report: Report,
  format: ReportFormat,
  title: string,
  parameters: PlannedFile['parameters'] = {},
): PlannedFile {
  return { path, report, format, parameters, link: { group: '全省', title } };
}

function nightFiles(date: string): PlannedFile[] {
  const group = '全省';
  const file = (path: string, format: ReportFormat, title: string, section?: string) => ({
    path,
    report: runReport,
    format,
    parameters: section === undefined ? { date } : { date, section },
    link: { group, title },
  });
  return [
    file('run-report.html', 'html', '运行报告'),
    file('run-report.xlsx', 'xlsx', '运行报告（表格）'),
    file('run-report-cities.csv', 'csv', '各市 CSV', 'cities'),
    file('run-report-schools.csv', 'csv', '各院校 CSV', 'schools'),
    whole('pending.html', pending, 'html', '待办事项', { date }),
    whole('progress.html', admissionProgress, 'html', '录取进度', { days: true }),
    whole('progress.xlsx', admissionProgress, 'xlsx', '录取进度（表格）', { days: true }),
  ];
}

function runFiles(run: LedgerRun, group: string): PlannedFile[] {
  const name = ['cities/', run.city, '-', run.batch, '-', run.round].join('');
  const safe = name.replace(/[^A-Za-z0-9/_-]/g, '_') + (run.school === null ? '' : `-${run.run}`);
  const parameters = { run: run.run };
  return [
    {
      path: `${safe}.html`,
      report: runReport,
      format: 'html',
      parameters,
      link: { group, title: '运行报告' },
    },
    {
      path: `${safe}-results.xlsx`,
      report: dispatchResults,
      format: 'xlsx',
      parameters,
      link: { group, title: '投档情况（表格）' },
    },
    {
      path: `${safe}-results.csv`,
      report: dispatchResults,
      format: 'csv',
      parameters,
      link: { group, title: '投档情况 CSV' },
    },
  ];
}

/** What a former publication of this night has left, half-written files included. */
async function removeOthers(folder: string, kept: ReadonlySet<string>): Promise<void> {
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name).slice(folder.length + 1);
    if (!kept.has(path)) await rm(join(folder, path), { force: true });
  }
}
