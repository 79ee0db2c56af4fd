/**
 * One edit of a city's overlay of the policy, as the city's next version, in the act's transaction:
 * made and checked by the loader as a folder's file would be.
 */
import { adoptOverlay, readPolicy } from '../../../db/policies.ts';
import {
  type EditOptions,
  editOverlay,
  type OverlayEdit,
} from '../../../engine/policy/edit-overlay.ts';
import { emptyOverlayHash } from '../../../engine/policy/load.ts';
import type { Problem } from '../../../engine/problem.ts';
import type { Act } from '../../act/act.ts';
import { actError } from '../../act/errors.ts';
import { baseDataError } from '../errors.ts';

export interface EditedSettings {
  /** false: it said that already; no new version. */
  readonly changed: boolean;
  readonly version: number;
  /** Hashes before and after. */
  readonly before: string;
  readonly after: string;
}

/** @throws overlay-rejected, policy-needs-sample-database, base-entry, no-such-entry */
export async function editOwnOverlay<I>(
  act: Act<I>,
  city: string,
  edit: OverlayEdit,
  options: EditOptions = {},
): Promise<EditedSettings> {
  return act.asRunner(async session => {
    const stored = await readPolicy(session, act.season);
    if (stored === null) throw actError('no-policy', { season: act.season });
    const former = stored.overlays.get(city);
    const { documents } = stored.base;
    const edited = editOverlay(documents, city, former?.document ?? null, edit, options);
    if (!edited.ok) throw rejected(edited.problems);
    const before = former?.hash ?? emptyOverlayHash();
    const { hash: after, content, document, changed } = edited;
    if (!changed) return { changed, version: former?.version ?? 0, before, after };
    const by = { actor: act.user.user, at: act.at };
    const overlay = { city, hash: after, content, document };
    const sample = content.includes('"basis":"sample"');
    const version = await adoptOverlay(session, act.season, overlay, by, sample);
    return { changed, version, before, after };
  });
}

function rejected(problems: readonly Problem[]): Error {
  const said = problems.map(problem => {
    const place = problem.line === 0 ? '' : `（第 ${problem.line} 行）`;
    return `${problem.message.replace(/[。；]$/u, '')}${place}`;
  });
  return baseDataError('overlay-rejected', { count: problems.length, problems: said.join('；') });
}
