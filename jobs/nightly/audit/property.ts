/**
 * A property of file-life.md as the audit recounts it, and how its faults are asked for: a query
 * whose every row shows a fault, with the school in a column `school` where one can be named.
 */
import type { AuditCase } from './case.ts';

export type PropertyId =
  | 'P1'
  | 'P2'
  | 'P3'
  | 'P4'
  | 'P5'
  | 'P6'
  | 'P7'
  | 'P8'
  | 'P9'
  | 'P10'
  | 'P11'
  | 'P12'
  | 'P13'
  | 'P14'
  | 'P15'
  | 'P16';

/** One fault of a property, with the rows that show it. */
export interface Fault {
  /** What exactly is wrong, for machines and tests: `envy`, `room-left`, … */
  readonly fault: string;
  /** Chinese; the reader knows the property, and is told what was found. */
  readonly sentence: string;
  /** Codes of the schools shown; empty: none can be named. */
  readonly schools: readonly string[];
  /** At most ROWS_MAX, without names and identity numbers. */
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  readonly rowCount: number;
  /** Nothing that was placed rests on it: it is reported, and stops nothing. */
  readonly harmless?: true;
}

export interface Property {
  readonly id: PropertyId;
  /** Chinese. */
  readonly title: string;
  find(audit: AuditCase): Promise<Fault[]>;
}

/** Rows that a finding shows; the count goes on. */
export const ROWS_MAX = 100;

/** A fault to look for: its rows are those of the query. */
export interface Question {
  readonly fault: string;
  readonly sentence: string;
  /** A query; its column `school`, where it has one, names the school or is null. */
  readonly sql: string;
  /** As of a fault. */
  readonly harmless?: true;
}

/** A relation that several questions of a property stand on, made once for all of them. */
export interface SharedRelation {
  readonly name: string;
  readonly sql: string;
}

/** As `with` writes it. */
export function sharedSql(shared: SharedRelation): string {
  return `${shared.name} as materialized (${shared.sql})`;
}

/** Whom to ask, and the values that questions name as `$1`, `$2`, …, where they name any. */
export interface Asking extends Pick<AuditCase, 'session'> {
  readonly given?: GivenValues;
}

export interface GivenValues {
  readonly values: readonly unknown[];
  /** `$1::text, $2::integer`: all of them, since a question may leave some out. */
  readonly typed: string;
}

interface QuestionAnswer {
  /** Place of the question. */
  readonly place: number;
  readonly count: number;
  readonly schools: (string | null)[] | null;
  readonly rows: Record<string, unknown>[] | null;
}

/**
 * Asks the questions, all in one statement: most find nothing, and the way to the server and back
 * would take longer than the answer.
 *
 * @param shared what the questions stand on
 * @returns the faults; a fault one of whose rows names no school names none at all, because then
 *   the whole city × batch is in doubt
 */
export async function ask(
  audit: Asking,
  questions: readonly Question[],
  shared: SharedRelation | null = null,
): Promise<Fault[]> {
  if (questions.length === 0) return [];
  const { session, given } = audit;
  const all = questions.map(questionSql).join(' union all ');
  const before = [
    ...(given === undefined ? [] : [`given_ as (select ${given.typed})`]),
    ...(shared === null ? [] : [sharedSql(shared)]),
  ];
  const beginning = before.length === 0 ? '' : `with ${before.join(', ')} `;
  const answers = await session.query<QuestionAnswer>(
    `${beginning}select * from (${all}) answers order by place`,
    given?.values,
  );
  return answers
    .filter(({ count }) => count > 0)
    .map(({ place, count, schools, rows }) => {
      const { fault, sentence, harmless } = questions[place] as Question;
      const named = schools ?? [];
      return {
        fault,
        sentence,
        schools: named.includes(null) ? [] : (named as string[]).toSorted(),
        rows: rows ?? [],
        rowCount: count,
        ...(harmless === undefined ? {} : { harmless }),
      };
    });
}

function questionSql({ sql }: Question, place: number): string {
  return `(with shown as materialized (select to_jsonb(q) as row from (${sql}) q)
    select ${place} as place, count(*)::integer as count,
      array_agg(distinct row ->> 'school') as schools,
      (select jsonb_agg(row)
       from (select row from shown order by row limit ${ROWS_MAX}) s) as rows
    from shown)`;
}
