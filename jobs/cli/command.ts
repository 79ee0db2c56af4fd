/** What a command of the command line is, and the options that many share. */
import type { Outcome, Output } from './output.ts';

/** What every command is handed beside its own options. */
export interface Invocation {
  readonly json: boolean;
  /** Log lines on stderr too. */
  readonly verbose: boolean;
  readonly output: Output;
}

export type Options = Readonly<Record<string, string | boolean | undefined>>;

export type Action = (
  invocation: Invocation,
  options: Options,
  parameters: readonly string[],
) => Promise<Outcome>;

export interface Definition {
  /** Name with its arguments, as commander writes them. */
  readonly name: string;
  readonly description: string;
  readonly options?: readonly (readonly [flags: string, description: string, preset?: string])[];
  readonly required?: readonly (readonly [flags: string, description: string])[];
  readonly action: () => Promise<Action>;
}

export const AS = ['--as <用户>', '以谁的身份'] as const;
export const PURPOSE = ['--purpose <用途>', '查阅个人信息的用途，记入查阅记录'] as const;
export const AT = ['--at <时刻>', '设定时钟，如 2016-07-20T19:30（仅限样例数据库）'] as const;
export const DATE = ['--date <日期>', '业务日期，如 2016-07-20'] as const;
export const CITY = ['--city <代码>', '地市代码'] as const;
export const BATCH = ['--batch <批次>', '批次'] as const;
