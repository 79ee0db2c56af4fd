/**
 * The one way to the state `admitted` 录取: each admission gets its letter's number here, at that
 * moment, whoever admits – a rule, a reviewer, a city by hand, a lottery, a transfer. A file that
 * comes back and is admitted again gets a new number: the letter that it had is void.
 */

import { takeNumbers } from '../../../db/season/counters.ts';
import type { StandingFile } from '../../../db/season/files.ts';
import type { Act } from '../../act/act.ts';

export interface Admission {
  readonly file: StandingFile;
  /** approve-admission, approve-entry, admit-directly, transfer, city-snapshot. */
  readonly event: string;
  readonly school: string;
  readonly major: string;
  /** The batch that it counts against. */
  readonly batch: string;
  /** The phase that it belongs to: which deadline it has to register. */
  readonly phase: string;
  /** The dispatch list that it stays on; of a submitted list its own, else none, unless told. */
  readonly list?: number | null;
  /** After a transfer: its own last day to register, and how many there were. */
  readonly registerBy?: string | null;
  readonly transfers?: number;
  /** Ids of the rules behind it; the function's id unless told. */
  readonly decision?: string;
  readonly note?: Readonly<Record<string, unknown>>;
  /** It concludes the applications that would bar it. */
  readonly despiteApplication?: boolean;
}

/** Name of the counter of a school's letters, per season. */
export function letterCounter(school: string): string {
  return `letter|${school}`;
}

/** Admits one file. @returns it as it stands then @throws event-not-allowed, application-open */
export async function admitted<I>(act: Act<I>, admission: Admission): Promise<StandingFile> {
  const [file] = await admittedAll(act, [admission]);
  return file as StandingFile;
}

/**
 * Admits files, in that order; letters are numbered in it too. Counters are taken in the order of
 * the schools' codes, so that two acts never wait for each other.
 */
export async function admittedAll<I>(
  act: Act<I>,
  admissions: readonly Admission[],
): Promise<StandingFile[]> {
  const bySchool = Map.groupBy(admissions, ({ school }) => school);
  const letters = new Map<Admission, number>();
  await act.asRunner(async session => {
    for (const school of [...bySchool.keys()].toSorted()) {
      const members = bySchool.get(school) ?? [];
      const counter = letterCounter(school);
      const first = await takeNumbers(session, act.season, counter, members.length);
      members.forEach((member, index) => {
        letters.set(member, first + index);
      });
    }
  });
  return admissions.map(admission => admit(act, admission, letters.get(admission) as number));
}

function admit<I>(act: Act<I>, admission: Admission, letter: number): StandingFile {
  const { file, event, school, major, batch, phase, decision, despiteApplication } = admission;
  const ownList = event === 'approve-admission' ? file.list : null;
  return act.move(file, event, {
    to: 'admitted',
    change: {
      school,
      major,
      batch,
      list: admission.list === undefined ? ownList : admission.list,
      phase,
      letter,
      registerBy: admission.registerBy ?? null,
      transfers: admission.transfers ?? file.transfers,
      reason: null,
      decidedBy: null,
      reopenedUntil: null,
      reopenedForReview: false,
    },
    note: { ...admission.note, letter },
    ...(decision === undefined ? {} : { decision }),
    ...(despiteApplication === undefined ? {} : { despiteApplication }),
  });
}
