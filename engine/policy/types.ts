/**
 * The policy as the rest of the system sees it: checked, typed, frozen. Numbers that are scores are
 * integer hundredths here; the YAML documents hold points. Every object that carries a value of the
 * notice carries its `basis` too (spec/policy.md).
 */

export type DispatchMode = 'score-first' | 'choice-first' | 'banded' | 'lottery';
export type TieEnding = 'follow' | 'reject-all' | 'lottery' | 'candidate-no';
export type Rounding = 'floor' | 'ceil' | 'half-up';
export type MajorMode = 'score-first' | 'major-first' | 'gap';

/** One tie key: a subject, a sum of subjects, or the best priority rank. Subjects by name. */
export type TieKey =
  | { readonly kind: 'subjects'; readonly subjects: readonly string[] }
  | { readonly kind: 'priority' };

/** How a batch is dispatched in one city: batches.yaml `dispatch`, resolved with the overlay. */
export interface DispatchRules {
  readonly mode: DispatchMode;
  /** Lower bounds in hundredths, strictly falling; empty unless mode is banded. */
  readonly bands: readonly number[];
  /** The ratio in hundredths: "1.05" is 105. */
  readonly ratio: number;
  readonly rounding: Rounding;
  readonly ties: { readonly keys: readonly TieKey[]; readonly ending: TieEnding };
  /** null: none drawn. */
  readonly seed: string | null;
  readonly majors: { readonly mode: MajorMode /** hundredths */; readonly gap: number };
  readonly release: 'by-officer' | 'after-audit';
}

export interface Batch {
  readonly id: string;
  readonly title: string;
  readonly basis: string;
  readonly order: number;
  readonly phase: string;
  readonly choices: { readonly max: number; readonly majors: number };
  readonly dispatch: DispatchRules;
  /** Schools by code, or all of some kinds; exactly one of the two is not null. */
  readonly schools: readonly string[] | null;
  readonly kinds: readonly string[] | null;
  /** Both days included; null: closed. */
  readonly window: readonly [string, string] | null;
}

export type FactValue = number | string | boolean | null;

/** A condition in json-rules-engine's own form, checked at load. */
export type Condition =
  | { readonly all: readonly Condition[] }
  | { readonly any: readonly Condition[] }
  | { readonly not: Condition }
  | { readonly condition: string }
  | {
      readonly fact: string;
      readonly operator: string;
      readonly value: FactValue | readonly FactValue[] | { readonly fact: string };
    };

/** A requirement: what must hold; when it does not, `refuse` is the code. */
export interface Requirement {
  readonly id: string;
  readonly title: string;
  readonly basis: string;
  readonly applies: Condition | null;
  readonly requires: Condition;
  readonly refuse: string;
  readonly missing: 'refuse' | 'pass';
  /** Half-open [from, to), each may be null; null: always. */
  readonly valid: readonly [string | null, string | null] | null;
  /** Special conditions only. */
  readonly school: string | null;
  readonly major: string | null;
}

export interface ActionRule {
  readonly id: string;
  readonly title: string;
  readonly basis: string;
  readonly at: string | null;
  readonly when: Condition;
  readonly then: Readonly<Record<string, FactValue>>;
  readonly valid: readonly [string | null, string | null] | null;
}

export interface RegionLine {
  readonly region: string;
  readonly batch: string;
  /** hundredths */
  readonly line: number;
  readonly basis: string;
}

export interface SchoolLine extends RegionLine {
  readonly school: string;
}

export interface PreferenceFeature {
  readonly id: string;
  readonly title: string;
  readonly kind: 'bonus' | 'priority';
  /** bonus: hundredths; priority: 0 */
  readonly points: number;
  /** priority: the rank, low first; bonus: 0 */
  readonly rank: number;
  readonly batches: readonly string[];
  readonly basis: string;
}

export interface Attribute {
  readonly name: string;
  readonly type: 'number' | 'text' | 'boolean' | 'date';
  readonly title: string;
  /** Chinese, such as 厘米. */
  readonly unit?: string;
}

export interface Phase {
  readonly id: string;
  readonly title: string;
  readonly basis: string;
  readonly window: readonly [string, string] | null;
}

export interface ScheduledJob {
  readonly job: string;
  readonly title: string;
  readonly cron: string;
  readonly after: readonly string[];
  readonly basis: string;
}

export interface FindingRule {
  /** P1 … P16 */
  readonly property: string;
  readonly title: string;
  readonly severity: 'error' | 'warning';
  /** What a broken one stops: connected schools, the city × batch, or nothing. */
  readonly stops: 'schools' | 'city' | 'nothing';
  readonly basis: string;
}

/**
 * The documents of one policy after checking, in effect for one city (base with its overlay merged)
 * or for the province (no overlay). Deeply frozen.
 */
export interface Policy {
  readonly id: string;
  readonly title: string;
  /** The season: the year of admission. */
  readonly season: number;
  readonly timeZone: 'Asia/Shanghai';
  /** The legal bases that every `basis:` elsewhere begins with. */
  readonly bases: readonly { readonly id: string; readonly title: string }[];
  readonly attributes: readonly Attribute[];
  readonly cityMaySet: readonly string[];
  readonly candidateNumberPattern: string;
  readonly phases: readonly Phase[];
  /** Other dated values of calendar.yaml: id → value with basis. */
  readonly deadlines: readonly {
    readonly id: string;
    readonly title: string;
    readonly date: string | null;
    readonly basis: string;
  }[];
  readonly batches: readonly Batch[];
  /** Named conditions (`conditions:` of policy.yaml). */
  readonly conditions: Readonly<Record<string, Condition>>;
  readonly start: readonly Requirement[];
  readonly eligibility: readonly Requirement[];
  readonly special: readonly Requirement[];
  readonly regionLines: readonly RegionLine[];
  readonly schoolLines: readonly SchoolLine[];
  readonly preferences: {
    readonly combine: 'max' | 'sum';
    /** hundredths; null: none */
    readonly cap: number | null;
    readonly features: readonly PreferenceFeature[];
  };
  readonly findings: readonly FindingRule[];
  readonly schedule: {
    readonly catchupWindowDays: number;
    /** Seasons for which run packages are kept. */
    readonly keepSeasons: number;
    readonly jobs: readonly ScheduledJob[];
  };
  /** Overlay key that only the province may set. */
  readonly ownSystem: boolean;
  /** True where any value in effect has `basis: sample`. */
  readonly usesSampleBasis: boolean;
}

/** What is stored and named by every run: the base version, and the overlay of the run's city. */
export interface PolicyVersion {
  /** SHA-256, hex, of the canonical content of all documents except `cities/`. */
  readonly baseHash: string;
  /** SHA-256, hex, of the canonical content of the city's overlay; of `{}` where it has none. */
  readonly overlayHash: string;
}

/** A span of time of calendar.yaml that is no phase: roster printing, withdrawals, … */
export interface CalendarWindow {
  readonly id: string;
  readonly title: string;
  readonly basis: string;
  /** Both days included; null: closed. */
  readonly window: readonly [string, string] | null;
}

/** A number or choice that the notice leaves open or gives without a date. */
export interface PolicyValue {
  readonly id: string;
  readonly title: string;
  readonly basis: string;
  readonly value: number | string | boolean;
  /** Chinese; empty where there is none. */
  readonly unit: string;
}

export interface ReturnReason {
  readonly id: string;
  readonly title: string;
  readonly basis: string;
}

/** 设置院校是否审核: null where the city has not set this key. */
export interface SchoolReview {
  readonly school: string;
  readonly batch: string;
  readonly planChanges: boolean | null;
  readonly files: boolean | null;
}

export interface Duty {
  readonly id: string;
  readonly title: string;
  readonly basis: string;
  readonly side: 'office' | 'school';
  readonly functions: readonly string[];
}

/** A Policy with the documents that only later jobs read. The loader always gives all of it. */
export interface FullPolicy extends Policy {
  readonly windows: readonly CalendarWindow[];
  readonly values: readonly PolicyValue[];
  readonly quotas: readonly Requirement[];
  readonly returnReasons: readonly ReturnReason[];
  readonly reviews: readonly ActionRule[];
  readonly schoolReviews: readonly SchoolReview[];
  readonly deadlineRules: readonly ActionRule[];
  readonly duties: readonly Duty[];
}

/** A city's overlay as it is stored and versioned. */
export interface PolicyOverlay {
  readonly city: string;
  /** SHA-256, hex, of `content`. */
  readonly hash: string;
  /** Canonical JSON. */
  readonly content: string;
  /** The YAML as written. */
  readonly document: string;
}

/** A folder that was checked and has no error: what adoption stores. */
export interface PolicyBundle {
  readonly id: string;
  readonly title: string;
  readonly season: number;
  readonly base: {
    /** SHA-256, hex, of `content`. */
    readonly hash: string;
    /** Canonical JSON of all documents except `cities/`, by path. */
    readonly content: string;
    /** Path → YAML as written, `cities/` left out. */
    readonly documents: Readonly<Record<string, string>>;
  };
  /** By city code. */
  readonly overlays: ReadonlyMap<string, PolicyOverlay>;
  /** True where any document, overlays included, says `basis: sample`. */
  readonly usesSampleBasis: boolean;
}
