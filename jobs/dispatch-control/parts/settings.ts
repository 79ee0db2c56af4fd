/**
 * One change of a city's settings 投档控制: the overlay's YAML with the edit made, checked as a
 * policy folder is, and kept as the city's next version in the act's transaction. Runs name the
 * version that they were made under, so a change shows in the next one only; and the next one needs
 * the version signed by two officers (adopt-city-settings).
 */
import { adoptOverlay, readPolicy, signOverlay } from '../../../db/policies.ts';
import { latestOverlay, type OverlayVersion } from '../../../db/season/overlay-versions.ts';
import { editOverlay, type OverlayEdit } from '../../../engine/policy/edit-overlay.ts';
import { emptyOverlayHash, policyFromStored } from '../../../engine/policy/load.ts';
import type { Author } from '../../../engine/policy/overlay.ts';
import type { FullPolicy } from '../../../engine/policy/types.ts';
import type { Problem } from '../../../engine/problem.ts';
import type { Act } from '../../act/act.ts';
import { actError } from '../../act/errors.ts';
import type { Answer } from '../../act/function-job.ts';
import { controlError } from '../errors.ts';
import { knownCodes } from './known-codes.ts';

export interface SettingsChange {
  readonly city: string;
  readonly edit: OverlayEdit;
  /** Stands beside what is set; `sample` unless told. */
  readonly basis?: string | undefined;
  /** Whom the edit needs; a city unless told. */
  readonly author?: Author;
  readonly major?: string;
  /** For the event, beside the edit and the hashes. */
  readonly note?: Readonly<Record<string, unknown>>;
  /**
   * Where the version before was signed, so is this one: two have decided the change, or nobody
   * has, since it only takes something back.
   */
  readonly signedOn?: { readonly by: string; readonly countersignedBy: string | null };
}

export interface ChangedSettings {
  /** false: the settings say that already; no new version, no event. */
  readonly changed: boolean;
  readonly version: number;
  readonly hash: string;
  readonly signed: boolean;
}

/**
 * Makes the change and records it. Whether the batch is open for it, the caller has asked.
 *
 * @throws settings-rejected with every problem, policy-needs-sample-database, and what the edit
 *   throws: batch-by-kinds, base-entry, no-such-entry, overlay-list-cleared
 */
export async function changeSettings<I>(
  act: Act<I>,
  change: SettingsChange,
): Promise<ChangedSettings> {
  const { city, edit, basis, author, major, note, signedOn } = change;
  const before = await act.asRunner(session => latestOverlay(session, act.season, city));
  const { documents, base } = await baseInForce(act);
  const knowledge = await act.asRunner(session => knownCodes(session, act.season, city, base));
  const edited = editOverlay(documents, city, before?.document ?? null, edit, {
    knowledge,
    ...(basis === undefined ? {} : { basis }),
    ...(author === undefined ? {} : { author }),
  });
  if (!edited.ok) throw rejected(edited.problems);
  const oldHash = before?.hash ?? emptyOverlayHash();
  if (!edited.changed) return unchanged(before, oldHash);
  const { hash, content, document } = edited;
  const signed = signedOn !== undefined && before?.signed === true;
  const version = await act.asRunner(async session => {
    const by = { actor: act.user.user, at: act.at };
    const overlay = { city, hash, content, document };
    const sample = content.includes('"basis":"sample"');
    const adopted = await adoptOverlay(session, act.season, overlay, by, sample);
    if (signed) {
      const { by: signedBy, countersignedBy } = signedOn;
      const place = { season: act.season, city, version: adopted };
      await signOverlay(session, place, { signedBy, countersignedBy, at: act.at });
    }
    return adopted;
  });
  act.record({
    city,
    ...(major === undefined ? {} : { major }),
    note: { ...note, edit, version, before: oldHash, after: hash },
  });
  return { changed: true, version, hash, signed };
}

/** What an officer is told. */
export function answerOf(what: string, settings: ChangedSettings): Answer {
  const { changed, version, hash, signed } = settings;
  const values = { changed, version, overlay: hash, signed };
  if (!changed) return { lines: [`${what}：与现行设置相同，未作改动。`], values };
  const next = signed
    ? '下一次投档起生效。'
    : '由两人签署（adopt-city-settings）后，下一次投档起生效。';
  return {
    lines: [`${what}：已记为本市设置第 ${version} 版（${hash.slice(0, 12)}），${next}`],
    values,
  };
}

/** The province's documents in force, and what they say alone. */
export async function baseInForce<I>(
  act: Act<I>,
): Promise<{ documents: Readonly<Record<string, string>>; base: FullPolicy }> {
  const stored = await act.asRunner(session => readPolicy(session, act.season));
  if (stored === null) throw actError('no-policy', { season: act.season });
  const { documents } = stored.base;
  return { documents, base: policyFromStored(documents, null) };
}

function unchanged(before: OverlayVersion | null, hash: string): ChangedSettings {
  return { changed: false, version: before?.version ?? 0, hash, signed: before?.signed ?? false };
}

function rejected(problems: readonly Problem[]): Error {
  return controlError('settings-rejected', {
    count: problems.length,
    problems: problems.map(problemText).join('；'),
  });
}

/** `cities/440400.yaml:12:7 〔unknown-fact〕…（所在行：…）` */
export function problemText(problem: Problem): string {
  const { file, line, column, code, message, excerpt } = problem;
  const place = line === 0 ? file : `${file}:${line}:${column}`;
  const shown = excerpt.trim() === '' ? '' : `（所在行：${excerpt.trim()}）`;
  return `${place} 〔${code}〕${message.replace(/[。；]$/u, '')}${shown}`;
}
