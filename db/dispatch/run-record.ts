/** What a dispatch run writes beside its world and result. */
import type { Situation } from '../../engine/rules/stage.ts';

/** How many rows pass between two reports of progress. */
export const PROGRESS_ROWS = 1 << 16;

/** What the tables need beside world and result. */
export interface RunRecord {
  readonly run: number;
  readonly season: number;
  readonly city: string;
  readonly batch: string;
  readonly round: number;
  readonly phase: string;
  readonly businessDate: string;
  /** id in policy_versions */
  readonly policy: number;
  readonly actor: string;
  readonly at: Date;
  /** The number of the city's last event when the world was read. */
  readonly lastEvent: number;
  /** Ids of the rules that stood behind sending a file to this school, joined by a space. */
  readonly rulesBehind: (school: number) => string;
  readonly stages: readonly { readonly stage: string; readonly rows: readonly Situation[] }[];
}
