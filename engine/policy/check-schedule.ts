import { type Check, checkKnown } from './check-context.ts';
import { entriesOf, listOf, textOf } from './json.ts';

const SCHEDULE = 'schedule';
/** Lowest and highest value of each field: minute, hour, day, month, day of the week. */
const FIELDS = [
  [0, 59],
  [0, 23],
  [1, 31],
  [1, 12],
  [0, 7],
] as const;

/** The nightly jobs: cron lines, and an order that does not go round. */
export function checkSchedule(check: Check): void {
  const jobs = entriesOf(check.documents[SCHEDULE], 'jobs');
  const after = new Map<string, readonly string[]>();
  for (const { value } of jobs) {
    const before = listOf(value, 'after').filter(each => typeof each === 'string');
    after.set(textOf(value, 'job') ?? '', before);
  }
  const known = new Set(after.keys());
  for (const { value, path } of jobs) {
    const cron = textOf(value, 'cron');
    if (cron !== undefined && !isCronLine(cron)) {
      check.report(SCHEDULE, 'bad-cron', [...path, 'cron'], { name: cron });
    }
    listOf(value, 'after').forEach((each, index) => {
      const name = typeof each === 'string' ? each : undefined;
      checkKnown(check, SCHEDULE, [...path, 'after', index], known, name, 'unknown-job');
    });
    const job = textOf(value, 'job');
    if (job === undefined || !follows(job, after)) continue;
    check.report(SCHEDULE, 'job-cycle', [...path, 'after'], { name: job }, { at: 'key' });
  }
}

/** Whether a job, followed back through `after`, comes to itself. */
function follows(job: string, after: ReadonlyMap<string, readonly string[]>): boolean {
  const seen = new Set<string>();
  const stack = [...(after.get(job) ?? [])];
  while (stack.length > 0) {
    const next = stack.pop() as string;
    if (next === job) return true;
    if (seen.has(next)) continue;
    seen.add(next);
    stack.push(...(after.get(next) ?? []));
  }
  return false;
}

/** Five fields of numbers, ranges, lists, steps and stars; no names, no seconds. */
export function isCronLine(text: string): boolean {
  const fields = text.split(' ');
  return fields.length === FIELDS.length && fields.every((field, at) => isField(field, at));
}

function isField(field: string, at: number): boolean {
  const [low, high] = FIELDS[at];
  return field.split(',').every(part => {
    const match = /^(?:\*|([0-9]{1,2})(?:-([0-9]{1,2}))?)(?:\/([0-9]{1,2}))?$/.exec(part);
    if (match === null) return false;
    const from = Number(match[1] ?? low);
    const to = Number(match[2] ?? from);
    return from >= low && to <= high && from <= to && match[3] !== '0' && match[3] !== '00';
  });
}
