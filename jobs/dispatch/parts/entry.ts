/**
 * Entering a candidate from the pool 录取在库考生 in phase 2 and in spring (calendar rules 7, 8 and
 * 17): the school enters number and major with the confirmation form of the candidate 报读确认表; the
 * candidate's home city approves or refuses. Shared by the single entry and the entry of many.
 */
import type { StandingFile } from '../../../db/season/files.ts';
import { planBatches } from '../../../db/season/plan.ts';
import { hasVacancy } from '../../../db/season/vacancies.ts';
import { STATE_TITLES } from '../../../engine/file/states.ts';
import { recruitmentPhases } from '../../../engine/policy/calendar.ts';
import { isInWindow, schoolInBatch } from '../../../engine/policy/lookup.ts';
import type { Batch, Phase } from '../../../engine/policy/types.ts';
import type { Act } from '../../act/act.ts';
import type { OpenSpan, PlaceWithPolicy } from '../../act/function-job.ts';
import { admitted } from '../../review/parts/admitted.ts';
import { AutomaticReview } from '../../review/parts/automatic.ts';
import { AdmissionQuota } from '../../review/parts/quota.ts';
import { schoolError } from './school-errors.ts';

export interface Entry {
  readonly candidate_no: string;
  readonly major: string;
  /** 报读确认表: hash of the scan, and where the paper lies. */
  readonly request_hash?: string;
  readonly request_reference?: string;
  /** 经办人 */
  readonly clerk?: string;
}

/** When candidates are entered. */
export function entryWindow<I>({ policy }: PlaceWithPolicy<I>): readonly OpenSpan[] {
  return recruitmentPhases(policy);
}

const ADMITTED: readonly string[] = ['admitted', 'registered', 'filed'];

/** One school's entries of one act. */
export class EntryDesk<I> {
  readonly #act: Act<I>;
  readonly #school: string;
  readonly #phase: Phase;
  readonly #open: boolean;
  readonly #quotas = new Map<string, AdmissionQuota>();
  readonly #batches = new Map<string, Map<string, readonly string[]>>();
  #expected: readonly StandingFile[] = [];
  readonly #reviews = new Map<string, AutomaticReview>();

  private constructor(act: Act<I>, school: string, phase: Phase, open: boolean) {
    this.#act = act;
    this.#school = school;
    this.#phase = phase;
    this.#open = open;
  }

  /** @throws vacancies-not-fixed: the night has not counted them, and no school's act may */
  static async open<I>(act: Act<I>): Promise<EntryDesk<I>> {
    const school = act.user.school as string;
    // The runner has seen to the window: one of these phases is open.
    const open = ({ window }: Phase) => isInWindow(window, act.businessDate);
    const phase = recruitmentPhases(act.policy).find(open) as Phase;
    const place = { phase: phase.id, school };
    const vacant = await act.asRunner(session => hasVacancy(session, act.season, place));
    if (vacant === null) throw schoolError('vacancies-not-fixed', { phase: phase.title });
    return new EntryDesk(act, school, phase, vacant);
  }

  /** Files that are going to be entered: what rules read of them is fetched at once. */
  expect(files: readonly StandingFile[]): void {
    this.#expected = files;
  }

  /**
   * Enters a candidate; a review rule may admit at once.
   *
   * @returns the file as it stands then: pending-review, or admitted
   * @throws no-vacancy, no-confirmation-form, no-clerk, already-entered, pending-elsewhere,
   * admitted-elsewhere, unknown-major, or what a quota rule refuses
   */
  async enter(file: StandingFile, entry: Entry): Promise<StandingFile> {
    this.#check(file, entry);
    const { request_hash, request_reference, clerk, major } = entry;
    const quota = await this.#quota(file.city, major);
    const rules = await quota.require(file, major, 'entry');
    const { batch, school, phase } = quota.facts.place;
    const pending = this.#act.move(file, 'enter', {
      change: {
        school,
        major,
        batch: batch.id,
        list: null,
        phase,
        reason: null,
        decidedBy: this.#act.user.user,
      },
      ...(rules.length === 0 ? {} : { decision: rules.join(' ') }),
      note: { request_hash, request_reference, clerk },
    });
    return this.#review(pending, quota);
  }

  #check(file: StandingFile, entry: Entry): void {
    const candidate = entry.candidate_no;
    if (!this.#open) {
      throw schoolError('no-vacancy', { school: this.#school, phase: this.#phase.title });
    }
    if ((entry.request_hash ?? '') === '' || (entry.request_reference ?? '') === '') {
      throw schoolError('no-confirmation-form', { candidate });
    }
    if ((entry.clerk ?? '').trim() === '') throw schoolError('no-clerk', { candidate });
    if (file.state === 'pending-review') {
      const own = file.school === this.#school;
      throw schoolError(own ? 'already-entered' : 'pending-elsewhere', { candidate });
    }
    if (ADMITTED.includes(file.state)) {
      throw schoolError('admitted-elsewhere', { candidate, state: STATE_TITLES[file.state] });
    }
  }

  /** Rules alone may let an entry pass, never the setting: rule 7 gives it to the home city. */
  async #review(file: StandingFile, quota: AdmissionQuota): Promise<StandingFile> {
    const { batch, school, phase, city } = quota.facts.place;
    const review = this.#reviews.get(city) as AutomaticReview;
    const facts = quota.facts.of({
      stage: 'review',
      file,
      major: file.major,
      standing: quota.standingFor(file),
      more: {
        'application.kind': 'entry',
        'return.listed': false,
        'list.sent': 0,
        'list.planned': 0,
      },
    });
    const decided = await review.decide(facts, null);
    if (decided?.event !== 'approve-entry') return file;
    const { decision } = decided;
    const major = file.major as string;
    const event = 'approve-entry';
    // The next row of the act is held against the plan with this one in it.
    quota.take(file, major);
    return admitted(this.#act, { file, event, school, major, batch: batch.id, phase, decision });
  }

  /** Per city, since plan, policy and rules are a city's. */
  async #quota(city: string, major: string): Promise<AdmissionQuota> {
    const act = this.#act;
    const batch = await this.#batch(city, major);
    const key = `${city}|${batch.id}`;
    const known = this.#quotas.get(key);
    if (known !== undefined) return known;
    const policy = await act.cityPolicy(city);
    const place = { city, school: this.#school, batch, phase: this.#phase.id };
    const at = { school: this.#school, batch: batch.id };
    const province = await act.cityPolicy('');
    const review = new AutomaticReview(act, policy, at, 'files', province);
    const counted = { ...place, counting: 'occupied' } as const;
    const quota = await AdmissionQuota.open(act, counted, review.factNames);
    await quota.facts.know(this.#expected.filter(file => file.city === city));
    this.#quotas.set(key, quota);
    this.#reviews.set(city, review);
    return quota;
  }

  /**
   * The batch that an entry is reported against: one in which the school has a plan for this major
   * in the city, else the school's first.
   */
  async #batch(city: string, major: string): Promise<Batch> {
    const act = this.#act;
    const { batches } = await act.cityPolicy(city);
    const school = { code: this.#school, kind: act.user.kinds[0] ?? '' };
    const own = batches
      .filter(batch => schoolInBatch(batch, school))
      .toSorted((a, b) => a.order - b.order);
    const planned = this.#batches.get(city) ?? (await this.#planned(city));
    const batch = own.find(({ id }) => planned.get(major)?.includes(id)) ?? own[0];
    if (batch === undefined) throw schoolError('no-batch', { school: this.#school });
    return batch;
  }

  async #planned(city: string): Promise<Map<string, readonly string[]>> {
    const place = { city, school: this.#school };
    const planned = await this.#act.asRunner(session =>
      planBatches(session, this.#act.season, place),
    );
    this.#batches.set(city, planned);
    return planned;
  }
}
