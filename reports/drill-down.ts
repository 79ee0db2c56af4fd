/**
 * 明细: the rows behind a row. Which report shows them, with which parameters, taken from the row's
 * own columns. One table, so that it can be read and tested as a whole: every number that is
 * counted from people or lists leads to them in one or two steps.
 */
import type { Rendering, Section } from './report.ts';

export interface Drill {
  /** Id of the report that shows what a row is made of. */
  readonly report: string;
  /** Its parameter → key of the row's column. */
  readonly parameters: Readonly<Record<string, string>>;
}

const drill = (report: string, parameters: Drill['parameters']): Drill => ({ report, parameters });

const RECORD = drill('candidate-record', { candidate_no: 'candidateNo' });
const TRAIL = drill('candidate-trail', { candidate_no: 'candidateNo' });
const ADMITTED = drill('admitted-candidates', { school: 'school' });
const PROGRESS = drill('admission-progress', { school: 'school' });
const RESULTS = drill('dispatch-results', { city: 'city', batch: 'batch', round: 'round' });
const LISTS = drill('dispatch-list-history', { city: 'city', school: 'school' });
const SUPERVISED = drill('supervised-admissions', { school: 'school' });

/** `report/section` → where its rows lead. */
export const DRILLS: Readonly<Record<string, Drill>> = {
  'files-at-schools/schools': drill('files-at-schools', { school: 'school' }),
  'files-at-schools/files': TRAIL,
  'school-applicants/applicants': drill('candidate-outcome', { candidate_no: 'candidateNo' }),
  'dispatch-results/results': LISTS,
  'dispatch-list-history/lists': LISTS,
  'dispatch-list-history/files': TRAIL,
  'dispatch-detail/detail': drill('candidate-outcome', { candidate_no: 'candidate_no' }),
  'roster-vocational/students': RECORD,
  'roster-senior-high/students': RECORD,
  'admitted-candidates/students': RECORD,
  'school-progress-in-region/schools': PROGRESS,
  'admission-progress/cities': drill('school-progress-in-region', { city: 'city' }),
  'admission-progress/schools': PROGRESS,
  'admission-progress/majors': ADMITTED,
  'choice-counts/schools': drill('school-applicants', { school: 'school' }),
  'school-admissions/schools': drill('school-admissions', { school: 'school' }),
  'school-admissions/majors': ADMITTED,
  'supervised-progress/schools': drill('supervised-progress', { school: 'school' }),
  'supervised-progress/majors': SUPERVISED,
  'supervised-progress-by-region/schools': drill('supervised-progress', { school: 'school' }),
  'supervised-admissions/schools': SUPERVISED,
  'supplement-results/results': TRAIL,
  'run-report/runs': drill('run-report', { run: 'run' }),
  'run-report/cities': RESULTS,
  'run-report/schools': LISTS,
  'morning/late': drill('pending', { city: 'city' }),
  'morning/done': RESULTS,
  'daily-reports/reports': drill('daily-report-statistics', { school: 'school' }),
  'daily-report-statistics/schools': drill('daily-report-statistics', { school: 'school' }),
  'daily-report-statistics/differences': drill('daily-reports', { date: 'day' }),
  'unregistered/schools': drill('unregistered', { school: 'school' }),
  'unregistered/candidates': RECORD,
  'published-plans/plans': PROGRESS,
  'articulated-register/majors': drill('articulated-register', { school: 'school' }),
  'articulated-register/students': RECORD,
};

/** Where the rows of a section lead; undefined: they are the last step. */
export function drillOf(report: string, section: string): Drill | undefined {
  return DRILLS[`${report}/${section}`];
}

/** As people read it: the command, with the titles of the columns in braces. */
export function drillText({ report }: Pick<Rendering, 'report'>, section: Section): string {
  const found = drillOf(report.id, section.id);
  if (found === undefined) return '';
  const titleOf = (key: string) => section.columns.find(each => each.key === key)?.title ?? key;
  const given = Object.entries(found.parameters).map(([name, key]) => `${name}={${titleOf(key)}}`);
  return `每行的明细：zhongzhao report ${found.report} ${given.join(' ')}`;
}
