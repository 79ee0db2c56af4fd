/** Whether a package may come into this database at all. */
import type { Session } from '../../connect.ts';
import { sampleBasisInForce } from '../../policies.ts';
import { fail } from '../errors.ts';
import type { OpenedPackage } from '../open.ts';

/** @throws wrong-season, season-closed */
export async function requireSeason(
  session: Session,
  season: number,
  opened: OpenedPackage,
): Promise<void> {
  const found = opened.description.season;
  if (found !== null && found !== season) throw fail('wrong-season', { found, season });
  const [row] = await session.query<{ closed: boolean }>(
    'select closed from seasons where season = $1',
    [season],
  );
  if (row?.closed === true) throw fail('season-closed', { season });
}

/**
 * Real people must not meet made-up rules or a clock that was set: a package not marked synthetic
 * is refused where either is in force (formats.md).
 *
 * @throws not-synthetic
 */
export async function requireSample(session: Session, opened: OpenedPackage): Promise<void> {
  if (opened.description.synthetic) return;
  if (await sampleBasisInForce(session)) {
    throw fail('not-synthetic', { reason: '采用的政策含有示例值（basis: sample）' });
  }
  const clock = await session.query("select 1 from settings where key = 'clock'");
  if (clock.length > 0) throw fail('not-synthetic', { reason: '曾用 --at 设定过时钟' });
}
