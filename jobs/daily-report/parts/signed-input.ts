/** Which report an act of signing is about: report, city (or the province), day. */
import type { SignedReportKey } from '../../../db/season/signed-reports.ts';
import { findReport } from '../../../reports/registry.ts';
import type { Place, Target } from '../../act/function-job.ts';

export interface SignedInput {
  readonly report: string;
  readonly city?: string;
  readonly date: string;
}

export function signedKey(input: SignedInput): SignedReportKey {
  return { report: input.report, city: input.city ?? '', day: input.date };
}

/** @throws unknown-report */
export async function signedTarget({ input }: Place<SignedInput>): Promise<Target> {
  findReport(input.report);
  return { cities: input.city === undefined ? [] : [input.city] };
}
