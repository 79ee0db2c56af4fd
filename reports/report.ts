/**
 * What a report (报表) is: one file declares its id, title, parameters and sections, and selects
 * the rows; reports/render turns any of them into CSV, JSON, HTML or xlsx. A new report is one new
 * file and a line in registry.ts.
 *
 * Decisions that took thought:
 * - A report is a list of sections, each a table with typed columns. A page of the run and a list
 *   of a million rows are then the same thing, and no report draws anything by itself.
 * - Rows arrive in chunks (arrays, or an async stream of arrays), never all at once: a section of
 *   1.3 million rows costs a renderer no more memory than one of ten.
 * - Percentages are declared by their two columns and computed here, in integers; so the total of a
 *   percentage is the percentage of the totals, and never a sum of percentages.
 */
import type { Session } from '../db/connect.ts';

/**
 * - `text`: free text · `code`: codes and numbers of people, text even if all digits
 * - `integer`: counts · `hundredths`: points, held as integer hundredths
 * - `date`: `YYYY-MM-DD` · `percent`: computed from two columns, never selected
 * - `boolean`: 是, 否 · `hash`: hex, shortened where people read, whole for machines
 */
export type ColumnType =
  | 'text'
  | 'code'
  | 'integer'
  | 'hundredths'
  | 'date'
  | 'percent'
  | 'boolean'
  | 'hash';

export type Cell = string | number | boolean | null;
export type Row = Readonly<Record<string, Cell>>;
/** A section's rows, in its declared order. */
export type Rows = readonly Row[] | AsyncIterable<readonly Row[]>;

/** What of a person is hidden from readers who may not see it (ReportContext.unmasked). */
export type Mask = 'name' | 'identity' | 'phone';

export interface Column {
  readonly key: string;
  /** Chinese. */
  readonly title: string;
  readonly type: ColumnType;
  /** Chinese, shown with the title: 人, 分, 秒. */
  readonly unit?: string;
  /** In characters of Latin width; a Chinese one takes two. */
  readonly width?: number;
  readonly masked?: Mask;
  /** Percent columns: keys of the part and of the whole. */
  readonly of?: readonly [string, string];
  /** Percent columns: the whole is one number, repeated in every row, not a sum of the rows'. */
  readonly sharesWhole?: boolean;
  /** How the column is totalled; percent columns with `of` follow their parts by themselves. */
  readonly total?: 'sum' | 'min' | 'max';
}

/**
 * Drawn above its table, from the table's own rows; all keys are keys of those rows.
 *
 * - `bar`: lying, for named things · `column`: standing, for ordered ones; several values stand
 *   stacked on each other
 * - `line`: curves over ordered steps · `histogram`: how many lie in each band of a score
 * - `heat`: things × columns, shaded by number · `flow`: from where to where, as a shaded matrix
 * - `calendar`: spans of days under the months
 */
export type Chart = BarChart | LineChart | HistogramChart | HeatChart | FlowChart | CalendarChart;

interface TitledChart {
  /** Chinese: what is seen, with its unit. */
  readonly title: string;
}

export interface BarChart extends TitledChart {
  readonly kind: 'bar' | 'column';
  readonly category: string;
  readonly values: readonly string[];
}

export interface LineChart extends TitledChart {
  readonly kind: 'line';
  readonly category: string;
  readonly values: readonly string[];
  /** The axis begins at 0: heights are compared, and not where the curve bends. */
  readonly fromZero?: true;
}

export interface HistogramChart extends TitledChart {
  readonly kind: 'histogram';
  /** Hundredths: where a band begins, and where the next one does; null: not on the axis. */
  readonly lower: string;
  readonly upper: string;
  readonly values: readonly string[];
}

export interface HeatChart extends TitledChart {
  readonly kind: 'heat';
  readonly category: string;
  readonly values: readonly string[];
}

export interface FlowChart extends TitledChart {
  readonly kind: 'flow';
  readonly from: string;
  readonly to: string;
  readonly value: string;
}

export interface CalendarChart extends TitledChart {
  readonly kind: 'calendar';
  readonly category: string;
  /** Dates; both days belong to the span. */
  readonly from: string;
  readonly to: string;
  /** `phase`, `batch`, `window` or `day`: how it is painted. */
  readonly form: string;
}

export interface Section {
  readonly id: string;
  /** Chinese; also the name of its sheet, so at most 31 characters without []/\:*?. */
  readonly title: string;
  readonly columns: readonly Column[];
  /** Chinese: the order of the rows. */
  readonly order: string;
  /** Chinese: what is said where there is no row. */
  readonly empty: string;
  readonly note?: string;
  readonly chart?: Chart;
}

export interface Definition {
  readonly term: string;
  readonly meaning: string;
}

/** A JSON Schema of an object whose properties are flat; checked by ajv. */
export interface ParametersSchema {
  readonly type: 'object';
  readonly additionalProperties: false;
  readonly required?: readonly string[];
  readonly properties: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

export type Parameters = Readonly<Record<string, string | number | boolean>>;

export type ReportFormat = 'csv' | 'json' | 'html' | 'xlsx' | 'pdf';

/** What a rendering needs of a report; a document of other origin has just this. */
export interface ReportFrame {
  /** As in spec/functions.md. */
  readonly id: string;
  /** Chinese. */
  readonly title: string;
  /** Chinese: the menu of the notice's annex 1. */
  readonly menu: string;
  readonly side: 'office' | 'school';
  readonly parameters: ParametersSchema;
  readonly sections: readonly Section[];
  readonly definitions: readonly Definition[];
  /**
   * `exchange`: for machines, as formats.md: keys as header, no byte order mark, LF, values as they
   * are. `sheet` (default): for people: byte order mark, Chinese header, CRLF, guarded cells.
   */
  readonly csv?: 'exchange' | 'sheet';
  /** The report looks for no findings: where there is none, nothing is said of it. */
  readonly withoutFindings?: true;
  /** The section that CSV holds unless another is asked for; the first one by default. */
  readonly mainSection?: string;
  /** Draws the report as PDF; a report without it has none. */
  readonly paper?: (rendering: Rendering) => Promise<Uint8Array>;
}

export interface Report extends ReportFrame {
  /**
   * Reads, inside one snapshot of the database.
   *
   * @throws CodedError from errors.ts
   */
  select(context: SelectContext, parameters: Parameters): Promise<ReportContent>;
}

/** Declares a report; what is declared can't be changed afterwards. */
export function defineReport(report: Report): Report {
  return Object.freeze(report);
}

export interface ReportContext {
  readonly season: number;
  /** Who makes the report; printed at its head. */
  readonly actor: string;
  /** True: names, identity numbers and telephone numbers are shown in full. */
  readonly unmasked: boolean;
  /** Chinese: what the reader needs personal data for; kept in the access record. */
  readonly purpose?: string;
  /** The current instant. */
  now(): Date;
}

export interface SelectContext extends ReportContext {
  /** One connection in a read-only repeatable-read transaction: every query sees the same data. */
  readonly session: Session;
}

/** Printed at the head of every report. */
export interface ReportHead {
  /** Chinese: what the report is about, e.g. 广州市（440100）· 中等职业学校批 · 第1轮. */
  readonly scope: string;
  readonly businessDate: string | null;
  /** The last change that the data contains, `YYYY-MM-DD HH:MM:SS` in Asia/Shanghai; null: none. */
  readonly dataUntil: string | null;
  readonly runs: readonly number[];
  readonly policies: readonly PolicyMark[];
  /** 示例数据: a sample database (formats.md). */
  readonly sample: boolean;
}

/** The seal of the trail, made nightly, that the report's data stands under. */
export interface TrailMark {
  readonly seal: number;
  readonly businessDate: string;
  readonly hash: string;
}

export type SignStep = 'prepared' | 'reviewed' | 'approved' | 'published' | 'withdrawn';

/** How far a report is signed. */
export interface SignMark {
  readonly version: number;
  readonly state: SignStep | 'open';
  /** Of the rows that were signed. */
  readonly hash: string | null;
  /** In order, with who and when. */
  readonly steps: readonly { readonly step: SignStep; readonly by: string }[];
  /** Why it was withdrawn. */
  readonly reason: string | null;
}

export interface PolicyMark {
  readonly baseVersion: number;
  readonly baseHash: string;
  readonly overlayHash: string;
}

/** Something that a person must look at; shown before anything else. */
export interface ReportFinding {
  readonly severity: 'error' | 'warning';
  /** P1 … P16, or a code. */
  readonly property: string;
  readonly place: string;
  readonly sentence: string;
  /** Chinese: what it stops, or what to do. */
  readonly consequence: string;
  /** At most a few of the rows that show it. */
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  readonly rowCount: number;
}

/** A fact of the report as a whole, shown large. */
export interface Figure {
  readonly key: string;
  readonly title: string;
  readonly type: ColumnType;
  readonly value: Cell;
  readonly unit?: string;
  readonly masked?: Mask;
  /** percent: part and whole. */
  readonly of?: readonly [number, number];
}

/** One measure then and now. */
export interface Change {
  readonly title: string;
  readonly type: 'integer' | 'hundredths';
  readonly unit?: string;
  readonly before: number | null;
  readonly now: number | null;
}

/** Two ways to the same number. Where they differ, it becomes the first finding. */
export interface Reconciliation {
  readonly sentence: string;
  readonly left: number;
  readonly right: number;
}

/** A line across a chart, e.g. a score line; what the chart does not reach is left out. */
export interface ChartMark {
  readonly section: string;
  /** The category it stands at; on a calendar, a date. */
  readonly category?: string;
  /** Histograms: hundredths. */
  readonly at?: number;
  /** Chinese. */
  readonly title: string;
}

export interface ReportContent {
  readonly head: ReportHead;
  readonly findings: readonly ReportFinding[];
  readonly figures?: readonly Figure[];
  /** Chinese: since what; null: there is nothing to compare with, and it is said. */
  readonly since?: string | null;
  readonly changes?: readonly Change[];
  /**
   * In place of the declared sections of the same ids, where the columns depend on what is asked;
   * what is declared then says how they look without parameters.
   */
  readonly sections?: readonly Section[];
  /** Section id → rows. A section that is left out is not shown. Streams are read in order. */
  readonly rows: Readonly<Record<string, Rows>>;
  readonly marks?: readonly ChartMark[];
  readonly reconciliations?: readonly Reconciliation[];
  /** Where the report itself settles who sees people in full: by the reader's duty. */
  readonly unmasked?: boolean;
}

/** Everything that a renderer needs. */
export interface Rendering {
  readonly report: ReportFrame;
  readonly content: ReportContent;
  readonly actor: string;
  readonly unmasked: boolean;
  /** `YYYY-MM-DD HH:MM:SS`, Asia/Shanghai. */
  readonly madeAt: string;
  /** null: nothing is sealed yet. */
  readonly trail: TrailMark | null;
  /** null: nobody has signed it. */
  readonly signed: SignMark | null;
  /** HTML only: other files of the same publication. */
  readonly links: readonly PageLink[];
}

export interface PageLink {
  readonly title: string;
  /** Relative to the page. */
  readonly href: string;
  /** Chinese; links of one group stand together. */
  readonly group: string;
}

/** Rows of either kind as chunks. */
export async function* chunksOf(rows: Rows): AsyncGenerator<readonly Row[]> {
  if (isArray(rows)) yield rows;
  else yield* rows;
}

export function isArray(rows: Rows): rows is readonly Row[] {
  return Array.isArray(rows);
}
