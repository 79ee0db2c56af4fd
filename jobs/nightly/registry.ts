/** The nightly jobs. A new one is a file and a line here. */
import type { NightlyJob } from '../run/job.ts';
import type { Registry } from '../run/schedule.ts';

/** Each is loaded when it is asked for: most commands run none of them. */
const JOBS: readonly (() => Promise<NightlyJob>)[] = [
  async () => (await import('./sweep.ts')).sweepJob,
  async () => (await import('./vacancies.ts')).vacanciesJob,
  async () => (await import('./cut-off.ts')).cutOffJob,
  async () => (await import('./import.ts')).importJob,
  async () => (await import('./season-audit.ts')).seasonAuditJob,
  async () => (await import('./dispatch.ts')).dispatchJob,
  async () => (await import('./audit.ts')).auditJob,
  async () => (await import('./seal.ts')).sealJob,
  async () => (await import('./publish.ts')).publishJob,
];

/** All nightly jobs by id. */
export async function nightlyJobs(): Promise<Registry> {
  const jobs = await Promise.all(JOBS.map(load => load()));
  return new Map(jobs.map(job => [job.id, job]));
}
