/**
 * What needs a person after a night: properties that the audit found broken, runs that did not
 * complete, and lists that wait to be released (发档). Errors first.
 */
import type { Session } from '../../db/connect.ts';
import type { PolicyWords } from '../policy-words.ts';
import type { ReportFinding } from '../report.ts';
import { jobTitle, runStateTitle } from '../words.ts';
import { type LedgerRun, type Night, runPlace } from './night.ts';

/** More findings than this are counted; the audit's own tables have them all. */
export const FINDINGS_SHOWN_MAX = 200;
const SCHOOLS_NAMED_MAX = 10;

interface FindingRow {
  readonly property: string;
  readonly severity: 'error' | 'warning';
  readonly city: string | null;
  readonly cityName: string | null;
  readonly batch: string | null;
  readonly aboutRun: number | null;
  readonly schools: readonly string[];
  readonly stops: 'schools' | 'city' | 'nothing';
  readonly sentence: string;
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  readonly rowCount: number;
}

/** The findings of the night's runs, and of later audits about its dispatch runs. */
export async function readFindings(
  session: Session,
  season: number,
  night: Night,
  words: PolicyWords,
): Promise<ReportFinding[]> {
  const rows = await session.query<FindingRow>(
    `select f.property, f.severity, f.city, c.name as "cityName", f.batch,
       f.about_run as "aboutRun", f.schools, f.stops, f.sentence, f.rows, f.row_count as "rowCount"
     from findings f
       left join regions c on c.season = f.season and c.code = f.city
     where f.season = $1::smallint
       and (f.run = any($2::integer[]) or f.about_run = any($3::integer[])
         or (f.run = any($4::integer[]) and f.city = any($5::text[])))
       and ($5::text[] is null or f.city = any($5::text[]))
     order by f.severity <> 'error', f.city collate "C" nulls first, f.property, f.run, f.finding`,
    [
      season,
      night.runs.map(run => run.run),
      night.dispatched.map(run => run.run),
      night.sight.searched,
      night.sight.cities === 'all' ? null : night.sight.cities,
    ],
  );
  const failed = night.runs
    .filter(run => needsPerson(run, night))
    .map(run => failedRun(run, words));
  const audited = rows
    .slice(0, FINDINGS_SHOWN_MAX)
    .map(row => foundByAudit(row, words, night.sight.evidence));
  const more = rows.length - audited.length;
  const findings = [...failed, ...audited].sort(
    (a, b) => Number(a.severity === 'warning') - Number(b.severity === 'warning'),
  );
  if (more > 0) findings.push(notShown(more));
  return findings;
}

/** Told to whoever may not see the rows of a finding. */
const EVIDENCE_WITHHELD = '所涉及的行可能属于其他县区，请到市招办查看。';

function foundByAudit(row: FindingRow, words: PolicyWords, evidence: boolean): ReportFinding {
  const { severity, property, sentence, rowCount } = row;
  const withheld = !evidence && row.rows.length > 0;
  const consequence = consequenceOf(row);
  return {
    severity,
    property,
    place: placeOf(row, words),
    sentence: withoutCode(sentence, row.city),
    consequence: withheld ? `${consequence}${EVIDENCE_WITHHELD}` : consequence,
    rows: withheld ? [] : row.rows.map(each => inWords(each, words)),
    rowCount: withheld ? 0 : rowCount,
  };
}

/** Jobs begin a sentence with the code of the city, which the place says by its name. */
function withoutCode(sentence: string, city: string | null): string {
  return city !== null && sentence.startsWith(`${city}：`)
    ? sentence.slice(city.length + 1)
    : sentence;
}

/** Ids of the policy by their titles, as far as the policy of the night has them. */
function inWords(
  row: Readonly<Record<string, unknown>>,
  { batches, rules }: PolicyWords,
): Readonly<Record<string, unknown>> {
  const batch = batches.get(String(row['batch']));
  const rule = rules.get(String(row['rule']));
  return {
    ...row,
    ...(batch === undefined ? {} : { batch }),
    ...(rule === undefined ? {} : { rule }),
  };
}

function placeOf(row: FindingRow, words: PolicyWords): string {
  const parts = [
    row.city === null ? '' : `${row.cityName ?? ''}（${row.city}）`,
    row.batch === null ? '' : (words.batches.get(row.batch) ?? row.batch),
    row.aboutRun === null ? '' : `运行 ${row.aboutRun}`,
  ];
  return parts.filter(part => part !== '').join(' · ');
}

function consequenceOf(row: FindingRow): string {
  if (row.stops === 'nothing') return '不影响发档，请核对。';
  if (row.stops === 'city') return '本市本批次的投档单全部停发，请先处理。';
  const named = row.schools.slice(0, SCHOOLS_NAMED_MAX).join('、');
  const rest = row.schools.length > SCHOOLS_NAMED_MAX ? ` 等 ${row.schools.length} 所` : '';
  return `以下院校的投档单停发，请先处理：${named}${rest}。`;
}

/** Did not complete, and no later attempt of the same identity did. */
function needsPerson(run: LedgerRun, night: Night): boolean {
  if (!['failed', 'refused', 'stopped', 'running'].includes(run.state)) return false;
  return !night.runs.some(
    other =>
      other.identity === run.identity &&
      other.run > run.run &&
      (other.state === 'completed' || other.state === run.state),
  );
}

function failedRun(run: LedgerRun, words: PolicyWords): ReportFinding {
  const reason = run.error === null ? '' : `：${run.error.sentence}`;
  const advice =
    run.state === 'running' ? '请查看它是否仍在进行；进程已不在的，重新启动即接着做。' : '';
  return {
    severity: run.state === 'running' ? 'warning' : 'error',
    property: run.error?.code ?? run.state,
    place: runPlace(run, words),
    sentence: `运行 ${run.run}（${jobTitle(run.job)}）${runStateTitle(run.state)}${reason}`,
    consequence: run.error?.advice ?? advice,
    rows: [],
    rowCount: 0,
  };
}

function notShown(more: number): ReportFinding {
  return {
    severity: 'warning',
    property: 'more',
    place: '',
    sentence: `另有 ${more} 项未在此列出。`,
    consequence: '请按地市查看。',
    rows: [],
    rowCount: 0,
  };
}

/** Lists that nobody has released yet: what the morning's officer does first. */
export function waitingLists(waiting: number): ReportFinding[] {
  if (waiting === 0) return [];
  return [
    {
      severity: 'warning',
      property: 'release-list',
      place: '',
      sentence: `${waiting} 张投档单等待发档。`,
      consequence: '核查通过后，请由第二名投档人员发档。',
      rows: [],
      rowCount: 0,
    },
  ];
}
