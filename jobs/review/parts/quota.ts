/**
 * Is there a place: the quota rules of the policy (quotas.yaml) asked about files that want to be
 * admitted to one school from one city – proposals, reviews, direct admissions, transfers, changes
 * of the major. Counting is code, deciding is the rules'.
 */
import type { StandingFile } from '../../../db/season/files.ts';
import { type PlanStanding, planStanding, recounted } from '../../../db/season/plan.ts';
import { COUNTED_STATES, type Counting } from '../../../engine/file/states.ts';
import type { FactValue } from '../../../engine/policy/types.ts';
import { RequirementDecider } from '../../../engine/rules/requirements.ts';
import type { Act } from '../../act/act.ts';
import { admissionError } from './admission-errors.ts';
import { type FactPlace, PlaceFacts } from './facts.ts';
import { refusedByRule } from './rule-refusal.ts';

/** What a place is wanted for: `application.kind` of the facts. */
export type PlaceMatter = 'admission' | 'entry' | 'transfer' | 'major-change';

export interface QuotaPlace extends FactPlace {
  /** What the plan is held against (engine/file/states.ts). */
  readonly counting: Counting;
}

/** What the caller alone knows: signed request, who applies, … */
export type MoreFacts = Readonly<Record<string, FactValue>>;

export class AdmissionQuota {
  readonly facts: PlaceFacts;
  readonly #decider: RequirementDecider;
  readonly #counting: Counting;
  #standing: PlanStanding;

  private constructor(
    facts: PlaceFacts,
    decider: RequirementDecider,
    counting: Counting,
    standing: PlanStanding,
  ) {
    this.facts = facts;
    this.#decider = decider;
    this.#counting = counting;
    this.#standing = standing;
  }

  /**
   * @param also names of facts that the caller wants from `facts` besides, for its review rules
   * @throws unknown-school
   */
  static async open<I>(
    act: Act<I>,
    place: QuotaPlace,
    also: readonly string[] = [],
  ): Promise<AdmissionQuota> {
    const { quotas, conditions, attributes } = await act.cityPolicy(place.city);
    const decider = new RequirementDecider(quotas, conditions, act.businessDate, attributes);
    const facts = await PlaceFacts.open(act, place, [...decider.factNames, ...also]);
    const { city, school, batch, counting } = place;
    const standing = await act.asRunner(session =>
      planStanding(
        session,
        act.season,
        { city, school, batch: batch.id },
        COUNTED_STATES[counting],
      ),
    );
    return new AdmissionQuota(facts, decider, counting, standing);
  }

  /** The plan with what was taken so far, without the file itself. */
  standingFor(file: StandingFile): PlanStanding {
    return this.#without(file);
  }

  /**
   * Holds a file against the plan, in which it does not count itself.
   *
   * @returns ids of the rules that let it pass, to be named in the event's decision
   * @throws unknown-major, no-plan, or the code of the rule that refuses
   */
  async require(
    file: StandingFile,
    major: string,
    matter: PlaceMatter,
    more: MoreFacts = {},
  ): Promise<readonly string[]> {
    const { place } = this.facts;
    this.facts.requireMajor(major);
    this.#requireLine(major);
    await this.facts.know([file]);
    const facts = this.facts.of({
      stage: 'quota',
      file,
      major,
      standing: this.#without(file),
      more: { 'application.kind': matter, ...more },
    });
    const { passed, refusal } = await this.#decider.check(facts);
    if (refusal !== null) {
      const who = file.candidateNo ?? `${file.city}/${file.file}`;
      throw refusedByRule(refusal, `考生 ${who} 不能录取到院校 ${place.school} 的专业 ${major}`);
    }
    return passed;
  }

  /** The file takes a place in this major from now on; where it had one here, that becomes free. */
  take(file: StandingFile, major: string): void {
    this.#standing = recounted(this.#without(file), major, 1);
  }

  /** The file has its place here no longer. */
  free(file: StandingFile): void {
    this.#standing = this.#without(file);
  }

  /** `file` as it stands in the count: before what is being decided of it. */
  #without(file: StandingFile): PlanStanding {
    const { school, batch } = this.facts.place;
    const here = file.school === school && file.batch === batch.id;
    if (!here || !counts(this.#counting, file)) return this.#standing;
    return recounted(this.#standing, file.major, -1);
  }

  /**
   * Rule 1 of the calendar: no line is no right, which is not a line of 0; nor do flexible places
   * belong to a major without one. Phase 2 is not bound to the plan (rule 6).
   */
  #requireLine(major: string): void {
    const { school, city, batch, phase } = this.facts.place;
    if (phase !== batch.phase) return;
    if (this.#standing.lines.some(line => line.major === major)) return;
    throw admissionError('no-plan', { school, city, major, batch: batch.title });
  }
}

function counts(counting: Counting, file: StandingFile): boolean {
  return (COUNTED_STATES[counting] as readonly string[]).includes(file.state);
}
