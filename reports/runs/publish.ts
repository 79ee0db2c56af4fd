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
import type { Session } from '../../db/connect.ts';
import { withReaders } from '../../db/snapshot-readers.ts';
import { pending } from '../desk/pending.ts';
import { checkParameters } from '../parameters.ts';
import { policyWords } from '../policy-words.ts';
import { dispatchResults } from '../queries/dispatch-results.ts';
import { inSnapshot, type RegistryContext, renderWithin } from '../registry.ts';
import { type Answers, rememberAnswers } from '../remembered.ts';
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
  // Files lie where other people can read them: names are never shown in full.
  return inSnapshot({ ...publication, actor: SCHEDULE, unmasked: false }, async snapshot => {
    // The schedule sees everything, in all the files: what one has asked the next need not.
    const answers: Answers = new Map();
    const asks = (session: Session): SelectContext => {
      return { ...snapshot, session: rememberAnswers(session, answers) };
    };
    const first = nightFiles(publication.date);
    const index = indexFile(publication.date);
    const contents = new Contents();
    // The first is read by whoever writes them; the others meanwhile.
    const ahead = distinct([...first, index]).slice(1);
    return withReaders(publication.database, snapshot.session, ahead.length, async readers => {
      const begun = ahead.map((file, at) => contents.begin(file, asks(readers[at] as Session)));
      try {
        return await writeNight(publication, asks(snapshot.session), { first, index, contents });
      } finally {
        await Promise.allSettled(begun);
      }
    });
  });
}

interface Planned {
  /** Of the whole night, on every night. */
  readonly first: readonly PlannedFile[];
  readonly index: PlannedFile;
  readonly contents: Contents;
}

async function writeNight(
  publication: Publication,
  select: SelectContext,
  { first, index, contents }: Planned,
): Promise<string[]> {
  const { session, season } = select;
  const folder = join('out', publication.date);
  const night = await readNight(session, season, { date: publication.date });
  const words = await policyWords(session, night.dispatched[0]?.policy ?? null);
  const files = [...first, ...night.dispatched.flatMap(run => runFiles(run, runPlace(run, words)))];
  const total = files.length + 1;
  const write = (file: PlannedFile, links: readonly PageLink[]) => {
    const report = contents.of(file.report);
    return writeFile(select, join(publication.home, folder), { ...file, report }, links);
  };
  for (const [done, file] of files.entries()) {
    await write(file, []);
    publication.onFile?.(done + 1, total);
  }
  const links = files.flatMap(file =>
    file.link === null ? [] : [{ ...file.link, href: file.path }],
  );
  await write(index, links);
  publication.onFile?.(total, total);
  const paths = [index, ...files].map(file => file.path);
  await removeOthers(join(publication.home, folder), new Set(paths));
  return paths.map(path => join(folder, path));
}

/**
 * Content that several files show is read once: they are of one snapshot. What streams its rows is
 * read for each.
 */
class Contents {
  readonly #kept = new Map<string, ReportContent>();
  /** Being read before a file asks for it. */
  readonly #ahead = new Map<string, Promise<ReportContent>>();

  /** @param context of a session that nothing else uses until the night is written */
  begin({ report, parameters }: PlannedFile, context: SelectContext): Promise<ReportContent> {
    const asked = checkParameters(report, askedOf(parameters));
    const content = report.select(context, asked);
    // It fails where a file asks for it.
    content.catch(() => {});
    this.#ahead.set(keyOf(report, asked), content);
    return content;
  }

  /** The same report, whose content is read here. */
  of(report: Report): Report {
    return {
      ...report,
      select: async (context, parameters) => {
        const key = keyOf(report, parameters);
        const known = this.#kept.get(key) ?? this.#ahead.get(key);
        // Rows that are streamed come once.
        this.#ahead.delete(key);
        const content = await (known ?? report.select(context, parameters));
        if (Object.values(content.rows).every(Array.isArray)) this.#kept.set(key, content);
        return content;
      },
    };
  }
}

/** What is asked of a report, whichever of its sections a file is of. */
function askedOf({ section: _, ...asked }: PlannedFile['parameters']): PlannedFile['parameters'] {
  return asked;
}

function keyOf(report: Report, asked: PlannedFile['parameters']): string {
  return JSON.stringify([report.id, asked]);
}

/** One file for each content. */
function distinct(files: readonly PlannedFile[]): PlannedFile[] {
  const keyed = files.map(file => [keyOf(file.report, askedOf(file.parameters)), file] as const);
  return [...new Map(keyed.toReversed()).values()].toReversed();
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

function indexFile(date: string): PlannedFile {
  return { path: 'index.html', report: morning, format: 'html', parameters: { date }, link: null };
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
