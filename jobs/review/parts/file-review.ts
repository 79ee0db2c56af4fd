/**
 * What becomes of files that a school has submitted: by a rule at the submission, or by an officer
 * afterwards. Whoever decides, the files move the same way.
 */
import type { DispatchList } from '../../../db/season/dispatch-lists.ts';
import { BACK_IN_POOL, type StandingFile } from '../../../db/season/files.ts';
import type { FactValue } from '../../../engine/policy/types.ts';
import type { Act } from '../../act/act.ts';
import { reasonOf } from '../../dispatch/parts/return-reason.ts';
import { type Admission, admittedAll } from './admitted.ts';
import type { Automatic, AutomaticReview } from './automatic.ts';
import type { AdmissionQuota } from './quota.ts';

export interface Reviewed {
  readonly admitted: number;
  readonly returned: number;
  readonly sentBack: number;
  readonly waiting: number;
}

/** The events of a review, approval first, by the state that waits for it. */
const EVENTS: Readonly<Record<string, readonly [string, string]>> = {
  proposed: ['approve-admission', 'refuse-admission'],
  'return-proposed': ['approve-return', 'refuse-return'],
};

export class FileReview<I> {
  readonly #act: Act<I>;
  readonly #list: DispatchList;
  readonly #quota: AdmissionQuota;

  constructor(act: Act<I>, list: DispatchList, quota: AdmissionQuota) {
    this.#act = act;
    this.#list = list;
    this.#quota = quota;
  }

  /** Asks the rules about each file; what none of them settles waits for an officer. */
  async byRules(automatic: AutomaticReview, files: readonly StandingFile[]): Promise<Reviewed> {
    const admissions: Admission[] = [];
    const counts = { admitted: 0, returned: 0, sentBack: 0, waiting: 0 };
    await this.#quota.facts.know(files);
    for (const file of files) {
      const decided = await automatic.decide(this.facts(file), this.#unruled(file));
      // A rule whose event does not fit the file settles nothing.
      if (decided === null || !EVENTS[file.state]?.includes(decided.event)) counts.waiting += 1;
      else if (decided.event === 'approve-admission') {
        admissions.push(this.#admission(file, decided.decision));
        counts.admitted += 1;
      } else if (decided.event === 'approve-return') {
        returned(this.#act, file, this.#list.school, decided.decision);
        counts.returned += 1;
      } else {
        sentBack(this.#act, file, decided.event, decided);
        counts.sentBack += 1;
      }
    }
    await admittedAll(this.#act, admissions);
    return counts;
  }

  /** The facts of the stage review. */
  facts(file: StandingFile): Readonly<Record<string, FactValue>> {
    const { reason } = file;
    const { returnReasons } = this.#quota.facts.policy;
    const listed = reason !== null && reasonOf(returnReasons, reason).listed;
    return this.#quota.facts.of({
      stage: 'review',
      file,
      major: file.major,
      standing: this.#quota.standingFor(file),
      more: {
        'application.kind': 'admission',
        'return.reason': file.state === 'return-proposed' ? reason : null,
        'return.listed': file.state === 'return-proposed' && listed,
        'list.sent': this.#list.sent,
        'list.planned': this.#list.planned,
      },
    });
  }

  #admission(file: StandingFile, decision: string): Admission {
    const { place } = this.#quota.facts;
    return {
      file,
      event: 'approve-admission',
      school: place.school,
      // A proposal always has one: decide-files and the submission see to it.
      major: file.major as string,
      batch: place.batch.id,
      phase: place.phase,
      decision,
    };
  }

  /**
   * Where the city has waived the review and no rule speaks. A return that rule 15 forbids is not
   * waived: it waits for an officer.
   */
  #unruled(file: StandingFile): string | null {
    if (file.state !== 'return-proposed') return EVENTS[file.state]?.[0] ?? null;
    const { returnReasons } = this.#quota.facts.policy;
    return returnAllowed(this.#list, returnReasons, file.reason) ? 'approve-return' : null;
  }
}

/** Back to the pool; the school has returned it and is not sent it again this season. */
export function returned<I>(
  act: Act<I>,
  file: StandingFile,
  school: string,
  decision?: string,
): StandingFile {
  return act.move(file, 'approve-return', {
    change: { ...BACK_IN_POOL, returnedBy: [...new Set([...file.returnedBy, school])] },
    ...(decision === undefined ? {} : { decision }),
    note: { reason: file.reason },
  });
}

/** Back to the school for another look 复议; the list stays submitted. */
export function sentBack<I>(
  act: Act<I>,
  file: StandingFile,
  event: string,
  { decision, reason }: Partial<Pick<Automatic, 'decision' | 'reason'>>,
): StandingFile {
  return act.move(file, event, {
    change: { reopenedForReview: true, decidedBy: null, reason: null },
    ...(decision === undefined ? {} : { decision }),
    note: { reason: reason ?? null, proposed: file.reason },
  });
}

/**
 * Rule 15 of the calendar (n66 三（二）1): a school that was sent no more files than its plan returns
 * none without a listed reason; no return is without a reason at all.
 */
export function returnAllowed(
  { sent, planned }: Pick<DispatchList, 'sent' | 'planned'>,
  returnReasons: Parameters<typeof reasonOf>[0],
  reason: string | null,
): boolean {
  if (reason === null || reason === '') return false;
  return sent > planned || reasonOf(returnReasons, reason).listed;
}
