/**
 * The whole trail of all seasons: every chain, the seals, and the state fold of every file. The
 * caller holds one snapshot (repeatable read), so that work that goes on is no fault.
 */
import type { Session } from '../connect.ts';
import { NO_PREVIOUS_HASH } from './canonical.ts';
import { type FoldCheck, verifyFolds } from './fold.ts';
import { chainsOf, readSeals, type Seal, sealHash } from './seal.ts';
import { type ChainCheck, type ExpectedHead, verifyChain } from './verify.ts';

/** One thing that is wrong. What does not apply is null. */
export interface TrailFault {
  /** `head-differs`, `content-changed`, `seal-missing`, `state-differs`, … */
  readonly kind: string;
  readonly season: number;
  /** '': the province's own chain; null: not of one chain. */
  readonly city: string | null;
  readonly block: number | null;
  readonly event: number | null;
  readonly file: number | null;
  /** Chinese. */
  readonly sentence: string;
}

export interface SeasonCheck {
  readonly season: number;
  readonly chains: readonly ChainCheck[];
  readonly folds: readonly FoldCheck[];
  /** How many seals the database holds, and how many of those kept elsewhere were compared. */
  readonly seals: number;
  readonly sealsElsewhere: number;
}

export interface TrailCheck {
  readonly seasons: readonly SeasonCheck[];
  /** In the order in which they were met: seals, chains, folds of a season. Empty: all is whole. */
  readonly faults: readonly TrailFault[];
}

export interface VerifyTrailOptions {
  /** Seals kept elsewhere, of any seasons. */
  readonly seals?: readonly Seal[];
  readonly onProgress?: (stage: string, done: number, total: number) => void;
}

/** Verifies everything that the trail says. */
export async function verifyTrail(
  session: Session,
  { seals = [], onProgress = () => {} }: VerifyTrailOptions = {},
): Promise<TrailCheck> {
  const rows = await session.query<{ season: number }>('select season from seasons order by 1');
  const elsewhere = Map.groupBy(seals, seal => seal.season);
  const numbers = new Set([...rows.map(row => row.season), ...elsewhere.keys()]);
  const seasons: SeasonCheck[] = [];
  const faults: TrailFault[] = [];
  for (const season of [...numbers].sort((a, b) => a - b)) {
    const check = await verifySeason(session, season, elsewhere.get(season) ?? [], onProgress);
    seasons.push(check.season);
    faults.push(...check.faults);
  }
  return { seasons, faults };
}

async function verifySeason(
  session: Session,
  season: number,
  elsewhere: readonly Seal[],
  onProgress: (stage: string, done: number, total: number) => void,
): Promise<{ season: SeasonCheck; faults: TrailFault[] }> {
  const stored = await readSeals(session, season);
  const doubtful = firstDiffering(stored, elsewhere);
  // From where seals were rewritten on, those in the database agree with whatever was done.
  const trusted = stored.filter(one => doubtful === null || one.seal < doubtful.seal);
  const faults = [
    ...chainOfSeals(season, stored, '数据库'),
    ...chainOfSeals(season, byNumber(elsewhere), '另存的封签文件'),
    ...differingSeal(season, stored, doubtful),
  ];
  const cities = new Set(await chainsOf(session, season));
  for (const seal of elsewhere) for (const head of seal.heads) cities.add(head.city);
  const total = await countEvents(session, season);
  const chains: ChainCheck[] = [];
  const folds: FoldCheck[] = [];
  let done = 0;
  for (const city of [...cities].sort()) {
    const heads = [...headsOf(trusted, city, '数据库中'), ...headsOf(elsewhere, city, '另存的')];
    const chain = await verifyChain(session, season, city, {
      heads,
      onEvents: events => onProgress(`${season} 年度轨迹`, done + events, total),
    });
    done += chain.events;
    chains.push(chain);
    if (chain.fault !== null) faults.push({ season, city, file: null, ...chain.fault });
  }
  for (const [index, city] of [...cities].sort().entries()) {
    onProgress(`${season} 年度档案`, index, cities.size);
    const folded = await verifyFolds(session, season, city);
    folds.push(folded);
    faults.push(...foldFaults(folded));
  }
  const counts = { seals: stored.length, sealsElsewhere: elsewhere.length };
  return { season: { season, chains, folds, ...counts }, faults };
}

async function countEvents(session: Session, season: number): Promise<number> {
  const [row] = await session.query<{ events: number }>(
    'select count(*) as events from events where season = $1',
    [season],
  );
  return row?.events ?? 0;
}

function foldFaults({ season, city, faults, broken }: FoldCheck): TrailFault[] {
  const place = city === '' ? '全省' : city;
  const told = faults.map(fault => ({
    ...fault,
    season,
    city,
    block: null,
    sentence: `${place}：${fault.sentence}。`,
  }));
  if (broken <= faults.length) return told;
  const rest = `${place}：另有 ${broken - faults.length} 份档案的状态与事件不符。`;
  const more = { kind: 'state-differs', season, city, block: null, event: null, file: null };
  return [...told, { ...more, sentence: rest }];
}

function headsOf(seals: readonly Seal[], city: string, where: string): ExpectedHead[] {
  return seals.flatMap(({ seal, businessDate, heads }) =>
    heads
      .filter(head => head.city === city)
      .map(head => ({ ...head, source: `${where}第 ${seal} 号封签（${businessDate}）` })),
  );
}

function byNumber(seals: readonly Seal[]): Seal[] {
  return seals.toSorted((one, other) => one.seal - other.seal);
}

const sealFault = (kind: string, season: number, sentence: string): TrailFault => ({
  kind,
  season,
  city: null,
  block: null,
  event: null,
  file: null,
  sentence: `${season} 年度的封签：${sentence}。`,
});

/** Each seal has the hash of its contents, and follows the one before. */
function chainOfSeals(season: number, seals: readonly Seal[], where: string): TrailFault[] {
  let previous = NO_PREVIOUS_HASH;
  let number = 0;
  for (const seal of seals) {
    number += 1;
    if (seal.seal !== number) {
      return [sealFault('seal-missing', season, `${where}缺少第 ${number} 号封签`)];
    }
    if (seal.previousHash !== previous || sealHash(seal) !== seal.hash) {
      const what = `${where}的第 ${number} 号封签（${seal.businessDate}）内容与校验值不符`;
      return [sealFault('seal-changed', season, what)];
    }
    previous = seal.hash;
  }
  return [];
}

/** The first seal kept elsewhere that the database does not hold as it was. */
function firstDiffering(stored: readonly Seal[], elsewhere: readonly Seal[]): Seal | null {
  const held = new Map(stored.map(seal => [seal.seal, seal.hash]));
  return byNumber(elsewhere).find(({ seal, hash }) => held.get(seal) !== hash) ?? null;
}

function differingSeal(
  season: number,
  stored: readonly Seal[],
  doubtful: Seal | null,
): TrailFault[] {
  if (doubtful === null) return [];
  const name = `第 ${doubtful.seal} 号封签（${doubtful.businessDate}）`;
  return stored.some(one => one.seal === doubtful.seal)
    ? [sealFault('seal-differs', season, `数据库中的${name}与另存的不一致`)]
    : [sealFault('seal-missing', season, `数据库中没有另存的${name}，封签被删去`)];
}
