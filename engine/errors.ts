/**
 * Errors that people see are values of one table: code, Chinese sentence, what to do, exit code.
 * The original cause is kept. Exit codes are those of the command (formats.md): 2 wrong usage,
 * 3 bad input, 4 refused by a rule or a right, 5 failed and resumable.
 */
export interface ErrorKind {
  /** A Chinese sentence; `{name}` is replaced by the detail of that name. */
  readonly sentence: string;
  /** What the reader should do, in Chinese. */
  readonly advice: string;
  readonly exitCode: 2 | 3 | 4 | 5;
  /** The article that this refusal rests on, where it is always the same. */
  readonly basis?: string;
}

/** Declares a table of errors and checks nothing but its type; each room keeps its own table. */
export function errorTable<T extends Record<string, ErrorKind>>(table: T): Readonly<T> {
  return Object.freeze(table);
}

export type ErrorDetail = Readonly<Record<string, string | number | boolean | null>>;

/** An error with a code that the tables declare. `message` is the Chinese sentence, filled in. */
export class CodedError extends Error {
  readonly code: string;
  readonly advice: string;
  readonly exitCode: number;
  readonly detail: ErrorDetail;
  /** The article that the refusal rests on, where there is one. */
  readonly basis: string | undefined;

  constructor(
    code: string,
    kind: ErrorKind,
    detail: ErrorDetail = {},
    options: { cause?: unknown; basis?: string } = {},
  ) {
    super(
      fill(kind.sentence, detail),
      options.cause === undefined ? undefined : { cause: options.cause },
    );
    this.name = 'CodedError';
    this.code = code;
    this.advice = fill(kind.advice, detail);
    this.exitCode = kind.exitCode;
    this.detail = detail;
    this.basis = options.basis ?? kind.basis;
  }
}

/** Makes the thrower of one table: `fail('unknown-city', { city })`. */
export function thrower<T extends Record<string, ErrorKind>>(table: T) {
  return (
    code: keyof T & string,
    detail: ErrorDetail = {},
    options: { cause?: unknown; basis?: string } = {},
  ): CodedError => new CodedError(code, table[code] as ErrorKind, detail, options);
}

function fill(template: string, detail: ErrorDetail): string {
  return template.replace(/\{([a-zA-Z]+)\}/g, (whole, name: string) =>
    name in detail ? String(detail[name]) : whole,
  );
}
