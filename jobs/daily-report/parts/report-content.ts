/** The rows of a report as they are signed: all sections, without the head, which has the hour. */
import { canonicalJson, sha256 } from '../../../engine/policy/canonical.ts';
import type { Json } from '../../../engine/policy/json.ts';
import { checkParameters } from '../../../reports/parameters.ts';
import { findReport } from '../../../reports/registry.ts';
import { chunksOf, type Report, type Row } from '../../../reports/report.ts';
import type { Act } from '../../act/act.ts';
import { dailyReportError } from '../errors.ts';
import type { SignedInput } from './signed-input.ts';

/** A person signs what a person can read; also bounds what is stored. */
const SIGNED_ROWS_MAX = 20_000;

export interface SignedContent {
  readonly json: string;
  readonly hash: string;
}

/** @throws report-not-signable, and what the report itself refuses */
export async function reportContent(act: Act<SignedInput>): Promise<SignedContent> {
  const { report: id, city, date } = act.input;
  const report = findReport(id);
  const masked = report.sections.some(({ columns }) => columns.some(each => each.masked));
  if (masked) throw notSignable(report, '含有个人信息');
  const parameters = checkParameters(report, { date, ...(city === undefined ? {} : { city }) });
  const sections = await act.asRunner(async session => {
    const { season, user, at } = act;
    const context = { season, actor: user.user, unmasked: false, now: () => at, session };
    const { rows } = await report.select(context, parameters);
    const read: Record<string, Row[]> = {};
    let count = 0;
    for (const [section, stream] of Object.entries(rows)) {
      const all: Row[] = [];
      for await (const chunk of chunksOf(stream)) {
        count += chunk.length;
        if (count > SIGNED_ROWS_MAX) throw notSignable(report, `超过 ${SIGNED_ROWS_MAX} 行`);
        all.push(...chunk);
      }
      read[section] = all;
    }
    return read;
  });
  const json = canonicalJson(sections as unknown as Json);
  return { json, hash: sha256(json) };
}

function notSignable(report: Report, reason: string): Error {
  return dailyReportError('report-not-signable', { title: report.title, reason });
}
