/**
 * What passes review without an officer: the review rules of the policy (reviews.yaml), in their
 * order. An officer's setting for a school and batch (设置院校是否审核) wins over a rule.
 *
 * - set to `yes`: everything waits for an officer; no rule is asked.
 * - not set: the first rule that holds decides; without one, an officer.
 * - set to `no`: a rule that holds decides all the same, for the province's `wait` and the return
 *   within the plan are no city's to waive; where none holds it passes, and the event names the
 *   setting.
 */
import { shanghaiMoment } from '../../../engine/policy/calendar.ts';
import type { FactValue, FullPolicy } from '../../../engine/policy/types.ts';
import { ActionDecider, type Instant } from '../../../engine/rules/actions.ts';
import type { Act } from '../../act/act.ts';
import { officersFile, WAIT } from './never-automatic.ts';

/** What is done without an officer. */
export interface Automatic {
  /** approve-…, refuse-… */
  readonly event: string;
  /** Of a refusal. */
  readonly reason: string | null;
  /** Id of the rule, or of the setting. */
  readonly decision: string;
}

export const SETTING = 'set-school-review';

export class AutomaticReview {
  readonly #decider: ActionDecider;
  readonly #instant: Instant;
  readonly #setting: boolean | null;
  /** Ids of the province's rules; null: all rules are taken alike. */
  readonly #provinces: ReadonlySet<string> | null;

  /**
   * @param what which of the two keys of the setting counts
   * @param province the policy without the city's overlay, where the question is about files: what
   * a city sets never decides those that are an officer's (never-automatic.ts)
   */
  constructor(
    act: Pick<Act<unknown>, 'businessDate' | 'at'>,
    policy: FullPolicy,
    place: { readonly school: string; readonly batch: string },
    what: 'files' | 'planChanges' = 'files',
    province: FullPolicy | null = null,
  ) {
    const { reviews, conditions, attributes, schoolReviews } = policy;
    this.#decider = new ActionDecider(reviews, conditions, attributes);
    this.#instant = { date: act.businessDate, now: shanghaiMoment(act.at) };
    const here = schoolReviews.find(
      ({ school, batch }) => school === place.school && batch === place.batch,
    );
    this.#setting = here?.[what] ?? null;
    this.#provinces = province === null ? null : new Set(province.reviews.map(({ id }) => id));
  }

  /** Names of the facts that are needed: those that the rules in force read, for a start. */
  get factNames(): readonly string[] {
    const names = this.#decider.factNames(this.#instant);
    return this.#provinces === null ? names : [...names, 'candidate.origin', 'file.below-line'];
  }

  /**
   * What becomes of it now; null: it waits for an officer.
   *
   * @param facts of the stage review, complete
   * @param unruled the event where the setting waives the review and no rule holds; null: none
   */
  async decide(
    facts: Readonly<Record<string, FactValue>>,
    unruled: string | null,
  ): Promise<Automatic | null> {
    if (this.#setting === true) return null;
    const decided = await this.#decider.decide(facts, this.#instant);
    if (decided !== null) {
      const { rule, then } = decided;
      if (then['event'] === WAIT) return null;
      if (this.#provinces?.has(rule.id) === false && officersFile(facts)) return null;
      return {
        event: String(then['event']),
        reason: then['reason'] == null ? null : String(then['reason']),
        decision: rule.id,
      };
    }
    if (this.#setting !== false || unruled === null) return null;
    if (this.#provinces !== null && officersFile(facts)) return null;
    return { event: unruled, reason: null, decision: SETTING };
  }
}
