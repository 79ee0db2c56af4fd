/**
 * 审核录取: in phase 1 a proposed file is admitted, or goes back to the school for another look; in
 * phase 2 and spring an entered one is admitted, or goes back to the pool. Within the plan in phase
 * 1; never by who proposed it.
 */
import type { DispatchList } from '../../db/season/dispatch-lists.ts';
import { BACK_IN_POOL, type StandingFile } from '../../db/season/files.ts';
import { mayReview, refuseList } from '../../engine/file/lists.ts';
import { STATE_TITLES } from '../../engine/file/states.ts';
import type { Act } from '../act/act.ts';
import { functionJob } from '../act/function-job.ts';
import { INPUT } from '../act/input.ts';
import { filesOn, listStanding } from '../dispatch/parts/list.ts';
import { listOf, listRefused, settleList } from '../dispatch/parts/lists.ts';
import { admissionError } from './parts/admission-errors.ts';
import { type Admission, admittedAll } from './parts/admitted.ts';
import { sentBack } from './parts/file-review.ts';
import { AdmissionQuota, type PlaceMatter } from './parts/quota.ts';
import {
  reasonOfRefusal,
  requireOther,
  requireReviewTime,
  underReviewTarget,
  type Verdict,
} from './parts/under-review.ts';

export const job = functionJob<Verdict>({
  id: 'review-admission',
  title: '审核录取',
  sides: ['office'],
  menu: '审核管理',
  annex: true,
  input: {
    properties: {
      candidates: INPUT.candidates,
      verdict: INPUT.verdict,
      reason: { ...INPUT.reason, description: '不予通过的理由' },
    },
    required: ['candidates', 'verdict'],
  },
  relatives: true,
  // By each file's batch or phase, with the grace: requireReviewTime.
  window: 'none',
  target: place => underReviewTarget(place, place.input.candidates),
  async effect(act) {
    const files = await act.candidates(act.input.candidates);
    const desk = new ReviewDesk(act, files);
    for (const file of files) await desk.take(file);
    return desk.conclude();
  },
});

/** The phase of the review: where a file waits, what approves and what refuses it. */
interface Step {
  readonly approve: string;
  readonly matter: PlaceMatter;
}

const STEPS: Readonly<Record<string, Step>> = {
  proposed: { approve: 'approve-admission', matter: 'admission' },
  'pending-review': { approve: 'approve-entry', matter: 'entry' },
};

class ReviewDesk {
  readonly #act: Act<Verdict>;
  readonly #files: readonly StandingFile[];
  readonly #quotas = new Map<string, AdmissionQuota>();
  readonly #lists = new Map<string, DispatchList>();
  readonly #standings = new Map<string, ReturnType<typeof listStanding>>();
  readonly #admissions: Admission[] = [];
  #refused = 0;

  constructor(act: Act<Verdict>, files: readonly StandingFile[]) {
    this.#act = act;
    this.#files = files;
  }

  async take(file: StandingFile): Promise<void> {
    const act = this.#act;
    const step = STEPS[file.state];
    const candidate = file.candidateNo ?? '';
    if (step === undefined) {
      const state = STATE_TITLES[file.state];
      throw admissionError('not-waiting', { candidate, state, title: job.title });
    }
    requireOther(act, file);
    if (file.state === 'proposed') await this.#requireSubmitted(file);
    requireReviewTime(act, await act.cityPolicy(file.city), file, job.title);
    if (act.input.verdict === 'approve') await this.#approve(file, step);
    else this.#refuse(file);
  }

  async conclude() {
    await admittedAll(this.#act, this.#admissions);
    let settled = 0;
    for (const list of this.#lists.values()) {
      if (await settleList(this.#act, list.city, list.list)) settled += 1;
    }
    const counts = { admitted: this.#admissions.length, refused: this.#refused, settled };
    const lines = [`审核录取：通过 ${counts.admitted} 人，不予通过 ${counts.refused} 人。`];
    if (settled > 0) lines.push(`${settled} 份投档单已办结。`);
    return { lines, counts };
  }

  async #approve(file: StandingFile, { approve: event, matter }: Step): Promise<void> {
    const quota = await this.#quota(file);
    const major = file.major as string;
    const rules = await quota.require(file, major, matter);
    quota.take(file, major);
    const { school, batch, phase } = quota.facts.place;
    const decision = rules.length === 0 ? {} : { decision: rules.join(' ') };
    this.#admissions.push({ file, event, school, major, batch: batch.id, phase, ...decision });
  }

  #refuse(file: StandingFile): void {
    const reason = reasonOfRefusal(this.#act.input, file);
    this.#refused += 1;
    if (file.state === 'proposed') {
      sentBack(this.#act, file, 'refuse-admission', { reason });
      return;
    }
    this.#act.move(file, 'refuse-entry', { change: BACK_IN_POOL, note: { reason } });
  }

  /** @throws list-not-submitted, … */
  async #requireSubmitted(file: StandingFile): Promise<void> {
    const { city, list: number } = file;
    // Proposed on no list: there is nothing that the school could still submit.
    if (number === null) return;
    const key = `${city}|${number}`;
    let list = this.#lists.get(key);
    if (list === undefined) {
      list = await listOf(this.#act, city, number);
      this.#lists.set(key, list);
      this.#standings.set(key, listStanding(list.state, await filesOn(this.#act, list)));
    }
    const standing = this.#standings.get(key) as ReturnType<typeof listStanding>;
    if (!mayReview(standing, file.file)) throw listRefused(list, refuseList('list-not-submitted'));
  }

  /** Held against what is admitted already: the last of too many is refused, not all of them. */
  async #quota(file: StandingFile): Promise<AdmissionQuota> {
    const act = this.#act;
    const { city, school, batch: id, phase: entered } = file;
    const key = `${city}|${school}|${id}|${entered}`;
    const known = this.#quotas.get(key);
    if (known !== undefined) return known;
    const { batches } = await act.cityPolicy(city);
    const batch = batches.find(each => each.id === id) ?? act.batch(id ?? '');
    const phase = entered ?? batch.phase;
    const place = { city, school: school as string, batch, phase, counting: 'admitted' } as const;
    const quota = await AdmissionQuota.open(act, place);
    const alike = (other: StandingFile) => other.city === city && other.school === school;
    await quota.facts.know(this.#files.filter(alike));
    this.#quotas.set(key, quota);
    return quota;
  }
}
