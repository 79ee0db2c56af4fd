/**
 * `npm run gallery`: every report of the registry, made on the lived tiny season, as a picture, and
 * the page reports/README.md, which lists them; of documents the first sheet of the PDF. Needs
 * Chromium, ImageMagick and pdftoppm (poppler); no test runs it.
 */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import t from 'tap';
import { findReport, renderReport, reports } from '../../reports/registry.ts';
import type { Report } from '../../reports/report.ts';
import { livedSeasonUntil } from '../season/lived-season.ts';

const run = promisify(execFile);
const PICTURES = join(import.meta.dirname, '..', '..', 'reports', 'pictures');
const PAGE = join(PICTURES, '..', 'README.md');
const SEASON = 2016;

// The lived season is the tests', and so is what clears it away.
t.setTimeout(1_200_000);
const { database } = await livedSeasonUntil(t, '2016-09-08');
const [some] = await database.query<{
  school: string;
  city: string;
  candidate: string;
  clerk: string;
}>(
  `select f.school, f.city, c.candidate_no as candidate,
     (select min(user_name) from users u where u.school = f.school) as clerk
   from files f join candidates c using (season, city, file)
   where f.state in ('admitted', 'registered', 'filed') and f.phase = 'phase-1'
   order by count(*) over (partition by f.school) desc, f.school, c.candidate_no limit 1`,
);
if (some === undefined) throw new Error('nobody is admitted');
const { school, city, candidate, clerk } = some;

const [senior] = await database.query<{ school: string }>(
  `select school from senior_high_admissions
   group by school order by count(*) desc, school limit 1`,
);

const GIVEN: Readonly<Record<string, string>> = {
  ...{ candidate_no: candidate, school, city, phase: 'phase-1', by: 'city' },
};
const MORE: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'daily-reports': { date: '2016-09-07' },
  'daily-report-statistics': { from: '2016-09-01', to: '2016-09-08' },
  'run-report': { date: '2016-07-20' },
  morning: { date: '2016-07-21' },
  'admission-progress': { days: 'yes' },
  'roster-senior-high': { school: senior?.school ?? '' },
  unregistered: { date: '2016-08-22' },
};
const now = () => new Date('2016-09-08T04:00:00Z');

async function pageOf(report: Report, folder: string): Promise<string | null> {
  const needed = report.parameters.required ?? [];
  const given = {
    ...Object.fromEntries(needed.map(name => [name, GIVEN[name] ?? ''])),
    ...MORE[report.id],
  };
  for (const actor of ['province', `city-${city}`, clerk]) {
    try {
      const pieces: Uint8Array[] = [];
      const context = { database, season: SEASON, actor, unmasked: false, now };
      const format = report.paper === undefined ? 'html' : 'pdf';
      for await (const piece of renderReport(report, context, given, format)) pieces.push(piece);
      const path = join(folder, `${report.id}.${format}`);
      await writeFile(path, Buffer.concat(pieces));
      return path;
    } catch (error) {
      if ((error as { code?: string }).code === undefined) throw error;
    }
  }
  return null;
}

async function picture(page: string, id: string, folder: string): Promise<void> {
  const shot = join(folder, `${id}.png`);
  if (page.endsWith('.pdf')) {
    await run('pdftoppm', ['-r', '96', '-png', '-singlefile', page, shot.slice(0, -4)]);
    return small(shot, id);
  }
  await run('chromium', [
    ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
    ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
    ...['--hide-scrollbars', '--window-size=1100,1000', `--user-data-dir=${folder}/profile`],
    ...[`--screenshot=${shot}`, `file://${page}`],
  ]);
  return small(shot, id);
}

async function small(shot: string, id: string): Promise<void> {
  const smaller = [
    '-resize',
    '440x',
    '-colors',
    '32',
    '-strip',
    '-define',
    'png:compression-level=9',
  ];
  await run('convert', [shot, ...smaller, join(PICTURES, `${id}.png`)]);
}

function listed(report: Report, pictured: boolean): string {
  const { id, title, menu, side } = report;
  const parameters = Object.keys(report.parameters.properties).join(', ');
  const shown = pictured ? `![${title}](pictures/${id}.png)` : '';
  return `| \`${id}\` | ${title} | ${menu} | ${side} | ${parameters} | ${shown} |`;
}

const folder = await mkdtemp(join(tmpdir(), 'gallery-'));
try {
  await mkdir(PICTURES, { recursive: true });
  const lines: string[] = [];
  for (const { id } of reports) {
    const report = findReport(id);
    const page = report.csv === 'exchange' ? null : await pageOf(report, folder);
    if (page !== null) await picture(page, id, folder);
    lines.push(listed(report, page !== null));
    process.stderr.write(`${id}${page === null ? ' (no page)' : ''}\n`);
  }
  await writeFile(
    PAGE,
    `# Reports 报表\n\n` +
      `All ${reports.length} reports, each with its page on a generated season (示例数据); of\n` +
      `rosters, letters and the record card the first sheet of the PDF. Made by ` +
      '`npm run gallery`.\n\n' +
      '    zhongzhao report ID name=value … --as USER --out FILE ' +
      '[--format html|pdf|xlsx|csv|json]\n\n' +
      'The JSON of every report keeps [report.schema.json](report.schema.json).\n\n' +
      '| id | name | menu | side | parameters | page |\n| --- | --- | --- | --- | --- | --- |\n' +
      `${lines.join('\n')}\n`,
  );
} finally {
  await rm(folder, { recursive: true, force: true });
}
t.pass('every report is pictured');
