/**
 * What of a report goes into the access record 查阅记录: that it showed people's names or numbers in
 * full, or was about one candidate, to whom, and how many people it gave out. Reading writes
 * nothing but this.
 */
import { SCHEDULE } from '../db/access/users.ts';
import { recordRead } from '../db/season/report-reads.ts';
import type { RegistryContext } from './registry.ts';
import { type Column, chunksOf, type Parameters, type Rendering, type Row } from './report.ts';

/** Of readers who have not said what for. */
export const PURPOSE_UNSAID = '未写明用途';

/** A report being read, if it is one that is recorded. */
export interface Reading {
  readonly rendering: Rendering;
  readonly parameters: Parameters;
  /** Rows with personal data that have been given out by now. */
  people: number;
}

/**
 * Watches a report that is about to be given out.
 *
 * @returns the same report, whose rows count themselves; and what is to be recorded; null: nothing
 */
export function watch(
  rendering: Rendering,
  parameters: Parameters,
): { readonly rendering: Rendering; readonly reading: Reading | null } {
  const { report, content, unmasked } = rendering;
  const personal = report.sections.filter(({ columns }) => columns.some(isMasked));
  const figures = (content.figures ?? []).some(({ masked }) => masked !== undefined);
  const ofOne = parameters['candidate_no'] !== undefined;
  if (!ofOne && !(unmasked && (personal.length > 0 || figures)))
    return { rendering, reading: null };
  const reading: Reading = { rendering, parameters, people: ofOne || figures ? 1 : 0 };
  if (ofOne) return { rendering, reading };
  const rows = { ...content.rows };
  for (const { id } of personal) {
    const own = rows[id];
    if (own !== undefined)
      rows[id] = Array.isArray(own) ? countedAll(own, reading) : counted(own, reading);
  }
  return { rendering: { ...rendering, content: { ...content, rows } }, reading };
}

function isMasked({ masked }: Column): boolean {
  return masked !== undefined;
}

function countedAll(rows: readonly Row[], reading: Reading): readonly Row[] {
  reading.people += rows.length;
  return rows;
}

async function* counted(
  rows: Rendering['content']['rows'][string],
  reading: Reading,
): AsyncGenerator<readonly Row[]> {
  for await (const chunk of chunksOf(rows)) {
    reading.people += chunk.length;
    yield chunk;
  }
}

/** Writes the line, in a transaction of its own: the report's is read-only. */
export async function keepReading(context: RegistryContext, reading: Reading): Promise<void> {
  const { database, season, actor, purpose } = context;
  // The night's own reports have no reader.
  if (actor === SCHEDULE) return;
  const { rendering, parameters, people } = reading;
  await database.transaction(session =>
    recordRead(session, season, {
      reader: actor,
      report: rendering.report.id,
      parameters,
      people,
      inFull: rendering.unmasked,
      purpose: purpose ?? PURPOSE_UNSAID,
      at: context.now(),
    }),
  );
}
