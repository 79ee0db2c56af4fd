/**
 * The registry of reports, and the one way to make one.
 *
 * The command line, the HTTP interface and the desk use exactly this:
 *
 *     const report = findReport('run-report');
 *     for await (const bytes of renderReport(report, context, { date: '2016-07-20' }, 'html')) …
 *     await writeReport(report, context, { date: '2016-07-20' }, 'xlsx', 'out/run-report.xlsx');
 *
 * Decision: a report is a stream of bytes, whatever its format, because dispatch-detail has 1.3
 * million rows and a page has none to spare memory for either. It is read inside one read-only
 * repeatable-read transaction that lasts until the reader has taken the last byte, so that all its
 * numbers speak of the same moment. A reader that stops early ends the transaction.
 */
import { PassThrough } from 'node:stream';
import type { Database } from '../db/connect.ts';
import { keepReading, type Reading, watch } from './access-record.ts';
import { contacts } from './desk/contacts.ts';
import { dailyReportStatistics } from './desk/daily-report-statistics.ts';
import { dailyReports } from './desk/daily-reports.ts';
import { inbox } from './desk/inbox.ts';
import { notices, schoolNotices } from './desk/notices.ts';
import { pending } from './desk/pending.ts';
import { publishedPlans } from './desk/published-plans.ts';
import { unregistered } from './desk/unregistered.ts';
import { reportError } from './errors.ts';
import { shanghaiTime } from './head.ts';
import { admissionLetter } from './letters/admission-letter.ts';
import { readSignMark, readTrailMark } from './marks.ts';
import { checkParameters } from './parameters.ts';
import { candidateOutcome } from './queries/candidate-outcome.ts';
import { candidateTrail } from './queries/candidate-trail.ts';
import { candidateWhereabouts } from './queries/candidate-whereabouts.ts';
import { dispatchDetail } from './queries/dispatch-detail.ts';
import { dispatchListHistory } from './queries/dispatch-list-history.ts';
import { dispatchResults } from './queries/dispatch-results.ts';
import { filesAtSchools } from './queries/files-at-schools.ts';
import { schoolApplicants } from './queries/school-applicants.ts';
import { supplementResults } from './queries/supplement-results.ts';
import { articulatedRegister } from './records/articulated-register.ts';
import { candidateRecord } from './records/candidate-record.ts';
import { renderCsv } from './render/csv.ts';
import { renderHtml } from './render/html.ts';
import { renderJson } from './render/json.ts';
import { renderPdf } from './render/pdf.ts';
import { brokenSums } from './render/sentences.ts';
import { renderXlsx } from './render/xlsx.ts';
import type {
  PageLink,
  Parameters,
  Rendering,
  Report,
  ReportContent,
  ReportContext,
  ReportFormat,
  Section,
  SelectContext,
} from './report.ts';
import { rosterSeniorHigh } from './rosters/roster-senior-high.ts';
import { rosterVocational } from './rosters/roster-vocational.ts';
import { schoolRoster } from './rosters/school-roster.ts';
import { morning } from './runs/morning.ts';
import { runReport } from './runs/run-report.ts';
import { admissionProgress } from './statistics/admission-progress.ts';
import { admittedCandidates } from './statistics/admitted-candidates.ts';
import { choiceCounts } from './statistics/choice-counts.ts';
import { dataStatistics } from './statistics/data-statistics.ts';
import { schoolAdmissions } from './statistics/school-admissions.ts';
import { schoolProgressInRegion } from './statistics/school-progress-in-region.ts';
import { supervisedAdmissions } from './statistics/supervised-admissions.ts';
import {
  supervisedProgress,
  supervisedProgressByRegion,
} from './statistics/supervised-progress.ts';
import { writeWhole } from './write.ts';

/** All reports, in the order of the menus. A new report is a file and a line here. */
export const reports: readonly Report[] = Object.freeze([
  filesAtSchools,
  schoolApplicants,
  candidateOutcome,
  candidateTrail,
  candidateRecord,
  dispatchResults,
  dispatchListHistory,
  dispatchDetail,
  rosterVocational,
  rosterSeniorHigh,
  schoolRoster,
  admissionLetter,
  admittedCandidates,
  schoolProgressInRegion,
  admissionProgress,
  choiceCounts,
  schoolAdmissions,
  dataStatistics,
  supervisedProgress,
  supervisedProgressByRegion,
  supervisedAdmissions,
  supplementResults,
  candidateWhereabouts,
  runReport,
  morning,
  notices,
  schoolNotices,
  dailyReports,
  dailyReportStatistics,
  pending,
  unregistered,
  contacts,
  publishedPlans,
  articulatedRegister,
  inbox,
]);

export const REPORT_FORMATS: readonly ReportFormat[] = ['csv', 'json', 'html', 'xlsx', 'pdf'];

/** Texts are gathered to pieces of this size before they are handed on. */
const PIECE_CHARACTERS = 64 * 1024;

/** What a caller of the registry supplies: the database, and what every report needs. */
export interface RegistryContext extends ReportContext {
  readonly database: Database;
}

/**
 * Finds a report by its id.
 *
 * @throws CodedError unknown-report, with the nearest id
 */
export function findReport(id: string): Report {
  const report = reports.find(one => one.id === id);
  if (report !== undefined) return report;
  throw reportError('unknown-report', { report: id, nearest: nearestReport(id) });
}

/** A PDF is what is read or stamped: what has but one row per candidate is for machines. */
export function formatsOf(report: Report): readonly ReportFormat[] {
  return REPORT_FORMATS.filter(format => format !== 'pdf' || report.csv !== 'exchange');
}

/** @throws CodedError unknown-format */
export function checkFormat(report: Report, format: string): ReportFormat {
  const formats = formatsOf(report);
  const known = formats.find(one => one === format);
  if (known !== undefined) return known;
  throw reportError('unknown-format', {
    report: report.id,
    format,
    formats: formats.join('、'),
  });
}

/**
 * Makes a report, as a stream of bytes.
 *
 * @param given parameters as texts (command line) or typed; for CSV, `section` names the section
 *   where it is not the main one
 * @throws CodedError from the first piece on: wrong-parameters, unknown-section, too-many-rows, and
 *   what the report's select throws
 */
export async function* renderReport(
  report: Report,
  context: RegistryContext,
  given: Readonly<Record<string, unknown>>,
  format: ReportFormat,
): AsyncGenerator<Uint8Array> {
  const stream = new PassThrough({ highWaterMark: 4 * PIECE_CHARACTERS });
  const making = inSnapshot(context, async select => {
    let reading: Reading | null = null;
    const onRead = (read: Reading) => {
      reading = read;
    };
    try {
      for await (const bytes of renderWithin(report, select, given, format, [], onRead)) {
        await handOn(stream, bytes);
      }
    } finally {
      // Before the end is handed on: what can't be recorded is not read to its end.
      if (reading !== null) await keepReading(context, reading);
    }
    stream.end();
  });
  making.catch(error => stream.destroy(error));
  try {
    yield* stream as AsyncIterable<Uint8Array>;
  } finally {
    stream.destroy();
    await making.catch(() => {});
  }
}

/**
 * The same inside a snapshot that the caller holds, so that several reports speak of one moment.
 *
 * @param links shown on an HTML page: other files of the same publication
 */
export async function* renderWithin(
  report: Report,
  select: SelectContext,
  given: Readonly<Record<string, unknown>>,
  format: ReportFormat,
  links: readonly PageLink[] = [],
  onRead: (reading: Reading) => void = () => {},
): AsyncGenerator<Uint8Array> {
  const { section, ...rest } = given;
  const csvSection = sectionOf(report, section);
  const parameters = checkParameters(report, rest);
  const { rendering, reading } = watch(await renderingOf(report, select, parameters), parameters);
  if (reading !== null) onRead(reading);
  const own = rendering.report.sections.find(({ id }) => id === csvSection.id) ?? csvSection;
  yield* bytesOf({ ...rendering, links }, format, own);
}

/**
 * Makes a report as a file that appears only when it is whole. Folders are made.
 *
 * @returns the number of bytes
 */
export async function writeReport(
  report: Report,
  context: RegistryContext,
  given: Readonly<Record<string, unknown>>,
  format: ReportFormat,
  path: string,
): Promise<number> {
  return writeWhole(path, renderReport(report, context, given, format));
}

/** A report's content without a format, in a snapshot of its own: for other faces and tests. */
export async function withContent<T>(
  report: Report,
  context: RegistryContext,
  given: Readonly<Record<string, unknown>>,
  work: (rendering: Rendering) => Promise<T>,
): Promise<T> {
  const parameters = checkParameters(report, given);
  return inSnapshot(context, async select => {
    const made = await renderingOf(report, select, parameters);
    const { rendering, reading } = watch(made, parameters);
    try {
      return await work(rendering);
    } finally {
      if (reading !== null) await keepReading(context, reading);
    }
  });
}

/** Lends a read-only snapshot of the database; nothing of it may be used afterwards. */
export async function inSnapshot<T>(
  context: RegistryContext,
  work: (select: SelectContext) => Promise<T>,
): Promise<T> {
  const { season, actor, unmasked } = context;
  return context.database.transaction(async session => {
    await session.query('set transaction isolation level repeatable read, read only');
    return work({ season, actor, unmasked, now: () => context.now(), session });
  });
}

async function renderingOf(
  report: Report,
  context: SelectContext,
  parameters: Parameters,
): Promise<Rendering> {
  const { session, season } = context;
  // Before the reader's scope is entered: a head is everybody's who may read the report.
  const trail = await readTrailMark(session, season);
  const signed = await readSignMark(session, season, report.id, parameters);
  const content = await report.select(context, parameters);
  return {
    report: content.sections === undefined ? report : withSections(report, content.sections),
    content: withBrokenSums(content),
    actor: context.actor,
    unmasked: content.unmasked ?? context.unmasked,
    madeAt: shanghaiTime(context.now()),
    ...{ trail, signed },
    links: [],
  };
}

/** What is declared, those that came out differently in their place. */
function withSections(report: Report, given: readonly Section[]): Report {
  const declared = new Set(report.sections.map(({ id }) => id));
  const sections = report.sections.map(one => given.find(({ id }) => id === one.id) ?? one);
  return { ...report, sections: [...sections, ...given.filter(({ id }) => !declared.has(id))] };
}

function withBrokenSums(content: ReportContent): ReportContent {
  const broken = brokenSums(content.reconciliations ?? []);
  return broken.length === 0 ? content : { ...content, findings: [...broken, ...content.findings] };
}

/** A rendering that is at hand as bytes of one format; `section` is the one that CSV holds. */
export async function* bytesOf(
  rendering: Rendering,
  format: ReportFormat,
  section: Section,
): AsyncGenerator<Uint8Array> {
  if (format === 'xlsx' || format === 'pdf') {
    yield await (format === 'xlsx' ? renderXlsx(rendering) : paperOf(rendering));
    return;
  }
  const texts = {
    csv: () => renderCsv(rendering, section),
    json: () => renderJson(rendering),
    html: () => renderHtml(rendering),
  }[format]();
  let gathered = '';
  for await (const text of texts) {
    gathered += text;
    if (gathered.length < PIECE_CHARACTERS) continue;
    yield Buffer.from(gathered);
    gathered = '';
  }
  if (gathered !== '') yield Buffer.from(gathered);
}

function paperOf(rendering: Rendering): Promise<Uint8Array> {
  const { report } = rendering;
  if (report.paper !== undefined) return report.paper(rendering);
  if (report.csv !== 'exchange') return renderPdf(rendering);
  throw reportError('unknown-format', { report: report.id, format: 'pdf', formats: 'csv、json' });
}

/** Hands a piece on, and waits while the reader has enough. */
async function handOn(stream: PassThrough, bytes: Uint8Array): Promise<void> {
  if (stream.destroyed) throw new Error('the reader stopped');
  if (stream.write(bytes)) return;
  await new Promise<void>((resolve, reject) => {
    const drained = () => settle(resolve);
    const closed = () => settle(() => reject(new Error('the reader stopped')));
    const settle = (then: () => void) => {
      stream.off('drain', drained);
      stream.off('close', closed);
      then();
    };
    stream.on('drain', drained);
    stream.on('close', closed);
  });
}

function sectionOf(report: Report, given: unknown): Section {
  const id = given ?? report.mainSection ?? report.sections[0]?.id;
  const section = report.sections.find(one => one.id === id);
  if (section !== undefined) return section;
  throw reportError('unknown-section', {
    report: report.id,
    section: String(id),
    sections: report.sections.map(one => one.id).join('、'),
  });
}

/** The id that shares most of its beginning with the one that was asked for. */
function nearestReport(id: string): string {
  const likeness = (other: string) => {
    let same = 0;
    while (same < id.length && id[same] === other[same]) same += 1;
    return same - Math.abs(id.length - other.length) / 100;
  };
  const sorted = reports.map(report => report.id).sort((a, b) => likeness(b) - likeness(a));
  return sorted[0] ?? '';
}
