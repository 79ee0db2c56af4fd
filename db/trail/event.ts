/** One event of the trail 轨迹; what is absent is null. */
export interface TrailEvent {
  readonly city: string;
  /** null: concerns no file. */
  readonly file: number | null;
  readonly name: string;
  readonly from?: string | null;
  readonly to?: string | null;
  readonly school?: string | null;
  readonly major?: string | null;
  readonly batch?: string | null;
  readonly actor: string;
  readonly at: Date;
  /** YYYY-MM-DD */
  readonly businessDate: string;
  readonly phase?: string | null;
  /** id in policy_versions */
  readonly policy?: number | null;
  /** ids of the rules behind it, joined by a space */
  readonly decision?: string;
  readonly run?: number | null;
  readonly list?: number | null;
  readonly note?: unknown;
}
