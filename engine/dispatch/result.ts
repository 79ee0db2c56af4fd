/**
 * What one run computes (dispatch.md §7), as typed arrays by participant and by choice.
 */

/** Reasons that the dispatch itself gives; codes of rules follow them in DispatchResult.reasons. */
export const FIXED_REASONS = [
  'not-reached',
  'placed',
  'full',
  'closed-by-tie',
  'below-bands',
  'earlier-choice-open',
  'not-in-batch',
  'school-suspended',
  'returned-before',
  'no-plan',
  'missing-data',
] as const;

export const SUGGESTION_REASONS = ['', 'majors-full', 'majors-refused', 'no-adjustment'] as const;

/** What happened at one school of the city × batch. */
export interface SchoolOutcome {
  /** Index into World.schools. */
  readonly school: number;
  /** 1-based number of the dispatch list among the run's, by school code; 0: nothing sent. */
  readonly list: number;
  readonly planned: number;
  readonly flexible: number;
  readonly roomBefore: number;
  readonly roomAfter: number;
  readonly sent: number;
  /** Score of the last one sent, hundredths; ABSENT: none sent, or no totals. */
  readonly lowestScore: number;
  readonly lastOrdinal: number;
  readonly overrun: number;
  readonly closedByTie: boolean;
}

export interface DispatchResult {
  /** Candidate indexes of those who took part, ascending. */
  readonly participants: Uint32Array;
  /** By participant: the choice (index into World.choices) where placed, or -1. */
  readonly placedChoice: Int32Array;
  /** By participant: 1-based rank; 0: none. */
  readonly position: Uint32Array;
  /** By participant: hundredths, ABSENT: none. */
  readonly score: Int32Array;
  /** By choice of the world: index into `reasons`; meaningless for those who did not take part. */
  readonly reasonOf: Uint8Array;
  /** FIXED_REASONS, then the codes of the rules in force. At most 255. */
  readonly reasons: readonly string[];
  /** By participant: index into World.majors, or -1. */
  readonly suggestedMajor: Int32Array;
  /** By participant: index into SUGGESTION_REASONS. */
  readonly suggestionReason: Uint8Array;
  /** Schools with a plan line here, by code. */
  readonly schools: readonly SchoolOutcome[];
  /** Participants on each list, in list order: list number → participant indexes. */
  readonly lists: readonly Uint32Array[];
  readonly counts: {
    readonly participants: number;
    readonly placed: number;
    readonly unplaced: number;
    readonly choices: number;
    /** reason → number of choices */
    readonly reasons: Readonly<Record<string, number>>;
  };
}
